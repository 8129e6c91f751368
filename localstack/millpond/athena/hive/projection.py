"""Partition projection: partitions that are computed from table properties, not registered.

https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import sqlglot
from sqlglot import exp

from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.glue import GluePartition, GlueTable

_MAX_PARTITIONS = 100_000


def is_projected(table: GlueTable) -> bool:
    """Whether a table's partitions are projected; registered ones are then not looked at."""
    return table.parameters.get("projection.enabled", "false").lower() == "true"


def projected_partitions(table: GlueTable, condition: str | None) -> list[GluePartition]:
    """All partitions of the projection's ranges.

    Raises:
        HiveMetastoreError: The properties are wrong, or an injected column has no value.
    """
    given = _equal_values(condition) if condition else {}
    names = [key.name for key in table.partition_keys]
    values = [_column_values(table.parameters, name, given.get(name)) for name in names]
    template = table.parameters.get("storage.location.template") or _default_template(table, names)
    partitions = []
    for combination in itertools.product(*values):
        location = template
        for name, value in zip(names, combination, strict=True):
            location = location.replace(f"${{{name}}}", value)
        partitions.append(GluePartition(combination, replace(table.storage, location=location)))
        if len(partitions) > _MAX_PARTITIONS:
            raise HiveMetastoreError(f"Table {table.name} projects more than {_MAX_PARTITIONS} partitions")
    return partitions


def _column_values(properties: Mapping[str, str], name: str, given: list[str] | None) -> list[str]:
    kind = properties.get(f"projection.{name}.type", "").lower()
    if kind not in _KINDS:
        raise HiveMetastoreError(f"Table has no valid projection.{name}.type ('{kind}')")
    return list(_KINDS[kind](properties, name, given))


def _enum(properties: Mapping[str, str], name: str, given: list[str] | None) -> Iterator[str]:
    return (value.strip() for value in _property(properties, name, "values").split(","))


def _integer(properties: Mapping[str, str], name: str, given: list[str] | None) -> Iterator[str]:
    first, last = (int(bound) for bound in _range(properties, name))
    step = int(properties.get(f"projection.{name}.interval", "1"))
    digits = int(properties.get(f"projection.{name}.digits", "0"))
    return (str(number).zfill(digits) for number in range(first, last + 1, step))


def _injected(properties: Mapping[str, str], name: str, given: list[str] | None) -> Iterator[str]:
    if not given:
        raise HiveMetastoreError(
            f"For the injected projected partition column {name}, the WHERE clause must contain "
            "only static equality conditions, and at least one such condition must be present."
        )
    return iter(given)


def _date(properties: Mapping[str, str], name: str, given: list[str] | None) -> Iterator[str]:
    pattern = _property(properties, name, "format")
    layout = _strftime(pattern)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    first, last = (_moment(bound, layout, now) for bound in _range(properties, name))
    unit = properties.get(f"projection.{name}.interval.unit", _smallest_unit(pattern)).upper().rstrip("S")
    step = int(properties.get(f"projection.{name}.interval", "1"))
    moment = first
    while moment <= last:
        yield moment.strftime(layout)
        moment = _add(moment, step, unit)


_KINDS: dict[str, Callable[[Mapping[str, str], str, list[str] | None], Iterator[str]]] = {
    "enum": _enum,
    "integer": _integer,
    "date": _date,
    "injected": _injected,
}


def _property(properties: Mapping[str, str], name: str, suffix: str) -> str:
    try:
        return properties[f"projection.{name}.{suffix}"]
    except KeyError:
        raise HiveMetastoreError(f"Table property projection.{name}.{suffix} is missing") from None


def _range(properties: Mapping[str, str], name: str) -> tuple[str, str]:
    bounds = _property(properties, name, "range").split(",")
    if len(bounds) != 2:
        raise HiveMetastoreError(f"projection.{name}.range must have two bounds")
    return bounds[0].strip(), bounds[1].strip()


_RELATIVE = re.compile(r"NOW\s*(?:(?P<sign>[+-])\s*(?P<amount>\d+)\s*(?P<unit>[A-Z]+?)S?)?\s*$")


def _moment(text: str, layout: str, now: datetime.datetime) -> datetime.datetime:
    match = _RELATIVE.fullmatch(text.upper())
    if match is None:
        return datetime.datetime.strptime(text, layout)
    if match["amount"] is None:
        return now
    amount = int(match["amount"]) * (-1 if match["sign"] == "-" else 1)
    return _add(now, amount, match["unit"])


def _add(moment: datetime.datetime, amount: int, unit: str) -> datetime.datetime:
    if unit in ("YEAR", "MONTH"):
        months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "YEAR" else 1)
        return moment.replace(year=months // 12, month=months % 12 + 1, day=min(moment.day, 28))
    return moment + amount * _UNITS[unit]


_UNITS = {
    "WEEK": datetime.timedelta(weeks=1),
    "DAY": datetime.timedelta(days=1),
    "HOUR": datetime.timedelta(hours=1),
    "MINUTE": datetime.timedelta(minutes=1),
    "SECOND": datetime.timedelta(seconds=1),
}

_LETTERS = (("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S"))


def _strftime(pattern: str) -> str:
    """Java's date pattern as Python's."""
    layout = pattern.replace("'", "")
    for letters, directive in _LETTERS:
        layout = layout.replace(letters, directive)
    return layout


def _smallest_unit(pattern: str) -> str:
    for letters, unit in (("ss", "SECOND"), ("mm", "MINUTE"), ("HH", "HOUR"), ("dd", "DAY"), ("MM", "MONTH")):
        if letters in pattern:
            return unit
    return "YEAR"


def _default_template(table: GlueTable, names: list[str]) -> str:
    folders = "/".join(f"{name}=${{{name}}}" for name in names)
    return f"{table.storage.location.rstrip('/')}/{folders}/"


def _equal_values(condition: str) -> dict[str, list[str]]:
    """The values that a condition demands of columns by `=`, `IN`, and `OR` of those over one column."""
    tree = sqlglot.parse_one(condition, dialect="duckdb")
    parts = list(tree.flatten()) if isinstance(tree, exp.And) else [tree]
    values: dict[str, list[str]] = {}
    for part in parts:
        part = part.unnest()
        choices = [choice.unnest() for choice in part.flatten()] if isinstance(part, exp.Or) else [part]
        demands = [_demand(choice) for choice in choices]
        columns = {demand[0] for demand in demands if demand is not None}
        if len(columns) == 1 and None not in demands:
            values[columns.pop()] = [value for demand in demands if demand for value in demand[1]]
    return values


def _demand(part: exp.Expr) -> tuple[str, list[str]] | None:
    """The column and the values of one `=` or `IN`; None for any other condition."""
    if isinstance(part, exp.EQ):
        sides = [part.this.unnest(), part.expression.unnest()]
    elif isinstance(part, exp.In) and part.expressions:
        sides = [part.this.unnest(), *(value.unnest() for value in part.expressions)]
    else:
        return None
    columns = [side.name for side in sides if isinstance(side, exp.Column)]
    literals = [_literal(side) for side in sides if not isinstance(side, exp.Column)]
    if len(columns) != 1 or None in literals:
        return None
    return columns[0], [value for value in literals if value is not None]


def _literal(side: exp.Expr) -> str | None:
    """The text of a literal, also under casts: nothing that would have to be computed."""
    while isinstance(side, exp.Cast):
        side = side.this.unnest()
    return side.name if isinstance(side, exp.Literal) else None
