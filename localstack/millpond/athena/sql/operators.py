"""Operators: `+ - * / % ||`, with Trino's types and DuckDB's spelling.

https://trino.io/docs/401/functions/math.html, decimal.html, datetime.html#date-and-time-operators
"""

from __future__ import annotations

from millpond.athena.sql.binding import once
from millpond.athena.sql.coercion import LONGEST_CHAR, char_length, common_type, is_integer, is_number
from millpond.athena.sql.decimals import decimal_arithmetic
from millpond.athena.sql.exceptions import InvalidFunctionArgument, TypeMismatch
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import VARBINARY, VARCHAR, SqlType, array
from millpond.athena.sql.value import Value, convert, local_time, padded, trimmed
from millpond.athena.sql.zones import instant_sql

_INTERVALS = ("interval day to second", "interval year to month")
_TEMPORAL = ("date", "time", "timestamp", "timestamp with time zone")


def arithmetic(operator: str, left: Value, right: Value, position: Position) -> Value:
    """`left operator right` for `+ - * / %`."""
    if left.type.name == "unknown" and right.type.name != "unknown" and is_number(right.type):
        left = convert(left, right.type)
    elif right.type.name == "unknown" and is_number(left.type):
        right = convert(right, left.type)
    if is_number(left.type) and is_number(right.type):
        type_ = common_type(left.type, right.type)
        if type_ is not None and type_.name == "decimal":
            return decimal_arithmetic(operator, left, right)
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
    if "char" in (left.type.name, right.type.name) and {left.type.name, right.type.name} <= set(texts):
        return _concatenate_chars(left, right, position)
    if left.type.name in texts and right.type.name in texts:
        return Value(f"({left.sql} || {right.sql})", VARCHAR)
    if left.type == right.type == VARBINARY:
        return Value(f"({left.sql} || {right.sql})", VARBINARY)
    if left.type.name == "array" or right.type.name == "array":
        return _concatenate_arrays(left, right, position)
    raise cannot_apply(f"{left.type.trino} || {right.type.trino}", position)


def cannot_apply(what: str, position: Position) -> TypeMismatch:
    """Trino's error for an operator that is not there for these types."""
    return TypeMismatch.at(position, f"Cannot apply operator: {what}")


def _number_arithmetic(operator: str, left: Value, right: Value, type_: SqlType) -> Value:
    if operator in ("/", "%") and is_integer(type_):
        symbol = "//" if operator == "/" else "%"
        if right.literal is not None and right.literal.strip("-0"):
            return Value(f"({left.sql} {symbol} {right.sql})", type_)
        name = "athena_integer_quotient" if operator == "/" else "athena_integer_remainder"
        return Value(f"{name}({left.sql}, {right.sql})", type_)
    return Value(f"({left.sql} {operator} {right.sql})", type_)


def _temporal_arithmetic(operator: str, left: Value, right: Value) -> Value | None:
    if operator == "+" and left.type.name in _INTERVALS and right.type.name in _TEMPORAL:
        left, right = right, left
    names = (left.type.name, right.type.name)
    if operator in ("+", "-") and names[0] in _TEMPORAL and names[1] in _INTERVALS:
        if names[0] == "date":
            interval = right.sql
            if names[1] == "interval day to second" and (right.literal is None or _part_of_day(right)):
                verb, preposition = ("add", "to") if operator == "+" else ("subtract", "from")
                interval = f"athena_whole_days({right.sql}, '{verb}', '{preposition}')"
            return Value(f"CAST(({left.sql} {operator} {interval}) AS DATE)", left.type)
        sql, type_ = f"({left.sql} {operator} {right.sql})", left.type
        if names[1] == "interval day to second":
            # The interval has milliseconds, so has what it is added to.
            type_ = SqlType(names[0], (max(3, *left.type.parameters),))
        if left.zone is not None and names[1] == "interval year to month":
            # A month is one of the calendar there.
            sql = instant_sql(f"({local_time(left)} {operator} {right.sql})", left.zone)
        return Value(sql, type_, zone=left.zone)
    if operator in ("+", "-") and names[0] == names[1] and names[0] in _INTERVALS:
        return Value(f"({left.sql} {operator} {right.sql})", left.type)
    if operator == "-" and names[0] in _TEMPORAL and names[1] in _TEMPORAL:
        common = common_type(left.type, right.type)
        if common is not None:
            first, second = (
                f"epoch_us({v.sql if common.name == 'time' else f'CAST({v.sql} AS TIMESTAMP)'})"
                for v in (convert(left, common), convert(right, common))
            )
            millis = f"CAST(round(({first} - {second}) / 1000) AS BIGINT)"
            return Value(f"to_milliseconds({millis})", SqlType("interval day to second"))
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


def _concatenate_chars(left: Value, right: Value, position: Position) -> Value:
    """What a `char` is joined with becomes one, too."""
    lengths = [char_length(side.type) for side in (left, right)]
    if sum(lengths) > LONGEST_CHAR:
        raise InvalidFunctionArgument.at(
            position, f"CHAR length must be in range [0, {LONGEST_CHAR}], got {sum(lengths)}"
        )
    first, second = (
        convert(side, SqlType("char", (length,))) for side, length in zip((left, right), lengths, strict=True)
    )
    return Value(trimmed(f"({padded(first)} || {second.sql})"), SqlType("char", (sum(lengths),)))


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
