"""Arithmetic of decimals: Trino's precision and scale, in 64 bits where the values allow it.

DuckDB computes decimals of up to 18 digits in 64 bits, all others in 128 bits, which takes several times as
long. By their types most products have more than 18 digits, by their values hardly any. So a product is
computed in 64 bits under a condition, whose truth DuckDB mostly knows from the columns' statistics before it
reads a row, and in 128 bits where the condition does not hold.

https://trino.io/docs/401/functions/decimal.html
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.athena.sql.binding import costs_much, once
from millpond.athena.sql.coercion import as_decimal
from millpond.athena.sql.types import SqlType, decimal
from millpond.athena.sql.value import ShortDecimal, Value, convert

_LONG_DIGITS = 18
"""DuckDB computes decimals of so many digits in 64 bits, and fails if the result has more."""

_MOST_DIGITS = 38
"""A decimal has no more; nor has DuckDB's largest integer."""

_LIKELY_DIGITS = 28
"""Before the point, of numbers that are thought of: for more a quotient may fail that Trino has."""

_EXACT_DIGITS = 15
"""A double holds every integer of so many digits."""


def decimal_arithmetic(operator: str, left: Value, right: Value) -> Value:
    """`left operator right` for `+ - * / %` of decimals and integers."""
    factors = _factor(left), _factor(right)
    left = convert(left, as_decimal(left.type))
    right = convert(right, as_decimal(right.type))
    (p1, s1), (p2, s2) = left.type.parameters, right.type.parameters
    scale = max(s1, s2)
    if operator in ("+", "-"):
        type_ = decimal(min(38, max(p1 - s1, p2 - s2) + scale + 1), scale)
        augend = _widened(left, right, type_)
        return Value(f"CAST(({augend} {operator} {right.sql}) AS {type_.duckdb})", type_)
    if operator == "*":
        type_ = decimal(min(38, p1 + p2), s1 + s2)
        product = f"CAST(({_widened(left, right, type_)} * {right.sql}) AS {type_.duckdb})"
        short = _short_product(*factors, product, type_)
        if short is None:
            return Value(product, type_)
        quick = f"CAST({short.sql} AS {type_.duckdb})"
        return Value(f"(CASE WHEN {short.condition} THEN {quick} ELSE {product} END)", type_, short=short)
    if operator == "/":
        type_ = decimal(min(38, p1 + s2 + max(0, s2 - s1)), scale)
        return Value(decimal_quotient(left.sql, right.sql, left.type, right.type, type_), type_)
    type_ = (
        decimal(min(p1 - s1, p2 - s2) + scale, scale) if p1 - s1 + p2 - s2 else decimal(max(scale, 1), scale)
    )
    if max(p1 - s1, p2 - s2) + scale > _MOST_DIGITS:
        # DuckDB finds no decimal for both, and computes in floating point.
        return Value(_exact("%", left.sql, right.sql, type_), type_)
    return Value(f"CAST(athena_remainder({left.sql}, {right.sql}) AS {type_.duckdb})", type_)


def short_sum(product: ShortDecimal, suffix: str = "") -> str:
    """The sum of a product; `suffix` is FILTER.

    What fits into 64 bits and what does not are summed apart: in one sum all would be taken for 128 bits.
    """
    near = f"sum(CASE WHEN {product.condition} THEN {product.sql} END){suffix}"
    far = f"sum(CASE WHEN {product.condition} THEN NULL ELSE {product.otherwise} END){suffix}"
    return f"coalesce({near} + {far}, {near}, {far})"


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
    # The digits before the point for which DuckDB's integers have place.
    room = _MOST_DIGITS - 2 * dividend_scale - shift, _MOST_DIGITS - 1 - 2 * divisor_scale
    needed = (
        min(type_.parameters[0] - type_.parameters[1], _LIKELY_DIGITS)
        for type_ in (dividend_type, divisor_type)
    )
    if any(digits < most for digits, most in zip(room, needed, strict=True)):
        exact = _exact("/", dividend, divisor, result)
        fits = " AND ".join(
            f"abs(CAST({sql} AS DOUBLE)) < 1e{digits}"
            for sql, digits in zip((dividend, divisor), room, strict=True)
        )
        wide = exact if min(room) < 1 else f"CASE WHEN {fits} THEN {wide} ELSE {exact} END"
    dividend_digits, divisor_digits = _EXACT_DIGITS - dividend_scale - shift, _EXACT_DIGITS - divisor_scale
    if dividend_digits < 1 or divisor_digits < 1:
        return wide
    return (
        f"CASE WHEN abs(CAST({dividend} AS DOUBLE)) < 1e{dividend_digits} AND {divisor} <> 0 "
        f"AND abs(CAST({divisor} AS DOUBLE)) < 1e{divisor_digits} "
        f"THEN athena_small_decimal_quotient({dividend}, {divisor}, 1e{dividend_scale}, 1e{shift}, "
        f"1e{divisor_scale}, {decimal_unit(scale, scale + 1)}, {witness}) ELSE {wide} END"
    )


