"""How Athena writes a value as text, in a result file and in GetQueryResults.

Simple types become text inside DuckDB, which is fast; doubles (Java's notation) and nested values
(Java's `toString`) are written here.
"""

from __future__ import annotations

import datetime
import decimal
import ipaddress
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from millpond.athena.engine import identifier
from millpond.athena.sql.types import SKETCHES, SqlType
from millpond.athena.sql.zones import PER_VALUE, Zone, local_sql, zone_name_sql

Format = Callable[[Any], str]


def text_expression(column: str, type_: SqlType, zone: Zone | None = None) -> str:
    """DuckDB's expression that gives a column's text, or what `formatter` makes text of."""
    quoted = identifier(column)
    if type_.name == "timestamp with time zone":
        instant = quoted
        if zone == PER_VALUE:
            instant, zone = f"struct_extract({quoted}, 'at')", Zone(f"struct_extract({quoted}, 'zone')")
        return f"{_moment_expression(type_).format(local_sql(instant, zone))} || ' ' || {zone_name_sql(zone)}"
    template = _EXPRESSIONS.get(type_.name)
    if type_.name in _MOMENTS:
        template = _moment_expression(type_)
    if type_.name == "char":
        template = f"rpad({{}}, {type_.parameters[0]}, ' ')"
    return template.format(quoted) if template else quoted


def formatter(type_: SqlType) -> Format | None:
    """What makes text of a fetched value at the top level, or None where DuckDB already did."""
    if type_.name in _EXPRESSIONS or type_.name in _MOMENTS:
        return None
    return _nested_format(type_)


def java_double(value: float) -> str:
    """A double as Java's `Double.toString` prints it: `1.0`, `1.0E10`, `NaN`."""
    return _java_number(value, repr(value))


def java_float(value: float) -> str:
    """A real as Java's `Float.toString` prints it: the fewest digits that tell it apart."""
    import numpy as np

    return _java_number(value, str(np.float32(value)))


_EXPRESSIONS = {
    "boolean": "CAST({} AS VARCHAR)",
    "tinyint": "CAST({} AS VARCHAR)",
    "smallint": "CAST({} AS VARCHAR)",
    "integer": "CAST({} AS VARCHAR)",
    "bigint": "CAST({} AS VARCHAR)",
    "decimal": "CAST({} AS VARCHAR)",
    "varchar": "{}",
    "char": "{}",
    "json": "CAST({} AS VARCHAR)",
    "uuid": "CAST({} AS VARCHAR)",
    "date": "CAST({} AS VARCHAR)",
    "varbinary": r"rtrim(lower(regexp_replace(hex({}), '(..)', '\1 ', 'g')))",
    "unknown": "CAST({} AS VARCHAR)",
}


_MOMENTS = {
    "timestamp": ("{}", "%Y-%m-%d %H:%M:%S", len("2024-01-01 00:00:00.")),
    "timestamp with time zone": ("{}", "%Y-%m-%d %H:%M:%S", len("2024-01-01 00:00:00.")),
    "time": ("DATE '2000-01-01' + {}", "%H:%M:%S", len("00:00:00.")),
}
"""How DuckDB gets a timestamp of each type, its layout, and where the fraction begins."""


def _moment_expression(type_: SqlType) -> str:
    """A timestamp or time with as many digits of its seconds' fraction as its type has."""
    moment, layout, whole = _MOMENTS[type_.name]
    precision = type_.parameters[0] if type_.parameters else 3
    if precision == 0:
        return f"strftime({moment}, '{layout}')"
    directive, digits = ("%g", 3) if precision <= 3 else ("%f", 6) if precision <= 6 else ("%n", 9)
    text = f"strftime({moment}, '{layout}.{directive}')"
    return text if precision == digits else f"left({text}, {whole + precision})"


def _nested_format(type_: SqlType) -> Format:
    if type_.name == "array":
        return _array_format(_null_aware(_nested_format(type_.elements[0])))
    if type_.name == "map":
        key, value = (_null_aware(_nested_format(element)) for element in type_.elements)
        return _map_format(key, value)
    if type_.name == "row":
        names = [field.name or f"field{i}" for i, field in enumerate(type_.fields)]
        return _row_format(names, [_null_aware(_nested_format(field.type)) for field in type_.fields])
    if type_.name == "timestamp":
        precision = type_.parameters[0] if type_.parameters else 3
        return lambda value: _timestamp_text(value, precision)
    if type_.name == "char":
        return lambda value: str(value).ljust(type_.parameters[0])
    if type_.name == "time with time zone":
        digits = type_.parameters[0] if type_.parameters else 3
        return lambda value: _zoned_time_text(value, digits)
    return _SCALARS.get(type_.name, str)


