"""Operators: `+ - * / % ||` and comparisons, with Trino's types and DuckDB's spelling.

https://trino.io/docs/401/functions/math.html, decimal.html, datetime.html#date-and-time-operators
"""

from __future__ import annotations

from dataclasses import replace

from millpond.athena.sql.binding import once
from millpond.athena.sql.coercion import as_decimal, common_type, is_integer, is_number
from millpond.athena.sql.exceptions import TypeMismatch
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import BOOLEAN, VARBINARY, VARCHAR, SqlType, array, decimal
from millpond.athena.sql.value import Value, convert, local_time
from millpond.athena.sql.zones import instant_sql

_INTERVALS = ("interval day to second", "interval year to month")
_TEMPORAL = ("date", "time", "timestamp", "timestamp with time zone")
_NAMED_BY = {
    # an operator, and the one by which Trino looks it up and which its errors name
    "<>": "=",
    "!=": "=",
    ">": "<",
    ">=": "<=",
    "IS NOT DISTINCT FROM": "IS DISTINCT FROM",
}
_UNORDERED = ("map", "json")


def arithmetic(operator: str, left: Value, right: Value, position: Position) -> Value:
    """`left operator right` for `+ - * / %`."""
    if left.type.name == "unknown" and right.type.name != "unknown" and is_number(right.type):
        left = convert(left, right.type)
    elif right.type.name == "unknown" and is_number(left.type):
        right = convert(right, left.type)
    if is_number(left.type) and is_number(right.type):
        type_ = common_type(left.type, right.type)
        if type_ is not None and type_.name == "decimal":
            return _decimal_arithmetic(operator, left, right)
        if type_ is not None:
            return _number_arithmetic(operator, convert(left, type_), convert(right, type_), type_)
    result = _temporal_arithmetic(operator, left, right)
    if result is None:
        raise cannot_apply(f"{left.type.trino} {operator} {right.type.trino}", position)
    return result


def negate(value: Value, position: Position) -> Value:
    """`-value`."""
    if value.type.name in _INTERVALS or is_number(value.type):
        literal = f"-{value.literal}" if value.literal is not None else None
        return Value(f"(- {value.sql})", value.type, literal)
    raise cannot_apply(f"-{value.type.trino}", position)


def concatenate(left: Value, right: Value, position: Position) -> Value:
    """`left || right` of texts, binaries or arrays."""
    texts = ("varchar", "char", "unknown")
    if left.type.name in texts and right.type.name in texts:
        return Value(f"({left.sql} || {right.sql})", VARCHAR)
    if left.type == right.type == VARBINARY:
        return Value(f"({left.sql} || {right.sql})", VARBINARY)
    if left.type.name == "array" or right.type.name == "array":
        return _concatenate_arrays(left, right, position)
    raise cannot_apply(f"{left.type.trino} || {right.type.trino}", position)


def compare(operator: str, left: Value, right: Value, position: Position) -> Value:
    """`left operator right` for `=`, `<`, `IS DISTINCT FROM` and the others."""
    type_ = common_type(left.type, right.type)
    ordered = operator in ("<", "<=", ">", ">=")
    if type_ is None or (ordered and type_.name in _UNORDERED):
        name = _NAMED_BY.get(operator, operator)
        raise cannot_apply(f"{left.type.trino} {name} {right.type.trino}", position)
    return Value(f"({convert(left, type_).sql} {operator} {convert(right, type_).sql})", BOOLEAN)


def cannot_apply(what: str, position: Position) -> TypeMismatch:
    """Trino's error for an operator that is not there for these types."""
    return TypeMismatch.at(position, f"Cannot apply operator: {what}")


def decimal_quotient(
    dividend: str, divisor: str, dividend_type: SqlType, divisor_type: SqlType, result: SqlType
) -> str:
    """A quotient of two decimals, rounded half up to the result's scale.

    DuckDB divides 128-bit integers bit by bit. Up to 15 digits a quotient of doubles, rounded to a whole
    number, is exact as well: only a true half can be taken for one. So smaller numbers go that way.
    """
    return once(lambda a, b: _decimal_quotient(a, b, dividend_type, divisor_type, result), dividend, divisor)


