"""The six fields of AWS's cron.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class _Range:
    """The values that a field may have, and their names from the first on."""

    first: int
    last: int
    names: tuple[str, ...] = ()


_RANGES = {
    "minutes": _Range(0, 59),
    "hours": _Range(0, 23),
    "day of month": _Range(1, 31),
    "month": _Range(1, 12, _MONTH_NAMES),
    "day of week": _Range(1, 7, _WEEKDAY_NAMES),
    "year": _Range(1970, 2199),
}

# The days of a month that one item of a field means, in no order.
_DaysOfMonth = Callable[[int, int], Iterable[int]]


@dataclass(frozen=True)
class CronDays:
    """Day of month and day of week: one of the two says something, the other is `?`."""

    items: tuple[_DaysOfMonth, ...]

    def of_month(self, year: int, month: int) -> list[int]:
        """The days of a month, in order."""
        return sorted({day for item in self.items for day in item(year, month)})


def parse_numbers(field: str, text: str) -> tuple[int, ...]:
    """The values of a field of numbers, in order.

    Raises:
        ValueError: An item is none that this field knows.
    """
    values: set[int] = set()
    for item in text.upper().split(","):
        values.update(_values(field, item))
    return tuple(sorted(values))


def parse_years(text: str) -> tuple[int, ...]:
    """The years.

    Raises:
        ValueError: An item is no year from 1970 to 2199.
    """
    return parse_numbers("year", text)


def parse_days(day_of_month: str, day_of_week: str) -> CronDays:
    """The two fields of days.

    Raises:
        ValueError: Both or none of them is `?`, or an item is none that its field knows.
    """
    if (day_of_month == "?") == (day_of_week == "?"):
        raise ValueError("exactly one of day of month and day of week must be ?")
    if day_of_week == "?":
        return CronDays(tuple(_day_of_month(item) for item in day_of_month.upper().split(",")))
    return CronDays(tuple(_day_of_week(item) for item in day_of_week.upper().split(",")))


def _values(field: str, item: str) -> range:
    """`*`, `5`, `MON`, `1-5`, `*/15`, `0/15`, `1-30/5`."""
    bounds = _RANGES[field]
    span, _, step = item.partition("/")
    if step and not (step.isdecimal() and int(step) > 0):
        raise _unreadable(field, item)
    if span == "*":
        first, last = bounds.first, bounds.last
    elif "-" in span:
        first, last = (_number(field, part, item) for part in span.split("-", 1))
    else:
        first = _number(field, span, item)
        last = bounds.last if step else first
    if first > last:
        raise ValueError(f"{field}: {item} ends before it begins")
    return range(first, last + 1, int(step or 1))


def _number(field: str, text: str, item: str) -> int:
    bounds = _RANGES[field]
    if text in bounds.names:
        return bounds.first + bounds.names.index(text)
    if not text.isdecimal():
        raise _unreadable(field, item)
    number = int(text)
    if not bounds.first <= number <= bounds.last:
        raise ValueError(f"{field}: {number} is not between {bounds.first} and {bounds.last}")
    return number


def _unreadable(field: str, item: str) -> ValueError:
    return ValueError(f"{field}: cannot read {item!r}")


def _day_of_month(item: str) -> _DaysOfMonth:
    """`L` is the last day, `LW` its last weekday, `15W` the weekday nearest to the 15th."""
    if item == "L":
        return lambda year, month: [_length(year, month)]
    if item == "LW":
        return lambda year, month: [_nearest_weekday(year, month, _length(year, month))]
    if match := re.fullmatch(r"(\d+)W", item):
        nearest_to = _number("day of month", match[1], item)
        return lambda year, month: (
            [_nearest_weekday(year, month, nearest_to)] if nearest_to <= _length(year, month) else []
        )
    days = _values("day of month", item)
    return lambda year, month: [day for day in days if day <= _length(year, month)]


def _day_of_week(item: str) -> _DaysOfMonth:
    """`L` is Saturday, `6L` the month's last Friday, `3#2` its second Tuesday."""
    if item == "L":
        return _weekdays((7,))
    if match := re.fullmatch(r"(\w+)L", item):
        last = _number("day of week", match[1], item)
        return lambda year, month: _weekdays((last,))(year, month)[-1:]
    if match := re.fullmatch(r"(\w+)#([1-5])", item):
        weekday, instance = _number("day of week", match[1], item), int(match[2])
        return lambda year, month: _weekdays((weekday,))(year, month)[instance - 1 : instance]
    return _weekdays(tuple(_values("day of week", item)))


def _weekdays(numbers: tuple[int, ...]) -> Callable[[int, int], list[int]]:
    """The days that fall on these days of the week; 1 is Sunday."""

    def days(year: int, month: int) -> list[int]:
        return [
            day
            for day in range(1, _length(year, month) + 1)
            if datetime.date(year, month, day).isoweekday() % 7 + 1 in numbers
        ]

    return days


def _nearest_weekday(year: int, month: int, day: int) -> int:
    """The Monday to Friday nearest to a day, in the same month."""
    weekday = datetime.date(year, month, day).isoweekday()
    if weekday == 6:
        return day - 1 if day > 1 else day + 2
    if weekday == 7:
        return day + 1 if day < _length(year, month) else day - 2
    return day


def _length(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1]