def _null_aware(format_: Format) -> Format:
    return lambda value: "null" if value is None else format_(value)


def _array_format(element: Format) -> Format:
    return lambda values: f"[{', '.join(map(element, values))}]"


def _map_format(key: Format, value: Format) -> Format:
    return lambda entries: "{" + ", ".join(f"{key(k)}={value(v)}" for k, v in _entries(entries)) + "}"


def _entries(entries: Mapping[str, Any]) -> Iterable[tuple[Any, Any]]:
    """A map's entries; DuckDB gives two lists where the keys cannot be keys of a dict."""
    keys, values = entries.get("key"), entries.get("value")
    if set(entries) == {"key", "value"} and isinstance(keys, list) and isinstance(values, list):
        return zip(keys, values, strict=True)
    return entries.items()


def _row_format(names: list[str], formats: list[Format]) -> Format:
    def text(row: Mapping[str, Any] | tuple[Any, ...]) -> str:
        values = row.values() if isinstance(row, Mapping) else row
        parts = (
            f"{name}={format_(value)}" for name, format_, value in zip(names, formats, values, strict=True)
        )
        return "{" + ", ".join(parts) + "}"

    return text


def _timestamp_text(value: datetime.datetime, precision: int) -> str:
    text = value.strftime("%Y-%m-%d %H:%M:%S")
    fraction = f"{value.microsecond:06d}".ljust(precision, "0")[:precision]
    return f"{value.year:04d}{text[text.index('-') :]}" + (f".{fraction}" if fraction else "")


def _zoned_time_text(value: datetime.time, precision: int) -> str:
    offset = value.isoformat()[-len("+00:00") :]
    fraction = f"{value.microsecond:06d}".ljust(precision, "0")[:precision]
    return value.strftime("%H:%M:%S") + (f".{fraction}" if fraction else "") + offset


def _ip_address_text(value: bytes) -> str:
    address = ipaddress.IPv6Address(value)
    return str(address.ipv4_mapped or address)


def _java_number(value: float, shortest: str) -> str:
    """Java writes 10^-3 <= |x| < 10^7 plainly and all else with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    sign, digits, exponent = decimal.Decimal(shortest).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - only NaN and infinity have a letter here
    number = "".join(map(str, digits))
    point = len(number) + exponent
    if 1e-3 <= abs(value) < 1e7:
        if point <= 0:
            whole, fraction = "0", "0" * -point + number
        else:
            whole, fraction = number[:point].ljust(point, "0"), number[point:] or "0"
        text = f"{whole}.{fraction}"
    else:
        text = f"{number[0]}.{number[1:] or '0'}E{point - 1}"
    return f"-{text}" if sign else text


def _interval_text(value: datetime.timedelta) -> str:
    sign = "-" if value < datetime.timedelta() else ""
    seconds, milliseconds = divmod(abs(value) // datetime.timedelta(milliseconds=1), 1000)
    days, seconds = divmod(seconds, 86400)
    return (
        f"{sign}{days} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{milliseconds:03d}"
    )


def _months_text(value: datetime.timedelta) -> str:
    """DuckDB hands out a month as 30 days."""
    months = abs(value).days // 365 * 12 + abs(value).days % 365 // 30
    return f"{'-' if value.days < 0 else ''}{months // 12}-{months % 12}"


_SCALARS: dict[str, Format] = {
    "boolean": lambda value: "true" if value else "false",
    "double": java_double,
    "real": java_float,
    "decimal": lambda value: f"{value:f}",
    "time": lambda value: value.strftime("%H:%M:%S.") + f"{value.microsecond // 1000:03d}",
    "timestamp with time zone": lambda value: _timestamp_text(value.astimezone(datetime.UTC), 3) + " UTC",
    "varbinary": lambda value: value.hex(" "),
    "ipaddress": _ip_address_text,
    **dict.fromkeys(SKETCHES, lambda value: value.hex(" ")),
    "interval day to second": _interval_text,
    "interval year to month": _months_text,
}