def _decimal_quotient(
    dividend: str, divisor: str, dividend_type: SqlType, divisor_type: SqlType, result: SqlType
) -> str:
    scale = result.parameters[1]
    dividend_scale, divisor_scale = dividend_type.parameters[1], divisor_type.parameters[1]
    shift = scale - dividend_scale + divisor_scale
    witness = f"CAST(NULL AS {result.duckdb})"
    wide = (
        f"athena_decimal_quotient({_unscaled(dividend, dividend_type)} * CAST({10**shift} AS HUGEINT), "
        f"{_unscaled(divisor, divisor_type)}, {decimal_unit(scale)}, {witness})"
    )
    dividend_digits, divisor_digits = _EXACT_DIGITS - dividend_scale - shift, _EXACT_DIGITS - divisor_scale
    if dividend_digits < 1 or divisor_digits < 1:
        return wide
    return (
        f"CASE WHEN abs(CAST({dividend} AS DOUBLE)) < 1e{dividend_digits} AND {divisor} <> 0 "
        f"AND abs(CAST({divisor} AS DOUBLE)) < 1e{divisor_digits} "
        f"THEN athena_small_decimal_quotient({dividend}, {divisor}, 1e{dividend_scale}, 1e{shift}, "
        f"1e{divisor_scale}, {decimal_unit(scale, scale + 1)}, {witness}) ELSE {wide} END"
    )


_EXACT_DIGITS = 15


def _unscaled(sql: str, type_: SqlType) -> str:
    """A decimal's digits as an integer."""
    scale = type_.parameters[1]
    if scale == 0:
        return f"CAST({sql} AS HUGEINT)"
    power = f"CAST({10**scale} AS DECIMAL({min(scale + 1, 38)}, 0))"
    return f"CAST(CAST({sql} AS DECIMAL(38, {scale})) * {power} AS HUGEINT)"


def decimal_unit(scale: int, precision: int = 38) -> str:
    """The smallest decimal of a scale: what a number of units is multiplied with."""
    unit = "1" if scale == 0 else "0." + "0" * (scale - 1) + "1"
    return f"CAST({unit} AS DECIMAL({precision}, {scale}))"


def _number_arithmetic(operator: str, left: Value, right: Value, type_: SqlType) -> Value:
    if operator in ("/", "%") and is_integer(type_):
        symbol = "//" if operator == "/" else "%"
        if right.literal is not None and right.literal.strip("-0"):
            return Value(f"({left.sql} {symbol} {right.sql})", type_)
        name = "athena_integer_quotient" if operator == "/" else "athena_integer_remainder"
        return Value(f"{name}({left.sql}, {right.sql})", type_)
    return Value(f"({left.sql} {operator} {right.sql})", type_)


def _decimal_arithmetic(operator: str, left: Value, right: Value) -> Value:
    left = convert(left, as_decimal(left.type))
    right = convert(right, as_decimal(right.type))
    (p1, s1), (p2, s2) = left.type.parameters, right.type.parameters
    scale = max(s1, s2)
    if operator in ("+", "-"):
        type_ = decimal(min(38, max(p1 - s1, p2 - s2) + scale + 1), scale)
        wide = _needs_widening(left.type, right.type, type_)
        augend = _widened(left) if wide else left.sql
        return Value(f"CAST(({augend} {operator} {right.sql}) AS {type_.duckdb})", type_)
    if operator == "*":
        return _decimal_product(left, right, decimal(min(38, p1 + p2), s1 + s2))
    if operator == "/":
        type_ = decimal(min(38, p1 + s2 + max(0, s2 - s1)), scale)
        return Value(decimal_quotient(left.sql, right.sql, left.type, right.type, type_), type_)
    type_ = (
        decimal(min(p1 - s1, p2 - s2) + scale, scale) if p1 - s1 + p2 - s2 else decimal(max(scale, 1), scale)
    )
    return Value(f"CAST(athena_remainder({left.sql}, {right.sql}) AS {type_.duckdb})", type_)


def _decimal_product(left: Value, right: Value, type_: SqlType) -> Value:
    """64-bit integers where the values allow it: for most columns their statistics say so beforehand."""
    product = f"CAST(({left.sql} * {right.sql}) AS {type_.duckdb})"
    if not _needs_widening(left.type, right.type, type_):
        return Value(product, type_)

    def guarded(left_sql: str, right_sql: str) -> str:
        return _guarded_product(replace(left, sql=left_sql), replace(right, sql=right_sql), type_)

    return Value(once(guarded, left.sql, right.sql), type_)


