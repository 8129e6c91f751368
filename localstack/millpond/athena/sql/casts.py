"""CAST and TRY_CAST: which types may be cast to which, and how DuckDB does what Trino would.

What texts and JSON become, and what becomes them, is in `text_casts` and `json_casts`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from millpond.athena.sql.binding import once
from millpond.athena.sql.coercion import is_integer
from millpond.athena.sql.exceptions import NotSupported, TypeMismatch
from millpond.athena.sql.json_casts import from_json, to_json
from millpond.athena.sql.quoting import quote_name
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.text_casts import (
    FROM_TEXT,
    TEXTS,
    decimal_bound,
    decimal_name,
    from_text,
    to_text,
    zone_of_text,
)
from millpond.athena.sql.types import SKETCHES, SqlType
from millpond.athena.sql.value import Value, convert, local_time, once_tried

_ZONED = "timestamp with time zone"
_COLUMN = re.compile(r'\w+\.(?:\w+|"(?:[^"]|"")+")')
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_SCALARS = (*_NUMBERS, *TEXTS, "boolean")
_ALLOWED = {
    # from: to which, besides itself and json
    "boolean": _SCALARS,
    **dict.fromkeys(_NUMBERS, _SCALARS),
    **dict.fromkeys(
        TEXTS,
        (
            *_SCALARS,
            "date",
            "time",
            "timestamp",
            "timestamp with time zone",
            "varbinary",
            "uuid",
            "interval day to second",
            "interval year to month",
        ),
    ),
    "date": (*TEXTS, "timestamp", "timestamp with time zone"),
    "time": (*TEXTS, "timestamp", "timestamp with time zone", "time with time zone"),
    "timestamp": (*TEXTS, "date", "time", "timestamp with time zone"),
    "timestamp with time zone": (*TEXTS, "date", "time", "timestamp"),
    "interval day to second": TEXTS,
    "interval year to month": TEXTS,
    "uuid": (*TEXTS, "varbinary"),
    "varbinary": ("uuid", *SKETCHES),
    **dict.fromkeys(SKETCHES, ("varbinary",)),
    "hyperloglog": ("varbinary", "p4hyperloglog"),
    "json": (*_SCALARS, "array", "map", "row"),
}
_NOT_BUILT = [
    {"time with time zone", other} for other in ("time", "timestamp", "timestamp with time zone", *TEXTS)
]
_TO_JSON = (*_SCALARS, "date", "timestamp", "timestamp with time zone", "array", "map", "row", "unknown")


def cast(value: Value, target: SqlType, safe: bool, position: Position) -> Value:
    """A value cast to a type; `safe` is TRY_CAST.

    Raises:
        TypeMismatch: Trino has no such cast.
    """
    source = value.type
    if not can_cast(source, target):
        if {source.name, target.name} in _NOT_BUILT:
            raise NotSupported.at(position, f"CAST of {source.trino} to {target.trino} is not supported here")
        raise TypeMismatch.at(position, f"Cannot cast {source.trino} to {target.trino}")
    if source.name == "unknown":
        return Value(f"CAST(NULL AS {target.duckdb})", target)
    sql = _cast_sql(value, target)
    if safe and source.name in TEXTS and target.name in FROM_TEXT:
        sql = from_text(value, target, safe=True)
    elif safe and sql != value.sql:
        # TRY_CAST alone would not do: several casts are more than one of DuckDB's casts.
        sql = once_tried(lambda item: _cast_sql(replace(value, sql=item), target), value.sql, position)
    safe_sql = None
    if source.name in TEXTS and target.name in FROM_TEXT and _COLUMN.fullmatch(value.sql):
        # Nothing but the cast can fail.
        safe_sql = from_text(value, target, safe=True)
    zone = value.zone if source.name == target.name == _ZONED else None
    if source.name in TEXTS and target.name == _ZONED:
        zone = zone_of_text(value)
    keeps_text = value.literal is not None and (target.name == "varchar" and source.name in TEXTS)
    return Value(sql, target, value.literal if keeps_text else None, zone, safe_sql)


def can_cast(source: SqlType, target: SqlType) -> bool:
    """Whether Trino has a cast from one type to the other."""
    if source.name == "unknown" or source == target:
        return True
    if target.name == "json":
        return source.name in _TO_JSON and all(can_cast(item, target) for item in _parts(source))
    if source.name == target.name and _parts(source):
        parts, others = _parts(source), _parts(target)
        return len(parts) == len(others) and all(map(can_cast, parts, others))
    if source.name == "json" and _parts(target):
        return all(can_cast(source, item) for item in _parts(target))
    return source.name == target.name or target.name in _ALLOWED.get(source.name, ())


def _parts(type_: SqlType) -> tuple[SqlType, ...]:
    return type_.elements or tuple(item.type for item in type_.fields)


def _cast_sql(value: Value, target: SqlType) -> str:
    source = value.type
    if source == target:
        return value.sql
    if target.name in TEXTS:
        return to_text(value, target)
    if target.name == "json":
        return to_json(value)
    if source.name == "json":
        return from_json(value if value.loose_sql is None else Value(value.loose_sql, source), target)
    if source.name in TEXTS:
        return from_text(value, target)
    if source.name in ("array", "map", "row"):
        return _cast_nested(value, target)
    if target.name in ("timestamp", "timestamp with time zone", "date", "time"):
        return _to_temporal(value, target)
    if source.name == "varbinary" and target.name == "uuid":
        return f"CAST(athena_uuid_text({value.sql}) AS UUID)"
    if source.name in ("real", "double") and target.name == "decimal":
        witness = f"CAST(NULL AS {target.duckdb})"
        names = f"'{source.name.upper()}', '{decimal_name(target)}'"
        return f"athena_fraction_to_decimal({value.sql}, {decimal_bound(target)}, {witness}, {names})"
    if source.name in ("real", "double") and is_integer(target):
        # DuckDB rounds halves to even, Trino away from zero.
        return f"athena_double_to_integer({value.sql}, CAST(NULL AS {target.duckdb}))"
    if source.name == "decimal" and is_integer(target):
        return f"CAST(round({value.sql}) AS {target.duckdb})"
    return f"CAST({value.sql} AS {target.duckdb})"


def _cast_nested(value: Value, target: SqlType) -> str:
    source = value.type
    if source.name == "array":
        body = _cast_sql(Value("x", source.elements[0]), target.elements[0])
        return value.sql if body == "x" else f"list_transform({value.sql}, lambda x: {body})"
    if source.name == "row":
        return once(lambda sql: _cast_row(sql, source, target), value.sql)
    key = _cast_sql(Value("x.key", source.elements[0]), target.elements[0])
    item_sql = _cast_sql(Value("x.value", source.elements[1]), target.elements[1])
    entry = f"{{'key': {key}, 'value': {item_sql}}}"
    return f"map_from_entries(list_transform(map_entries({value.sql}), lambda x: {entry}))"


def _cast_row(sql: str, source: SqlType, target: SqlType) -> str:
    fields = []
    for i, (before, after) in enumerate(zip(source.fields, target.fields, strict=True)):
        item = Value(f"struct_extract_at({sql}, {i + 1})", before.type)
        fields.append(f"{quote_name(after.name or f'field{i}')} := {_cast_sql(item, after.type)}")
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack({', '.join(fields)}) END)"


# ---- dates and times


def _to_temporal(value: Value, target: SqlType) -> str:
    source = value.type
    sql = (
        local_time(value)
        if source.name == "timestamp with time zone" and target.name != source.name
        else value.sql
    )
    if target.name == "timestamp with time zone":
        if source.name == "timestamp with time zone":
            return _rounded(sql, source, target)
        return convert(Value(_rounded(sql, source, target), source), target).sql
    if target.name == "timestamp":
        if source.name == "time":
            return f"(current_date + {sql})"
        if source.name == "date":
            return f"CAST({sql} AS {target.duckdb})"
        rounded = _rounded(sql, source, target)
        return rounded if source.duckdb == target.duckdb else f"CAST({rounded} AS {target.duckdb})"
    if target.name == "time":
        moment = f"(DATE '1970-01-01' + {sql})" if source.name == "time" else sql
        sql = _rounded(moment, source, SqlType("time", target.parameters or (3,)))
    return f"CAST({sql} AS {target.duckdb})"


def _rounded(sql: str, source: SqlType, target: SqlType) -> str:
    """A timestamp rounded to fewer digits, halves up, as Trino does."""
    if not source.parameters or not target.parameters:
        return sql
    digits = target.parameters[0]
    if digits >= min(source.parameters[0], 6):
        return sql
    micros = 10 ** (6 - digits)
    return f"time_bucket(to_microseconds({micros}), {sql} + to_microseconds({micros // 2}))"
