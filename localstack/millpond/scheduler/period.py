"""A schedule within its period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from millpond.schedules import Schedule


@dataclass(frozen=True)
class WithinPeriod:
    """The moments of a schedule that are not before a begin nor after an end."""

    schedule: Schedule
    begin: datetime | None
    end: datetime | None

    def next_after(self, moment: datetime) -> datetime | None:
        """See `Schedule`."""
        if self.begin is not None:
            moment = max(moment, self.begin - timedelta(microseconds=1))
        found = self.schedule.next_after(moment)
        return None if found is None or (self.end is not None and found > self.end) else found