def _guarded_product(left: Value, right: Value, type_: SqlType) -> str:
    product = f"CAST(({left.sql} * {right.sql}) AS {type_.duckdb})"
    precisions = (left.type.parameters[0], right.type.parameters[0])
    half = _LONG_DIGITS // 2
    digits = [max(half, _LONG_DIGITS - precisions[1]), max(half, _LONG_DIGITS - precisions[0])]
    checks = [
        f"{side.sql} BETWEEN -{largest} AND {largest}"
        for side, most in zip((left, right), digits, strict=True)
        if most < side.type.parameters[0]
        for largest in [_largest_decimal(most, side.type.parameters[1])]
    ]
    exact = f"CAST(({_widened(left)} * {right.sql}) AS {type_.duckdb})"
    return f"(CASE WHEN {' AND '.join(checks)} THEN {product} ELSE {exact} END)"


_LONG_DIGITS = 18
"""DuckDB computes decimals of so many digits in 64 bits, and fails if the result has more."""


def _needs_widening(left: SqlType, right: SqlType, result: SqlType) -> bool:
    return result.parameters[0] > _LONG_DIGITS >= max(left.parameters[0], right.parameters[0])


def _widened(value: Value) -> str:
    """With a digit more than 64 bits hold, so that DuckDB computes with 128."""
    return f"CAST({value.sql} AS {decimal(_LONG_DIGITS + 1, value.type.parameters[1]).duckdb})"


def _largest_decimal(digits: int, scale: int) -> str:
    text = "9" * digits
    if scale == 0:
        return text
    text = text.rjust(scale + 1, "0")
    return f"{text[:-scale]}.{text[-scale:]}"


def _temporal_arithmetic(operator: str, left: Value, right: Value) -> Value | None:
    if operator == "+" and left.type.name in _INTERVALS and right.type.name in _TEMPORAL:
        left, right = right, left
    names = (left.type.name, right.type.name)
    if operator in ("+", "-") and names[0] in _TEMPORAL and names[1] in _INTERVALS:
        sql = f"({left.sql} {operator} {right.sql})"
        if names[0] == "date":
            if names[1] == "interval day to second" and _part_of_day(right):
                return None
            return Value(f"CAST({sql} AS DATE)", left.type)
        if left.zone is not None and names[1] == "interval year to month":
            # A month is one of the calendar there.
            sql = instant_sql(f"({local_time(left)} {operator} {right.sql})", left.zone)
        return Value(sql, left.type, zone=left.zone)
    if operator in ("+", "-") and names[0] == names[1] and names[0] in _INTERVALS:
        return Value(f"({left.sql} {operator} {right.sql})", left.type)
    if operator == "-" and names[0] in _TEMPORAL and names[1] in _TEMPORAL and names[0] != "time":
        type_ = common_type(left.type, right.type)
        if type_ is not None:
            first, second = (f"epoch_ms(CAST({convert(v, type_).sql} AS TIMESTAMP))" for v in (left, right))
            return Value(f"to_milliseconds({first} - {second})", SqlType("interval day to second"))
    if operator == "*" and is_number(left.type) and names[1] in _INTERVALS:
        left, right = right, left
    if operator in ("*", "/") and left.type.name in _INTERVALS and is_number(right.type):
        if left.type.name == "interval day to second":
            factor = f"CAST({right.sql} AS DOUBLE)"
            millis = f"CAST(trunc(epoch_ms({left.sql}) {operator} {factor}) AS BIGINT)"
            return Value(f"to_milliseconds({millis})", left.type)
        months = f"athena_months({left.sql})"
        return Value(f"to_months(CAST(trunc({months} {operator} {right.sql}) AS INTEGER))", left.type)
    return None


def _part_of_day(interval: Value) -> bool:
    return interval.literal is not None and int(interval.literal) % 86_400_000 != 0


def _concatenate_arrays(left: Value, right: Value, position: Position) -> Value:
    left_type = left.type if left.type.name in ("array", "unknown") else array(left.type)
    right_type = right.type if right.type.name in ("array", "unknown") else array(right.type)
    type_ = common_type(left_type, right_type)
    if type_ is None:
        raise cannot_apply(f"{left.type.trino} || {right.type.trino}", position)
    sides = []
    for value, as_array in ((left, left_type), (right, right_type)):
        wrapped = value if value.type.name in ("array", "unknown") else Value(f"[{value.sql}]", as_array)
        sides.append(convert(wrapped, type_).sql)
    # DuckDB takes a NULL list for an empty one.
    sql = once(
        lambda a, b: f"(CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN list_concat({a}, {b}) END)", *sides
    )
    return Value(sql, type_)
