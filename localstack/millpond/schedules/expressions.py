"""Schedule expressions, as EventBridge, EventBridge Scheduler and Glue read them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from millpond.schedules.cron_fields import CronDays, parse_days, parse_numbers, parse_years
from millpond.schedules.exceptions import InvalidScheduleExpression


class Schedule(Protocol):
    """Moments, one after another."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment later than this one, with its zone; None if there is none any more."""


@dataclass(frozen=True)
class Rate:
    """`rate(5 minutes)`: every so often since an anchor, which is not itself a moment of it."""

    interval: timedelta
    anchor: datetime

    def next_after(self, moment: datetime) -> datetime:
        """See `Schedule`."""
        periods = max((moment - self.anchor) // self.interval, 0) + 1
        return self.anchor + periods * self.interval


@dataclass(frozen=True)
class At:
    """`at(2026-01-31T18:00:00)`: once."""

    moment: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """See `Schedule`."""
        return self.moment if self.moment > moment else None


@dataclass(frozen=True)
class Cron:
    """`cron(minutes hours day-of-month month day-of-week year)`, by the clocks of a time zone.

    A time that a change of clocks leaves out is left out; one that comes twice counts once.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: CronDays
    months: tuple[int, ...]
    years: tuple[int, ...]
    zone: tzinfo

    def next_after(self, moment: datetime) -> datetime | None:
        """See `Schedule`."""
        local = moment.astimezone(self.zone)
        today = (local.year, local.month, local.day)
        for year in self.years:
            if year < local.year:
                continue
            for month in self.months:
                if (year, month) < today[:2]:
                    continue
                for day in self.days.of_month(year, month):
                    if (year, month, day) < today:
                        continue
                    found = self._first_of_day(year, month, day, moment)
                    if found is not None:
                        return found
        return None

    def _first_of_day(self, year: int, month: int, day: int, after: datetime) -> datetime | None:
        for hour in self.hours:
            for minute in self.minutes:
                candidate = datetime(year, month, day, hour, minute, tzinfo=self.zone)
                exists = candidate.astimezone(UTC).astimezone(self.zone).replace(fold=0) == candidate
                if exists and candidate.astimezone(UTC) > after.astimezone(UTC):
                    return candidate
        return None


def parse(expression: str, anchor: datetime, zone: tzinfo = UTC) -> Schedule:
    """Read an expression.

    Args:
        expression: `rate(…)`, `cron(…)` or `at(…)`.
        anchor: Since when a rate counts.
        zone: Whose clocks `cron` and `at` mean.

    Raises:
        InvalidScheduleExpression: It is none of the three, or one of its parts is wrong.
    """
    match = _EXPRESSION.fullmatch(expression.strip())
    if match is None:
        raise InvalidScheduleExpression(expression, "expected rate(…), cron(…) or at(…)")
    kind, content = match.groups()
    if kind == "rate":
        return Rate(_interval(expression, content), anchor)
    if kind == "at":
        return At(_moment(expression, content, zone))
    return _cron(expression, content, zone)


_EXPRESSION = re.compile(r"(rate|cron|at)\((.*)\)")
_RATE = re.compile(r"([1-9]\d*) (minute|minutes|hour|hours|day|days)")


def _interval(expression: str, content: str) -> timedelta:
    match = _RATE.fullmatch(content.strip())
    if match is None:
        raise InvalidScheduleExpression(
            expression, "a rate is a positive number and a unit: minutes, hours or days"
        )
    number, unit = int(match[1]), match[2]
    if unit.endswith("s") == (number == 1):
        raise InvalidScheduleExpression(expression, "the unit is singular for 1 and plural for all others")
    return timedelta(**{unit.rstrip("s") + "s": number})


def _moment(expression: str, content: str, zone: tzinfo) -> datetime:
    try:
        return datetime.strptime(content.strip(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        raise InvalidScheduleExpression(expression, "a moment is yyyy-mm-ddThh:mm:ss") from None


def _cron(expression: str, content: str, zone: tzinfo) -> Cron:
    fields = content.split()
    if len(fields) != 6:
        raise InvalidScheduleExpression(
            expression,
            "cron has six fields: minutes, hours, day of month, month, day of week, year",
        )
    minutes, hours, day_of_month, month, day_of_week, year = fields
    try:
        return Cron(
            minutes=parse_numbers("minutes", minutes),
            hours=parse_numbers("hours", hours),
            days=parse_days(day_of_month, day_of_week),
            months=parse_numbers("month", month),
            years=parse_years(year),
            zone=zone,
        )
    except ValueError as error:
        raise InvalidScheduleExpression(expression, str(error)) from None
