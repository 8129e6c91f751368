"""Decimals are computed exactly: quotients against Python's, on both sides of what a double holds."""

from __future__ import annotations

import decimal
import random
from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("dividend", "divisor"),
    [
        ((7, 2), (10, 0)),
        ((17, 2), (17, 2)),
        ((15, 2), (16, 4)),
        ((18, 6), (12, 3)),
        ((38, 2), (38, 2)),
        ((38, 0), (19, 0)),
    ],
)
def test_quotient_is_rounded_half_up(run_sql, dividend, divisor):
    chance = random.Random(f"{dividend}{divisor}")
    (precision, scale), (divisor_precision, divisor_scale) = dividend, divisor
    pairs = [
        (number(chance, precision, scale), number(chance, divisor_precision, divisor_scale))
        for _ in range(300)
    ]
    halves = [(Decimal(n).scaleb(-scale), Decimal(d)) for n in range(-20, 20) for d in (1, 2, 4, 8, -2)]
    rows = ", ".join(f"('{a:f}', '{b:f}')" for a, b in pairs + halves)
    answered = run_sql(
        f"SELECT a, b, CAST(a AS DECIMAL({precision},{scale})) / "
        f"CAST(b AS DECIMAL({divisor_precision},{divisor_scale})) FROM (VALUES {rows}) AS t(a, b)"
    )
    assert len(answered.rows) == len(pairs + halves)
    unit = Decimal(1).scaleb(-max(scale, divisor_scale))
    with decimal.localcontext(prec=100, rounding=decimal.ROUND_HALF_UP):
        for a, b, quotient in answered.rows:
            assert quotient == (Decimal(a) / Decimal(b)).quantize(unit), (a, b)


@pytest.mark.parametrize(
    "types", [((15, 2), (15, 2)), ((18, 0), (18, 18)), ((10, 2), (12, 4)), ((7, 2), (18, 3))]
)
@pytest.mark.parametrize("operator", ["+", "-", "*"])
def test_results_may_have_more_digits_than_64_bits_hold(run_sql, types, operator):
    values = [
        [Decimal(10**p - 1).scaleb(-s), Decimal(1 - 10**p).scaleb(-s), Decimal(7).scaleb(-s)]
        for p, s in types
    ]
    rows = ", ".join(f"('{a:f}', '{b:f}')" for a in values[0] for b in values[1])
    (p, s), (q, t) = types
    answered = run_sql(
        f"SELECT a, b, CAST(a AS DECIMAL({p},{s})) {operator} CAST(b AS DECIMAL({q},{t})) "
        f"FROM (VALUES {rows}) AS t(a, b)"
    )
    compute = {"+": Decimal.__add__, "-": Decimal.__sub__, "*": Decimal.__mul__}[operator]
    assert len(answered.rows) == 9
    with decimal.localcontext(prec=100):
        for a, b, result in answered.rows:
            assert result == compute(Decimal(a), Decimal(b)), (a, b)


def number(chance: random.Random, precision: int, scale: int) -> Decimal:
    """Any number of digits is as likely as any other; never zero."""
    largest = 10 ** chance.randint(1, min(precision, 30)) - 1
    return Decimal(chance.choice([-1, 1]) * chance.randint(1, largest)).scaleb(-scale)
