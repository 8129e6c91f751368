"""CAST and TRY_CAST: which types may be cast to which, and how DuckDB does what Trino would.

Where DuckDB's own cast is looser than Trino's (`CAST('1.5' AS integer)`), or writes another text, a
macro of `library` does it; a table says which.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from millpond.athena.sql.binding import once
from millpond.athena.sql.coercion import is_integer
from millpond.athena.sql.exceptions import InvalidFunctionArgument, NotSupported, TypeMismatch
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import SKETCHES, SqlType
from millpond.athena.sql.value import (
    Value,
    convert,
    local_time,
    padded,
    quote_name,
    quote_text,
    tried,
    trimmed,
)
from millpond.athena.sql.zones import Zone, named_zone, normal_zone, zone_name_sql

_COLUMN = re.compile(r'\w+\.(?:\w+|"(?:[^"]|"")+")')
_NUMBERS = ("tinyint", "smallint", "integer", "bigint", "decimal", "real", "double")
_TEXTS = ("varchar", "char")
_SCALARS = (*_NUMBERS, *_TEXTS, "boolean")
_ALLOWED = {
    # from: to which, besides itself and json
    "boolean": _SCALARS,
    **dict.fromkeys(_NUMBERS, _SCALARS),
    **dict.fromkeys(
        _TEXTS,
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
    "date": (*_TEXTS, "timestamp", "timestamp with time zone"),
    "time": (*_TEXTS, "timestamp", "timestamp with time zone", "time with time zone"),
    "timestamp": (*_TEXTS, "date", "time", "timestamp with time zone"),
    "timestamp with time zone": (*_TEXTS, "date", "time", "timestamp"),
    "interval day to second": _TEXTS,
    "interval year to month": _TEXTS,
    "uuid": (*_TEXTS, "varbinary"),
    "varbinary": ("uuid", *SKETCHES),
    **dict.fromkeys(SKETCHES, ("varbinary",)),
    "hyperloglog": ("varbinary", "p4hyperloglog"),
    "json": (*_SCALARS, "array", "map", "row"),
}
_TO_JSON = (*_SCALARS, "date", "timestamp", "timestamp with time zone", "array", "map", "row", "unknown")


def cast(value: Value, target: SqlType, safe: bool, position: Position) -> Value:
    """A value cast to a type; `safe` is TRY_CAST.

    Raises:
        TypeMismatch: Trino has no such cast.
    """
    source = value.type
    if not can_cast(source, target):
        raise TypeMismatch.at(position, f"Cannot cast {source.trino} to {target.trino}")
    if source.name == "unknown":
        return Value(f"CAST(NULL AS {target.duckdb})", target)
    sql = _cast_sql(value, target)
    if safe and source.name in _TEXTS and target.name in _FROM_TEXT:
        sql = _from_text(value, target, safe=True)
    elif safe and sql != value.sql:
        # TRY_CAST alone would not do: several casts are more than one of DuckDB's casts.
        sql = tried(sql, position)
    safe_sql = None
    if source.name in _TEXTS and target.name in _FROM_TEXT and _COLUMN.fullmatch(value.sql):
        # Nothing but the cast can fail.
        safe_sql = _from_text(value, target, safe=True)
    zone = value.zone if source.name == target.name == _ZONED else None
    if source.name in _TEXTS and target.name == _ZONED:
        zone = _zone_of_text(value)
    keeps_text = value.literal is not None and (target.name == "varchar" and source.name in _TEXTS)
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
    if target.name in _TEXTS:
        return _to_text(value, target)
    if target.name == "json":
        return to_json(value)
    if source.name == "json":
        return _from_json(value if value.loose_sql is None else Value(value.loose_sql, source), target)
    if source.name in _TEXTS:
        return _from_text(value, target)
    if source.name in ("array", "map", "row"):
        return _cast_nested(value, target)
    if target.name in ("timestamp", "timestamp with time zone", "date", "time"):
        return _to_temporal(value, target)
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


# ---- to a text


def _to_text(value: Value, target: SqlType) -> str:
    source = value.type
    writer = _TEXT_OF.get(source.name)
    if source.name not in _TEXTS:
        text = writer(value) if writer else f"CAST({value.sql} AS VARCHAR)"
        return (
            f"athena_fit_text({text}, {target.parameters[0]}, {quote_text(target.trino)})"
            if target.parameters
            else text
        )
    text = padded(value) if source.name == "char" and target.name == "varchar" else value.sql
    if target.parameters and not (source.parameters and source.parameters <= target.parameters):
        text = f"substring({text}, 1, {target.parameters[0]})"
    return trimmed(text) if target.name == "char" else text


def _timestamp_text(value: Value) -> str:
    digits = value.type.parameters[0] if value.type.parameters else 3
    local = local_time(value) if value.type.name == "timestamp with time zone" else value.sql
    text = fractional_text(local, digits)
    if value.type.name == "timestamp with time zone":
        return f"({text} || ' ' || {zone_name_sql(value.zone)})"
    return text


def fractional_text(local_sql: str, digits: int) -> str:
    """A timestamp as a text with so many digits of a second."""
    if digits == 0:
        return f"strftime({local_sql}, '%Y-%m-%d %H:%M:%S')"
    text = f"strftime({local_sql}, '%Y-%m-%d %H:%M:%S.%n')"
    return f"left({text}, {20 + digits})" if digits <= 9 else f"rpad({text}, {20 + digits}, '0')"


def _time_text(value: Value) -> str:
    digits = value.type.parameters[0] if value.type.parameters else 3
    text = f"strftime(DATE '1970-01-01' + {value.sql}, '%H:%M:%S.%n')"
    return f"left({text}, {9 + digits if digits else 8})"


_TEXT_OF: dict[str, Callable[[Value], str]] = {
    "timestamp": _timestamp_text,
    "timestamp with time zone": _timestamp_text,
    "time": _time_text,
    "double": lambda value: f"athena_double_text({value.sql})",
    "real": lambda value: f"athena_real_text({value.sql})",
    "interval day to second": lambda value: f"athena_day_interval_text({value.sql})",
    "interval year to month": lambda value: f"athena_month_interval_text({value.sql})",
    "json": lambda value: f"athena_json_text({value.sql})",
}


# ---- from a text


_INTEGER_NAMES = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}


_ZONED = "timestamp with time zone"
_FROM_TEXT = {
    # for each type how macros' names end: `athena_text_to_…` that fails and `athena_try_…` that does not
    **dict.fromkeys(_INTEGER_NAMES, "integer"),
    **dict.fromkeys(("real", "double", "decimal"), "number"),
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    _ZONED: "zoned_timestamp",
}


def _from_text(value: Value, target: SqlType, safe: bool = False) -> str:
    kind = _FROM_TEXT.get(target.name)
    if kind is None:
        return (
            f"encode({value.sql})" if target.name == "varbinary" else f"CAST({value.sql} AS {target.duckdb})"
        )
    if value.literal is not None and _is_moment(value.literal, target):
        # DuckDB finds what it can skip in files by a plain constant, and plans sooner.
        return f"CAST({value.sql} AS {target.duckdb})"
    arguments = [value.sql]
    if kind in ("integer", "number"):
        arguments.append(f"CAST(NULL AS {target.duckdb})")
        if not safe:
            arguments.append(quote_text(_INTEGER_NAMES.get(target.name, target.trino.upper())))
    return f"athena_{'try' if safe else 'text_to'}_{kind}({', '.join(arguments)})"


def _zone_of_text(value: Value) -> Zone | None:
    """The zone that a text names behind the time, UTC if it names none."""
    if value.literal is None:
        return Zone(f"athena_text_zone({value.sql})")
    match = _TEXT_ZONE.fullmatch(value.literal.strip())
    try:
        return named_zone(normal_zone(match["zone"])) if match and match["zone"] else None
    except InvalidFunctionArgument:
        return None


_TEXT_ZONE = re.compile(r"[+-]?\d+-\d+-\d+(?: \d+:\d+(?::\d+(?:\.\d+)?)?)?\s*(?P<zone>.*)")


def _is_moment(text: str, target: SqlType) -> bool:
    """Whether a text is a date or a timestamp with all its digits, which both engines read alike."""
    pattern = _MOMENTS.get(target.name)
    if pattern is None or not pattern.fullmatch(text):
        return False
    try:
        datetime.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


_MOMENTS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{3})?"),
}


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


# ---- JSON


def to_json(value: Value) -> str:
    """A value as JSON, in Trino's way: rows are objects, dates are texts."""
    source = value.type
    if source.name in ("boolean", *_NUMBERS, "unknown"):
        return f"to_json({value.sql})"
    if source.name in _TEXTS:
        return f"to_json({value.sql})"
    if source.name == "json":
        return value.sql
    if source.name == "array":
        return f"to_json(list_transform({value.sql}, lambda x: {to_json(Value('x', source.elements[0]))}))"
    if source.name == "map":
        body = f"{{'key': {_to_text(Value('x.key', source.elements[0]), SqlType('varchar'))}, "
        body += f"'value': {to_json(Value('x.value', source.elements[1]))}}}"
        entries = f"list_sort(list_transform(map_entries({value.sql}), lambda x: {body}))"
        return f"to_json(map_from_entries({entries}))"
    if source.name == "row":
        return once(lambda sql: _row_to_json(sql, source), value.sql)
    return f"to_json({_to_text(value, SqlType('varchar'))})"


