"""Partition projection: partitions that are computed from table properties, not registered.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
"""

from __future__ import annotations

import bisect
import calendar
import datetime
import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlglot
from sqlglot import exp

from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.glue import GlueColumn, GluePartition, GlueTable
from millpond.athena.hive.date_format import DateFormat

_MAX_PARTITIONS = 100_000


def is_projected(table: GlueTable) -> bool:
    """Whether a table's partitions are projected; registered ones are then not looked at."""
    return table.parameters.get("projection.enabled", "false").lower() == "true"


def projected_partitions(table: GlueTable, condition: str | None) -> list[GluePartition]:
    """The partitions of the projection's ranges, without those that a condition on one column rules out.

    Raises:
        HiveMetastoreError: The properties are wrong, or an injected column has no value.
    """
    demands = _demands(condition) if condition else {}
    columns = [ProjectedColumn.of(table, key, demands.get(key.name, [])) for key in table.partition_keys]
    values = [list(itertools.islice(column.values(), _MAX_PARTITIONS + 1)) for column in columns]
    if math.prod(map(len, values)) > _MAX_PARTITIONS:
        raise HiveMetastoreError(
            f"Query over table '{table.database}.{table.name}' can potentially read more than "
            f"{_MAX_PARTITIONS} partitions"
        )
    return [
        GluePartition(combination, replace(table.storage, location=_location(table, combination)))
        for combination in itertools.product(*values)
    ]


def projected_location(table: GlueTable, values: Sequence[str]) -> str:
    """Where a projected partition lies, by the values as they stand in the rows."""
    columns = [ProjectedColumn.of(table, key, []) for key in table.partition_keys]
    return _location(table, [c.spelled(value) for c, value in zip(columns, values, strict=True)])


def _location(table: GlueTable, values: Sequence[str]) -> str:
    names = [key.name for key in table.partition_keys]
    location = table.parameters.get("storage.location.template") or _default_template(table, names)
    for name, value in zip(names, values, strict=True):
        location = location.replace(f"${{{name}}}", value)
    return location


@dataclass(frozen=True)
class Demand:
    """What a conjunct of a condition demands of a column: to be one of some values, or less than one."""

    operator: str
    values: tuple[str, ...]

    def allows(self, value: str, read: Callable[[str], Any]) -> bool:
        """Whether a partition's value may meet it; `read` makes of its text what is compared."""
        try:
            return _OPERATORS[self.operator](read(value), tuple(map(read, self.values)))
        except ValueError:
            return True


_OPERATORS: Mapping[str, Callable[[Any, tuple[Any, ...]], bool]] = {
    "=": lambda value, wanted: value in wanted,
    "<": lambda value, wanted: value < wanted[0],
    "<=": lambda value, wanted: value <= wanted[0],
    ">": lambda value, wanted: value > wanted[0],
    ">=": lambda value, wanted: value >= wanted[0],
}
_NUMBERS = frozenset(("tinyint", "smallint", "int", "integer", "bigint"))
_READ: Mapping[str, Callable[[str], Any]] = {
    # by the types of partition columns; others are not narrowed
    **dict.fromkeys(_NUMBERS, int),
    **dict.fromkeys(("string", "varchar"), str),
    "date": datetime.date.fromisoformat,
}


