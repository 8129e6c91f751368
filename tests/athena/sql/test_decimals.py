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
    rows = ", ".join(f"('{a}', '{b}')" for a, b in pairs + halves)
    answered = run_sql(
        f"SELECT a, b, CAST(a AS DECIMAL({precision},{scale})) / "
        f"CAST(b AS DECIMAL({divisor_precision},{divisor_scale})) FROM (VALUES {rows}) AS t(a, b)"
    )
    assert len(answered.rows) == len(pairs + halves)
    unit = Decimal(1).scaleb(-max(scale, divisor_scale))
    with decimal.localcontext(prec=100, rounding=decimal.ROUND_HALF_UP):
        for a, b, quotient in answered.rows:
            assert quotient == (Decimal(a) / Decimal(b)).quantize(unit), (a, b)


def number(chance: random.Random, precision: int, scale: int) -> Decimal:
    """Any number of digits is as likely as any other; never zero."""
    largest = 10 ** chance.randint(1, min(precision, 30)) - 1
    return Decimal(chance.choice([-1, 1]) * chance.randint(1, largest)).scaleb(-scale)
