"""A typed expression of the translation, and how DuckDB's dialect writes names and texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from millpond.athena.sql.binding import has_query, once
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.zones import PER_VALUE, Zone, local_sql, zone_name_sql


@dataclass(frozen=True)
class ShortDecimal:
    """A decimal that its type gives more digits than 64 bits hold, in 64 bits where its value has fewer.

    Attributes:
        sql: The value in 64 bits, which fails where it does not fit.
        condition: Where it fits; NULL where the value is NULL.
        otherwise: The value in 128 bits.
    """

    sql: str
    condition: str
    otherwise: str


@dataclass(frozen=True)
class Value:
    """An expression in DuckDB's dialect.

    Attributes:
        sql: The expression; safe to stand as an operand (atomic, a call or in parentheses).
        type: Its Trino type.
        literal: The text of a constant, None for what is no constant.
        zone: For a timestamp with time zone: the zone that it is shown in, if not UTC.
        safe_sql: An expression that gives NULL where `sql` would fail, if there is a quicker one than
            `TRY(sql)`, which begins anew for each row that fails.
        loose_sql: For JSON: the same value, keys and numbers as they were written rather than as Trino
            orders and prints them; quicker, for what does not show.
        short: For a product of decimals: the same value as DuckDB computes it quickest.
    """

    sql: str
    type: SqlType
    literal: str | None = None
    zone: Zone | None = None
    safe_sql: str | None = None
    loose_sql: str | None = None
    short: ShortDecimal | None = None


def convert(value: Value, target: SqlType) -> Value:
    """A value as another type that it may be coerced to; no CAST where DuckDB needs none."""
    source = value.type
    if source == target:
        return value
    if source.name == target.name in ("varchar", "char"):
        return Value(value.sql, target, value.literal)
    if source.name == "varchar" and target.name == "char":
        return Value(trimmed(value.sql), target, None if value.literal is None else value.literal.rstrip(" "))
    if source.name == "char" and target.name == "varchar":
        return Value(padded(value), target)
    temporal = source.name in ("timestamp", "timestamp with time zone", "time")
    if temporal and source.name == target.name and source.duckdb == target.duckdb:
        return Value(value.sql, target, value.literal, value.zone)
    if source.name == "timestamp" and target.name == "timestamp with time zone":
        return Value(f"timezone('UTC', {value.sql})", target)
    if source.name == "date" and target.name == "timestamp with time zone":
        return Value(f"timezone('UTC', CAST({value.sql} AS TIMESTAMP))", target)
    if _has_row(target) and source.name == target.name:
        return Value(_convert_nested(value, target), target)
    return Value(f"CAST({value.sql} AS {target.duckdb})", target, value.literal, value.zone)


def padded(value: Value) -> str:
    """A `char(n)` as the text of n characters that it stands for: it is kept without spaces at its end."""
    return f"rpad({value.sql}, {value.type.parameters[0]}, ' ')"


def trimmed(sql: str) -> str:
    """A text as it is kept as a `char`."""
    return f"rtrim({sql}, ' ')"


def tried(sql: str, position: Position) -> str:
    """An expression that gives NULL where `sql` fails.

    DuckDB's TRY begins anew for each row once one fails, and must not do so with what it has computed
    before: COALESCE then writes outside of its vector and rows get other rows' values, and a common
    subexpression is computed before the TRY and fails there. A lambda starts from nothing each time, and
    the optimizer does not look into it. The price, where rows fail, is 4 microseconds a row.

    Raises:
        NotSupported: A query or a window function is inside, which lambdas cannot have.
    """
    if has_query(sql):
        raise NotSupported.at(position, "TRY around a query or a window function is not supported here")
    return f"TRY(list_transform([0], lambda attempt: {sql})[1])"


def once_tried(render: Callable[[str], str], argument: str, position: Position) -> str:
    """What `render` makes of an argument, NULL where that fails; a query is computed before."""
    if not has_query(argument):
        return tried(render(argument), position)
    return f"list_transform([{argument}], lambda given: {tried(render('given'), position)})[1]"


def _has_row(type_: SqlType) -> bool:
    return type_.name == "row" or any(map(_has_row, type_.elements))


def _convert_nested(value: Value, target: SqlType) -> str:
    """A value with rows in it: Trino's fields go by place, DuckDB's cast goes by name."""
    source, sql = value.type, value.sql
    if source.name == "array":
        body = convert(Value("x", source.elements[0]), target.elements[0]).sql
        return f"list_transform({sql}, lambda x: {body})"
    if source.name == "map":
        key = convert(Value("x.key", source.elements[0]), target.elements[0]).sql
        item = convert(Value("x.value", source.elements[1]), target.elements[1]).sql
        entries = f"list_transform(map_entries({sql}), lambda x: {{'key': {key}, 'value': {item}}})"
        return f"map_from_entries({entries})"
    return once(lambda row: _convert_row(row, source, target), sql)


def _convert_row(sql: str, source: SqlType, target: SqlType) -> str:
    fields = []
    for i, (before, after) in enumerate(zip(source.fields, target.fields, strict=True)):
        item = convert(Value(f"struct_extract_at({sql}, {i + 1})", before.type), after.type).sql
        fields.append(f"{quote_name(after.name or f'field{i}')} := {item}")
    return f"(CASE WHEN {sql} IS NOT NULL THEN struct_pack({', '.join(fields)}) END)"


def local_time(value: Value) -> str:
    """What the clocks of its zone show at a timestamp with time zone, as DuckDB's SQL."""
    return local_sql(value.sql, value.zone)


def common_zone(values: Sequence[Value], choose: Callable[[Sequence[str]], str]) -> Zone | None:
    """The zone of what is one of several values.

    Args:
        values: The values; those of other types have no zone.
        choose: Gives the SQL of one of several texts in the way in which one of the values is chosen.
    """
    zones = {
        value.zone
        for value in values
        if value.type.name == "timestamp with time zone" and not value.sql.startswith("CAST(NULL")
    }
    if len(zones) < 2 and PER_VALUE not in zones and all(zone is None or zone.name for zone in zones):
        return next(iter(zones), None)
    return Zone(choose([zone_name_sql(value.zone) for value in values]))


def column_sql(value: Value, zone: Zone | None) -> str:
    """A value as a column of a query, whose zone is that of `column_zone`."""
    if zone != PER_VALUE:
        return typed_sql(value)
    name = zone_name_sql(value.zone)

    def struct(instant: str, zone: str) -> str:
        return f"(CASE WHEN {instant} IS NOT NULL THEN {{'at': {instant}, 'zone': {zone}}} END)"

    return once(struct, value.sql, name)


def column_zone(zone: Zone | None) -> Zone | None:
    """The zone of a column whose values have this one."""
    return PER_VALUE if zone is not None and zone.name is None else zone


def typed_sql(value: Value) -> str:
    """A value where DuckDB asks for the type: where it would give a constant another one, it is cast."""
    if value.sql == "NULL" or value.literal is None:
        return value.sql
    if value.type.name in ("integer", "boolean") or value.sql.startswith(("CAST(", "to_")):
        return value.sql
    return f"CAST({value.sql} AS {value.type.duckdb})"