@dataclass(frozen=True)
class ProjectedColumn:
    """A partition column whose values are computed.

    Attributes:
        name: Its name.
        type: Its type in Hive's spelling.
        properties: The table's properties, those of the projection among them.
        demands: What the query demands of it.
    """

    name: str
    type: str
    properties: Mapping[str, str]
    demands: Sequence[Demand]

    @classmethod
    def of(cls, table: GlueTable, key: GlueColumn, demands: Sequence[Demand]) -> ProjectedColumn:
        """A partition column of a projected table."""
        return cls(key.name, key.type.lower(), table.parameters, demands)

    def values(self) -> Iterator[str]:
        """The values of its range that meet the demands.

        Raises:
            HiveMetastoreError: Its properties are wrong.
        """
        if self._kind not in _KINDS:
            raise HiveMetastoreError(f"Table has no valid projection.{self.name}.type ('{self._kind}')")
        values = _KINDS[self._kind](self)
        read = _READ.get(self.type.partition("(")[0])
        if read is None:
            return values
        return (value for value in values if all(demand.allows(value, read) for demand in self.demands))

    def spelled(self, value: str) -> str:
        """A value of a row as the projection spells it."""
        if self._kind == "integer":
            return value.zfill(self._digits)
        if self._kind == "date" and self.type == "date":
            return DateFormat.of(self.required("format")).text(datetime.datetime.fromisoformat(value))
        return value

    def setting(self, suffix: str, default: str) -> str:
        """One of its properties."""
        return self.properties.get(f"projection.{self.name}.{suffix}", default)

    def required(self, suffix: str) -> str:
        """A property that must be there."""
        value = self.setting(suffix, "")
        if not value:
            raise HiveMetastoreError(f"Table property projection.{self.name}.{suffix} is missing")
        return value

    def number(self, suffix: str, default: str) -> int:
        """A property that is a number."""
        return self.as_number(self.setting(suffix, default))

    def as_number(self, text: str) -> int:
        """A number of a property."""
        try:
            return int(text)
        except ValueError:
            raise HiveMetastoreError(
                f"Invalid projection of column '{self.name}': '{text}' is no number"
            ) from None

    def range(self) -> tuple[str, str]:
        """The two bounds of `range`."""
        bounds = self.required("range").split(",")
        if len(bounds) != 2:
            raise HiveMetastoreError(f"projection.{self.name}.range must have two bounds")
        return bounds[0].strip(), bounds[1].strip()

    @property
    def _kind(self) -> str:
        return self.setting("type", "").lower()

    @property
    def _digits(self) -> int:
        return self.number("digits", "0")


def _enum(column: ProjectedColumn) -> Iterator[str]:
    return (value.strip() for value in column.required("values").split(","))


def _integer(column: ProjectedColumn) -> Iterator[str]:
    first, last = (column.as_number(bound) for bound in column.range())
    step, digits = column.number("interval", "1"), column.number("digits", "0")
    numbers: Sequence[int] = range(first, last + 1, step)
    if column.type in _NUMBERS:
        numbers = _narrowed(numbers, column.demands)
    return (str(number).zfill(digits) for number in numbers)


def _narrowed(numbers: Sequence[int], demands: Sequence[Demand]) -> Sequence[int]:
    """The numbers that a query's demands leave, without looking at each: there may be millions."""
    for demand in demands:
        try:
            wanted = sorted({int(value) for value in demand.values})
        except ValueError:
            continue
        if demand.operator == "=":
            numbers = [number for number in wanted if number in numbers]
        elif demand.operator in (">", ">="):
            numbers = numbers[bisect.bisect_left(numbers, wanted[0]) :]
        else:
            numbers = numbers[: bisect.bisect_right(numbers, wanted[0])]
    return numbers


def _injected(column: ProjectedColumn) -> Iterator[str]:
    given = [demand for demand in column.demands if demand.operator == "="]
    if not given:
        raise HiveMetastoreError(
            f"For the injected projected partition column {column.name}, the WHERE clause must contain "
            "only static equality conditions, and at least one such condition must be present."
        )
    return iter(given[0].values)


def _date(column: ProjectedColumn) -> Iterator[str]:
    pattern = column.required("format")
    layout = DateFormat.of(pattern)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    first, last = (_moment(bound, layout, now) for bound in column.range())
    unit = column.setting("interval.unit", layout.smallest_unit).upper().removesuffix("S")
    step = column.number("interval", "1")
    if unit not in _UNITS or step < 1:
        raise HiveMetastoreError(f"Invalid interval of the projection of column '{column.name}'")
    moment = first
    while moment <= last:
        yield layout.text(moment)
        moment = _add(moment, step, unit)


_KINDS: dict[str, Callable[[ProjectedColumn], Iterator[str]]] = {
    "enum": _enum,
    "integer": _integer,
    "date": _date,
    "injected": _injected,
}

_RELATIVE = re.compile(r"NOW\s*(?:(?P<sign>[+-])\s*(?P<amount>\d+)\s*(?P<unit>[A-Z]+?)S?)?\s*$")