def _row_to_json(sql: str, source: SqlType) -> str:
    items = []
    for i, field in enumerate(source.fields):
        if field.name is None:
            raise NotSupported("CAST of a row without names of its fields to json")
        item = to_json(Value(f"struct_extract_at({sql}, {i + 1})", field.type))
        items.append(f"{quote_text(field.name)}, {item}")
    return f"(CASE WHEN {sql} IS NULL THEN NULL ELSE json_object({', '.join(items)}) END)"


def _from_json(value: Value, target: SqlType) -> str:
    return once(lambda sql: _json_as(Value(sql, value.type), target), value.sql)


def _json_as(value: Value, target: SqlType) -> str:
    # What is inside names the JSON around it: each level has its own name.
    name = f"x{_depth(target)}"
    if target.name == "array":
        element = _cast_json_element(name, target.elements[0])
        if target.elements[0].name == "json":
            # DuckDB's cast makes NULLs of nulls.
            items = f"json_extract({value.sql}, '$[*]')"
            other = f"CAST({value.sql} AS JSON[])"
            return f"(CASE json_type({value.sql}) WHEN 'ARRAY' THEN {items} ELSE {other} END)"
        return f"list_transform(CAST({value.sql} AS JSON[]), lambda {name}: {element})"
    if target.name == "map":
        key = _cast_sql(Value(name, SqlType("varchar")), target.elements[0])
        item = _cast_json_element(f"athena_json_member({value.sql}, {name})", target.elements[1])
        entry = f"{{'key': {key}, 'value': {item}}}"
        keys = f"json_keys(athena_json_object({value.sql}))"
        return f"map_from_entries(list_transform({keys}, lambda {name}: {entry}))"
    if target.name == "row":
        fields = []
        for i, field in enumerate(target.fields):
            by_name = f"json_extract({value.sql}, {quote_text('$.' + quote_name(field.name or ''))})"
            by_index = f"json_extract({value.sql}, '$[{i}]')"
            element = f"(CASE json_type({value.sql}) WHEN 'ARRAY' THEN {by_index} ELSE {by_name} END)"
            fields.append(
                f"{quote_name(field.name or f'field{i}')} := {_cast_json_element(element, field.type)}"
            )
        absent = f"{value.sql} IS NULL OR json_type({value.sql}) = 'NULL'"
        return f"(CASE WHEN {absent} THEN NULL ELSE struct_pack({', '.join(fields)}) END)"
    text = f"athena_json_text({value.sql})"
    if target.name in _TEXTS:
        return _to_text(Value(text, SqlType("varchar")), target)
    return _from_text(Value(text, SqlType("varchar")), target)


def _depth(type_: SqlType) -> int:
    return 1 + max(map(_depth, _parts(type_)), default=0)


def _cast_json_element(sql: str, target: SqlType) -> str:
    return sql if target.name == "json" else _from_json(Value(sql, SqlType("json")), target)
