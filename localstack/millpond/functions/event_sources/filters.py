"""Filter criteria: which records of a source its function wants to see.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from millpond.event_patterns import EventPattern, any_matches
from millpond.exceptions import InvalidEventPattern
from millpond.functions.exceptions import InvalidParameterValue

_log = logging.getLogger(__name__)


class RecordFilter:
    """Patterns of which one has to match; without any, every record does.

    Args:
        patterns: As they stand in the mapping.
        payload: The field of a record that holds what the source carries, which patterns look into.
    """

    def __init__(self, patterns: Sequence[str], payload: str = "body") -> None:
        self._patterns = [EventPattern(pattern) for pattern in patterns]
        self._payload = payload

    def accepts(self, record: dict[str, Any]) -> bool:
        """Whether the function gets a record; `record` is as it would stand in the event."""
        if not self._patterns:
            return True
        return any_matches(self._patterns, {**record, self._payload: _parsed(record[self._payload])})


def patterns_of(filter_criteria: dict[str, Any] | None) -> tuple[str, ...]:
    """The patterns in a mapping's `FilterCriteria`.

    Raises:
        InvalidParameterValue: One of them is no pattern.
    """
    patterns = tuple(entry.get("Pattern", "{}") for entry in (filter_criteria or {}).get("Filters") or ())
    for pattern in patterns:
        try:
            EventPattern(pattern)
        except InvalidEventPattern as error:
            _log.info("%s is no pattern: %s", pattern, error.reason)
            raise InvalidParameterValue("Invalid filter pattern definition.") from None
    return patterns


def _parsed(payload: str) -> Any:
    """The payload as the patterns see it: as JSON if it is that, else as plain text."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload
