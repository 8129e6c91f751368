"""Constants: from what is written in a statement to a typed value."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable

from millpond.athena.sql import syntax
from millpond.athena.sql.exceptions import InvalidFunctionArgument, InvalidLiteral, InvalidType, NotSupported
from millpond.athena.sql.python_functions.function import FunctionFailure
from millpond.athena.sql.python_functions.json_functions import canonical
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    JSON,
    UNKNOWN,
    VARBINARY,
    SqlType,
    decimal,
)
from millpond.athena.sql.types import parse_type as parse_sql_type
from millpond.athena.sql.value import Value
from millpond.athena.sql.zones import instant_sql, named_zone, normal_zone


def literal(node: syntax.Literal) -> Value:
    """The value of a plain literal."""
    return _LITERALS[node.kind](node)


def typed_literal(node: syntax.TypedLiteral) -> Value:
    """The value of `DATE '…'` and its like."""
    reader = _TYPED_LITERALS.get(node.type_text)
    if reader is not None:
        return reader(node.value.strip(), node.position)
    try:
        type_ = parse_sql_type(node.type_text)
    except InvalidType as error:
        raise InvalidType.at(node.position, f"Unknown type: {node.type_text}") from error
    if type_.name == "varchar":
        return Value(quote_text(node.value), SqlType("varchar"), node.value)
    if type_.name == "char":
        text = node.value.rstrip(" ")
        return Value(quote_text(text), SqlType("char", (len(node.value),)), text)
    return Value(f"CAST({quote_text(node.value)} AS {type_.duckdb})", type_, node.value)


def interval_literal(node: syntax.IntervalLiteral) -> Value:
    """The value of `INTERVAL '…' unit`."""
    months_units, day_units = ("year", "month"), ("day", "hour", "minute", "second")
    months = node.unit in months_units
    units = months_units if months else day_units
    last = node.to_unit or node.unit
    if last not in units or units.index(last) < units.index(node.unit):
        raise _invalid(f"Invalid INTERVAL qualifier: {node.unit} to {last}".upper(), node.position)
    fields = units[units.index(node.unit) : units.index(last) + 1]
    negative = node.value.strip().startswith("-")
    numbers = re.split(r"[-: ]+", node.value.strip().lstrip("+-"))
    if len(numbers) != len(fields) or not all(re.fullmatch(r"\d+(\.\d+)?", number) for number in numbers):
        raise _invalid(f"'{node.value}' is not a valid INTERVAL literal", node.position)
    sign = node.sign * (-1 if negative else 1)
    if months:
        total = sign * sum(int(n) * (12 if f == "year" else 1) for n, f in zip(numbers, fields, strict=True))
        return Value(f"to_months({total})", SqlType("interval year to month"), str(total))
    seconds = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
    millis = sign * sum(round(float(n) * seconds[f] * 1000) for n, f in zip(numbers, fields, strict=True))
    return Value(f"to_milliseconds({millis})", SqlType("interval day to second"), str(millis))


def _string(node: syntax.Literal) -> Value:
    return Value(quote_text(node.value), SqlType("varchar", (len(node.value),)), node.value)


def _integer(node: syntax.Literal) -> Value:
    number = int(node.value)
    if number < 2**31:
        return Value(str(number), INTEGER, str(number))
    if number < 2**63:
        return Value(str(number), BIGINT, str(number))
    raise _invalid(f"Invalid numeric literal: {node.value}", node.position)


def _double(node: syntax.Literal) -> Value:
    """`1.5E0`, and `1.5` too: Athena kept Presto's reading (`parse-decimal-literals-as-double`)."""
    return Value(f"CAST('{node.value}' AS DOUBLE)", DOUBLE, node.value)


def _boolean(node: syntax.Literal) -> Value:
    return Value(node.value, BOOLEAN, node.value)


def _null(_: syntax.Literal) -> Value:
    return Value("NULL", UNKNOWN)


def _binary(node: syntax.Literal) -> Value:
    return Value(f"unhex('{node.value}')", VARBINARY)


_LITERALS: dict[str, Callable[[syntax.Literal], Value]] = {
    "string": _string,
    "integer": _integer,
    "decimal": _double,
    "double": _double,
    "boolean": _boolean,
    "null": _null,
    "binary": _binary,
}

