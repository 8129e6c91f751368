"""Rules that are obeyed, and replays of what they have archived; moto's models, made to work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import moto.events.models
import moto.events.utils
from moto.core.utils import unix_time
from moto.events.models import Archive, Replay, ReplayState
from moto.events.models import Rule as StoredRule

from millpond.event_patterns import EventPattern
from millpond.events.entries import Event
from millpond.events.exceptions import InvalidEventPatternRefused
from millpond.exceptions import InvalidEventPattern
from millpond.moto_models import stand_in


class PatternRule(StoredRule):
    """A rule whose pattern, if it has one, is read once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        text = self.event_pattern.dump()
        self._pattern = read_pattern(text) if text else None

    def wants(self, event: Mapping[str, Any]) -> bool:
        """Whether the rule is enabled and its pattern matches; a mere schedule wants no event."""
        return self.state != "DISABLED" and self._pattern is not None and self._pattern.matches(event)

    @property
    def archives(self) -> bool:
        """Whether EventBridge itself made the rule, for an archive."""
        return self.managed_by is not None


class TimedReplay(Replay):
    """A replay of the archived events of its period, in their order, to the rules of the archive's bus."""

    def replay_events(self, archive: Archive) -> None:
        """Publish each event anew, under another id and with the replay's name."""
        begin, end = (_moment(given) for given in (self.event_start_time, self.event_end_time))
        service: Any = moto.events.models.events_backends[self.account_id][self.region]
        filters = self.destination.get("FilterArns") or ()
        events: list[Event] = list(archive.events)  # type: ignore[arg-type]  # as this module's service keeps them
        for event in sorted(events, key=lambda kept: str(kept["time"])):
            if begin <= _moment(event["time"]) <= end:
                service.publish(
                    self.destination["Arn"].rpartition("/")[2],
                    {**event, "replay-name": self.name},
                    only_rules=filters,
                )
        self.state = ReplayState.COMPLETED
        self.end_time = unix_time()


def read_pattern(text: str) -> EventPattern:
    """Read a pattern.

    Raises:
        InvalidEventPatternRefused: It is none.
    """
    try:
        return EventPattern(text)
    except InvalidEventPattern as error:
        raise InvalidEventPatternRefused(error) from None


def _moment(given: Any) -> datetime:
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given, UTC)
    return datetime.fromisoformat(str(given))


def install() -> None:
    """Have moto make these."""
    # Several targets of a rule may have one ARN: a page ends with an id.
    moto.events.utils.PAGINATION_MODEL["list_targets_by_rule"]["unique_attribute"] = "Id"
    stand_in(moto.events.models, "Rule", PatternRule)
    stand_in(moto.events.models, "Replay", TimedReplay)