def _exact(operator: str, left: str, right: str, result: SqlType) -> str:
    """What Python computes with as many digits as it takes."""
    texts = f"CAST({left} AS VARCHAR), CAST({right} AS VARCHAR)"
    return f"CAST(athena_py_decimal('{operator}', {texts}, {result.parameters[1]}) AS {result.duckdb})"


def average(total: str, count: str, result: SqlType) -> str:
    """The average of decimals by their sum, which has all digits that there are, and their number."""
    scale = result.parameters[1]
    return decimal_quotient(
        f"CAST({total} AS DECIMAL({_MOST_DIGITS}, {scale}))",
        f"CAST(nullif({count}, 0) AS DECIMAL(19, 0))",
        decimal(_MOST_DIGITS, scale),
        decimal(19, 0),
        result,
    )


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


# ---- products


@dataclass(frozen=True)
class _Factor:
    """A factor of a product.

    Attributes:
        sql: A decimal that DuckDB keeps in 64 bits.
        measured: The same number, which may have more bits.
        digits: How many digits it may have.
        scale: How many of them stand behind the point of `measured`.
        share: How many of a product's digits it has if both factors may have many.
        condition: When `sql` may be computed, None for always.
    """

    sql: str
    measured: str
    digits: int
    scale: int
    share: int = _LONG_DIGITS // 2
    condition: str | None = None


def _factor(value: Value) -> _Factor | None:
    """A number as a factor in 64 bits, None if it has more."""
    if costs_much(value.sql):
        return None
    type_ = as_decimal(value.type)
    digits, scale = type_.parameters
    if value.short is not None:
        # The more factors, the more digits: price * quantity has some, (1 - discount) has few.
        sql = value.short.sql
        return _Factor(sql, sql, _LONG_DIGITS, scale, 12, value.short.condition)
    if digits <= _LONG_DIGITS:
        sql = convert(value, type_).sql
        return _Factor(sql, sql, digits, scale)
    if type_ != value.type:
        return _Factor(f"CAST({value.sql} AS DECIMAL({_LONG_DIGITS}, 0))", value.sql, digits, 0)
    return None


def _short_product(
    left: _Factor | None, right: _Factor | None, product: str, type_: SqlType
) -> ShortDecimal | None:
    """A product in 64 bits, if it has more by its type and may have so few by its values."""
    digits, scale = type_.parameters
    if left is None or right is None or digits <= _LONG_DIGITS or scale >= _LONG_DIGITS:
        return None
    share = _LONG_DIGITS // 2 + (left.share - right.share)
    fitting = " AND ".join(
        f"{factor.measured} BETWEEN -{largest} AND {largest}"
        for factor, most in (
            (left, max(share, _LONG_DIGITS - right.digits)),
            (right, max(_LONG_DIGITS - share, _LONG_DIGITS - left.digits)),
        )
        if most < factor.digits
        for largest in [_largest_decimal(most, factor.scale)]
    )
    before = [factor.condition for factor in (left, right) if factor.condition is not None]
    if before:
        # AND computes its terms in any order, and a factor must not be computed where it does not fit.
        fitting = f"(CASE WHEN {' AND '.join(before)} THEN {fitting} ELSE false END)"
    return ShortDecimal(f"({left.sql} * {right.sql})", fitting, product)


def _widened(left: Value, right: Value, result: SqlType) -> str:
    """The left side with a digit more than 64 bits hold where the result needs it: then 128 are used."""
    digits = max(left.type.parameters[0], right.type.parameters[0])
    if not result.parameters[0] > _LONG_DIGITS >= digits:
        return left.sql
    return f"CAST({left.sql} AS {decimal(_LONG_DIGITS + 1, left.type.parameters[1]).duckdb})"


def _largest_decimal(digits: int, scale: int) -> str:
    text = "9" * digits
    if scale == 0:
        return text
    text = text.rjust(scale + 1, "0")
    return f"{text[:-scale]}.{text[-scale:]}"
