"""A typed expression of the translation, and how DuckDB's dialect writes names and texts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.athena.sql.binding import once
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import SqlType


@dataclass(frozen=True)
class Value:
    """An expression in DuckDB's dialect.

    Attributes:
        sql: The expression; safe to stand as an operand (atomic, a call or in parentheses).
        type: Its Trino type.
        literal: The text of a constant, None for what is no constant.
        zone: For a timestamp with time zone: the zone that it is shown in, if not UTC. DuckDB's
            type has no zone, so it is followed here.
        safe_sql: An expression that gives NULL where `sql` would fail, if there is a quicker one than
            `TRY(sql)`, which begins anew for each row that fails.
        loose_sql: For JSON: the same value, keys and numbers as they were written rather than as Trino
            orders and prints them; quicker, for what does not show.
    """

    sql: str
    type: SqlType
    literal: str | None = None
    zone: str | None = None
    safe_sql: str | None = None
    loose_sql: str | None = None


def quote_name(name: str) -> str:
    """A name as a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def convert(value: Value, target: SqlType) -> Value:
    """A value as another type that it may be coerced to; no CAST where DuckDB needs none."""
    source = value.type
    if source == target:
        return value
    if source.name in ("varchar", "char") and target.name == "varchar":
        return Value(value.sql, target, value.literal)
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


def tried(sql: str, position: Position) -> str:
    """An expression that gives NULL where `sql` fails.

    DuckDB's TRY begins anew for each row once one fails, and must not do so with what it has computed
    before: COALESCE then writes outside of its vector and rows get other rows' values, and a common
    subexpression is computed before the TRY and fails there. A lambda starts from nothing each time, and
    the optimizer does not look into it. The price, where rows fail, is 4 microseconds a row.

    Raises:
        NotSupported: A query or a window function is inside, which lambdas cannot have.
    """
    if re.search(r"\b(?:SELECT|OVER)\b", sql):
        raise NotSupported.at(position, "TRY around a query or a window function")
    return f"TRY(list_transform([0], lambda attempt: {sql})[1])"


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


def same_zone(values: Sequence[Value], position: Position) -> str | None:
    """The zone that values are shown in, if it is one.

    Raises:
        NotSupported: They differ, and DuckDB's type has no room for a zone per value.
    """
    zones = {
        value.zone
        for value in values
        if value.type.name == "timestamp with time zone" and not value.sql.startswith("CAST(NULL")
    }
    if len(zones) > 1:
        raise NotSupported.at(position, "timestamps with different time zones in one column")
    return next(iter(zones), None)