_DATE = re.compile(r"[+-]?\d{1,6}-\d{1,2}-\d{1,2}")
_TIME = re.compile(
    r"(?P<local>\d{1,2}:\d{1,2}(?P<second>:\d{1,2}(?:\.(?P<fraction>\d{1,12}))?)?)"
    r"\s*(?P<zone>[+-]\d{1,2}(?::?\d{2})?)?"
)
_TIMESTAMP = re.compile(
    r"(?P<local>[+-]?\d{1,6}-\d{1,2}-\d{1,2}"
    r"(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(?P<fraction>\d{1,12}))?)?)?)"
    r"(?:\s*(?P<zone>[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][\w/+-]*))?"
)


def _date_literal(text: str, position: Position) -> Value:
    if not _DATE.fullmatch(text):
        raise _invalid(f"'{text}' is not a valid DATE literal", position)
    return Value(f"CAST('{text}' AS DATE)", DATE, text)


def _time_literal(text: str, position: Position) -> Value:
    match = _TIME.fullmatch(text)
    if match is None:
        raise _invalid(f"'{text}' is not a valid TIME literal", position)
    local = match["local"] if match["second"] else f"{match['local']}:00"
    zone = match["zone"]
    type_ = SqlType("time with time zone" if zone else "time", (len(match["fraction"] or ""),))
    # DuckDB, too, knows a zone of a time by its offset: `UTC` is not one.
    offset = normal_zone(zone).replace("UTC", "+00:00") if zone else ""
    return Value(f"CAST('{local}{offset}' AS {type_.duckdb})", type_, text)


def _timestamp_literal(text: str, position: Position) -> Value:
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise _invalid(f"'{text}' is not a valid TIMESTAMP literal", position)
    precision = len(match["fraction"] or "")
    local = match["local"].replace("T", " ")
    if re.search(r" \d{1,2}:\d{1,2}$", local):
        local += ":00"
    plain = SqlType("timestamp", (precision,))
    sql = f"CAST('{local}' AS {plain.duckdb})"
    if match["zone"] is None:
        return Value(sql, plain, text)
    zone = named_zone(normal_zone(match["zone"]))
    return Value(
        instant_sql(sql, zone),
        SqlType("timestamp with time zone", (precision,)),
        text,
        zone,
    )


def _decimal_literal(text: str, position: Position) -> Value:
    """Zeros in front count as digits."""
    match = re.fullmatch(r"[+-]?(\d*)(?:\.(\d*))?", text)
    if match is None or not (match[1] or match[2]):
        raise _invalid(f"Invalid decimal literal: '{text}'", position)
    whole, fraction = match[1], match[2] or ""
    precision = max(len(whole) + len(fraction), 1)
    if precision > 38:
        raise _invalid(f"Invalid decimal literal: '{text}'", position)
    type_ = decimal(precision, len(fraction))
    return Value(f"CAST('{text}' AS {type_.duckdb})", type_, text)


def _ip_address_literal(text: str, position: Position) -> Value:
    """Trino keeps 16 bytes: an address of version 4 as the one of version 6 that stands for it."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise _invalid(f"'{text}' is not a valid IPADDRESS literal", position) from None
    packed = address.packed if address.version == 6 else bytes(10) + b"\xff\xff" + address.packed
    return Value(f"unhex('{packed.hex()}')", SqlType("ipaddress"), text)


def _json_literal(text: str, position: Position) -> Value:
    try:
        return Value(f"json({quote_text(canonical(text))})", JSON)
    except FunctionFailure as error:
        raise InvalidFunctionArgument.at(position, f"Cannot convert value to JSON: '{text}'") from error


_TYPED_LITERALS: dict[str, Callable[[str, Position], Value]] = {
    "date": _date_literal,
    "time": _time_literal,
    "timestamp": _timestamp_literal,
    "decimal": _decimal_literal,
    "json": _json_literal,
    "ipaddress": _ip_address_literal,
}


def constant_text(value: Value, what: str, position: Position) -> str:
    """The text of a value that has to be a constant here."""
    if value.literal is None:
        raise NotSupported.at(position, f"{what} that is no constant is not supported here")
    return value.literal


def _invalid(message: str, position: Position) -> InvalidLiteral:
    return InvalidLiteral.at(position, message)
