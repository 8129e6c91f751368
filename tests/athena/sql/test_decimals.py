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


PRODUCTS = [
    # as SQL, as Python, the types of its columns
    ("a * b", lambda a, b: a * b, ["decimal(15,2)", "decimal(16,2)"]),
    ("a * b", lambda a, b: a * b, ["decimal(18,3)", "decimal(18,4)"]),
    ("a * b", lambda a, b: a * b, ["decimal(15,2)", "bigint"]),
    ("a * (1 - b)", lambda a, b: a * (1 - b), ["decimal(15,2)", "decimal(15,2)"]),
    ("a * (1 - b) * (1 + c)", lambda a, b, c: a * (1 - b) * (1 + c), ["decimal(15,2)"] * 3),
    ("a * b * c", lambda a, b, c: a * b * c, ["bigint", "decimal(15,2)", "integer"]),
    ("(a * b) * (c * d)", lambda a, b, c, d: a * b * c * d, ["decimal(10,1)"] * 4),
]


@pytest.mark.parametrize(("product", "compute", "types"), PRODUCTS)
@pytest.mark.parametrize("aggregate", ["sum({})", "avg({})", "sum({}) FILTER (WHERE n % 3 <> 1)"])
def test_sum_of_products_is_exact_whether_or_not_they_fit_into_64_bits(
    run_sql, product, compute, types, aggregate
):
    chance = random.Random(f"{product}{types}{aggregate}")
    factors = [[factor(chance, type_, 24 // len(types)) for type_ in types] for _ in range(400)]
    factors += [[None, *row[1:]] for row in factors[:20]]
    names = "abcd"[: len(types)]
    casts = ", ".join(f"CAST({name} AS {type_}) AS {name}" for name, type_ in zip(names, types, strict=True))
    rows = ", ".join(
        f"({n}, {n % 4 if row[0] is not None else 4}, "
        + ", ".join("NULL" if value is None else f"'{value:f}'" for value in row)
        + ")"
        for n, row in enumerate(factors)
    )
    answered = run_sql(
        f"SELECT k, {aggregate.format(product)} "
        f"FROM (SELECT n, k, {casts} FROM (VALUES {rows}) AS t(n, k, {', '.join(names)})) GROUP BY k"
    )
    expected = {k: [] for k in range(5)}
    with decimal.localcontext(prec=100, rounding=decimal.ROUND_HALF_UP):
        for n, row in enumerate(factors[:400]):
            if "FILTER" not in aggregate or n % 3 != 1:
                expected[n % 4].append(compute(*row))
        unit = Decimal(1).scaleb(-answered.columns[1].type.parameters[1])
        assert sorted(k for k, _ in answered.rows) == sorted(expected)
        for k, result in answered.rows:
            count = len(expected[k]) if "avg" in aggregate else 1
            assert result == ((sum(expected[k]) / count).quantize(unit) if expected[k] else None), k


def factor(chance: random.Random, type_: str, most_digits: int) -> Decimal:
    """A number of few digits as often as one of many."""
    precision, scale = {"bigint": (18, 0), "integer": (9, 0)}.get(type_) or map(int, type_[8:-1].split(","))
    largest = 10 ** chance.choice([1, 3, 5, min(precision, most_digits)]) - 1
    return Decimal(chance.randint(-largest, largest)).scaleb(-scale)


def number(chance: random.Random, precision: int, scale: int) -> Decimal:
    """Any number of digits is as likely as any other; never zero."""
    largest = 10 ** chance.randint(1, min(precision, 30)) - 1
    return Decimal(chance.choice([-1, 1]) * chance.randint(1, largest)).scaleb(-scale)