def _moment(text: str, layout: DateFormat, now: datetime.datetime) -> datetime.datetime:
    match = _RELATIVE.fullmatch(text.upper())
    if match is None:
        return layout.read(text)
    if match["amount"] is None:
        return now
    if match["unit"] not in _UNITS:
        raise HiveMetastoreError(f"Invalid bound of a projection's range: '{text}'")
    return _add(now, int(match["amount"]) * (-1 if match["sign"] == "-" else 1), match["unit"])


def _add(moment: datetime.datetime, amount: int, unit: str) -> datetime.datetime:
    length = _UNITS[unit]
    if isinstance(length, datetime.timedelta):
        return moment + amount * length
    year, month = divmod(moment.year * 12 + moment.month - 1 + amount * length, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


_UNITS: dict[str, datetime.timedelta | int] = {
    "YEAR": 12,
    "MONTH": 1,
    "WEEK": datetime.timedelta(weeks=1),
    "DAY": datetime.timedelta(days=1),
    "HOUR": datetime.timedelta(hours=1),
    "MINUTE": datetime.timedelta(minutes=1),
    "SECOND": datetime.timedelta(seconds=1),
    "MILLI": datetime.timedelta(milliseconds=1),
}
"""How long a unit is; years and months are counted in months."""


def _default_template(table: GlueTable, names: list[str]) -> str:
    folders = "/".join(f"{name}=${{{name}}}" for name in names)
    return f"{table.storage.location.rstrip('/')}/{folders}/"


def _demands(condition: str) -> dict[str, list[Demand]]:
    """What the conjuncts of a condition demand of single columns, compared with literals."""
    demands: dict[str, list[Demand]] = {}
    for comparison in _comparisons(sqlglot.parse_one(condition, dialect="duckdb")):
        found = _demand(comparison)
        if found is not None:
            demands.setdefault(found[0], []).append(found[1])
    return demands


def _comparisons(part: exp.Expr) -> Iterator[exp.Expr]:
    """The conjuncts, in parentheses too; a BETWEEN is two."""
    part = part.unnest()
    if isinstance(part, exp.And):
        yield from _comparisons(part.this)
        yield from _comparisons(part.expression)
    elif isinstance(part, exp.Between):
        yield exp.GTE(this=part.this, expression=part.args["low"])
        yield exp.LTE(this=part.this, expression=part.args["high"])
    else:
        yield part


def _demand(part: exp.Expr) -> tuple[str, Demand] | None:
    """The column of one comparison and its demand; `=`, `IN` and the OR of those are one kind."""
    if isinstance(part, exp.Or):
        choices = [_demand(choice.unnest()) for choice in part.flatten()]
        known = [choice for choice in choices if choice is not None and choice[1].operator == "="]
        if len(known) < len(choices) or len({name for name, _ in known}) > 1:
            return None
        return known[0][0], Demand("=", tuple(value for _, demand in known for value in demand.values))
    if isinstance(part, exp.In) and part.expressions:
        return _compared(part.this.unnest(), "=", [value.unnest() for value in part.expressions])
    if type(part) not in _COMPARISONS:
        return None
    operator, reversed_ = _COMPARISONS[type(part)]
    left, right = part.this.unnest(), part.expression.unnest()
    if isinstance(right, exp.Column):
        return _compared(right, reversed_, [left])
    return _compared(left, operator, [right])


_COMPARISONS: Mapping[type[exp.Expr], tuple[str, str]] = {
    # what a comparison is, and what it is with its sides exchanged
    exp.EQ: ("=", "="),
    exp.LT: ("<", ">"),
    exp.LTE: ("<=", ">="),
    exp.GT: (">", "<"),
    exp.GTE: (">=", "<="),
}


def _compared(side: exp.Expr, operator: str, others: Sequence[exp.Expr]) -> tuple[str, Demand] | None:
    literals = [_literal(other) for other in others]
    values = tuple(value for value in literals if value is not None)
    if not isinstance(side, exp.Column) or len(values) < len(literals):
        return None
    return side.name, Demand(operator, values)


def _literal(side: exp.Expr) -> str | None:
    """The text of a literal, also under casts: nothing that would have to be computed."""
    while isinstance(side, exp.Cast | exp.Paren):
        side = side.this.unnest()
    if isinstance(side, exp.Neg):
        number = _literal(side.this)
        return None if number is None else f"-{number}"
    return side.name if isinstance(side, exp.Literal) else None
