"""Filter criteria: which records of a source its function wants to see.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from moto.events.exceptions import InvalidEventPatternException
from moto.events.models import EventPattern, EventPatternParser

from millpond.functions.exceptions import InvalidParameterValue


class RecordFilter:
    """Patterns of which one has to match; without any, every record does."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [EventPattern(pattern, _parsed(pattern)) for pattern in patterns]

    def accepts(self, record: dict[str, Any]) -> bool:
        """Whether the function gets a record; `record` is as it would stand in the event."""
        if not self._patterns:
            return True
        document: Any = {**record, "body": _parsed_body(record["body"])}
        return any(pattern.matches_event(document) for pattern in self._patterns)


def patterns_of(filter_criteria: dict[str, Any] | None) -> tuple[str, ...]:
    """The patterns in a mapping's `FilterCriteria`.

    Raises:
        InvalidParameterValue: One of them is no pattern.
    """
    patterns = tuple(entry.get("Pattern", "{}") for entry in (filter_criteria or {}).get("Filters") or ())
    for pattern in patterns:
        _parsed(pattern)
    return patterns


def _parsed(pattern: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = EventPatternParser(pattern).parse()
    except (InvalidEventPatternException, AttributeError):
        raise InvalidParameterValue(f"Invalid filter pattern definition: {pattern}") from None
    return content


def _parsed_body(body: str) -> Any:
    """The body as the patterns see it: as an object if it is one, else as plain text."""
    try:
        return json.loads(body)
    except ValueError:
        return body
