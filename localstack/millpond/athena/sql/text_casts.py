"""Values as texts and texts as values, as CAST has them.

Where DuckDB's own cast takes more than Trino's, or writes another text, a macro of `macros.from_text` or
`macros.to_text` does it; a table says which.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from millpond.athena.sql.exceptions import InvalidFunctionArgument
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.value import Value, local_time, padded, trimmed
from millpond.athena.sql.zones import Zone, named_zone, normal_zone, zone_name_sql

TEXTS = ("varchar", "char")
"""The types of texts."""


def to_text(value: Value, target: SqlType) -> str:
    """A value as a text; a text of another type as one of this."""
    source = value.type
    writer = _TEXT_OF.get(source.name)
    if source.name not in TEXTS:
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


def _decimal_text(value: Value) -> str:
    text = f"CAST({value.sql} AS VARCHAR)"
    precision, scale = value.type.parameters
    # DuckDB writes no zero before the point where the type has no digit there.
    return f"regexp_replace({text}, '^(-?)[.]', '\\10.')" if precision == scale else text


_TEXT_OF: dict[str, Callable[[Value], str]] = {
    "timestamp": _timestamp_text,
    "timestamp with time zone": _timestamp_text,
    "time": _time_text,
    "decimal": _decimal_text,
    "double": lambda value: f"athena_double_text({value.sql})",
    "real": lambda value: f"athena_real_text({value.sql})",
    "interval day to second": lambda value: f"athena_day_interval_text({value.sql})",
    "interval year to month": lambda value: f"athena_month_interval_text({value.sql})",
    "json": lambda value: f"athena_json_text({value.sql})",
}


# ---- from a text


_INTEGER_NAMES = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}


FROM_TEXT = {
    # for each type how macros' names end: `athena_text_to_…` that fails and `athena_try_…` that does not
    **dict.fromkeys(_INTEGER_NAMES, "integer"),
    **dict.fromkeys(("real", "double"), "number"),
    "decimal": "decimal",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "timestamp with time zone": "zoned_timestamp",
}
"""The types that macros read from texts."""


def from_text(value: Value, target: SqlType, safe: bool = False) -> str:
    """A text as a value; `safe` gives NULL where it is none."""
    kind = FROM_TEXT.get(target.name)
    if kind is None:
        return (
            f"encode({value.sql})" if target.name == "varbinary" else f"CAST({value.sql} AS {target.duckdb})"
        )
    if value.literal is not None and _is_moment(value.literal, target):
        # DuckDB finds what it can skip in files by a plain constant, and plans sooner.
        return f"CAST({value.sql} AS {target.duckdb})"
    arguments, name = [value.sql], _INTEGER_NAMES.get(target.name, target.trino.upper())
    if kind == "decimal":
        arguments.append(decimal_bound(target))
        name = decimal_name(target)
    if kind in ("integer", "number", "decimal"):
        arguments.append(f"CAST(NULL AS {target.duckdb})")
        if not safe:
            arguments.append(quote_text(name))
    return f"athena_{'try' if safe else 'text_to'}_{kind}({', '.join(arguments)})"


def decimal_bound(type_: SqlType) -> str:
    """The power of ten that a decimal's values do not reach."""
    precision, scale = type_.parameters
    return f"CAST(1e{precision - scale} AS DOUBLE)"


def decimal_name(type_: SqlType) -> str:
    """A decimal as Trino's errors of CAST write it: `DECIMAL(10, 2)`."""
    precision, scale = type_.parameters
    return f"DECIMAL({precision}, {scale})"


def zone_of_text(value: Value) -> Zone | None:
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
