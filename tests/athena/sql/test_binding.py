"""Calls inside calls: each argument is computed once, so a statement costs no more than it is long."""

from __future__ import annotations

from decimal import Decimal

import pytest

from millpond.athena.sql.binding import bind_arguments
from millpond.athena.sql.parse import parse_statement
from millpond.athena.sql.plan import Session
from millpond.athena.sql.planner import plan_query

KEEPING = [
    # an expression, what leaves it as it is but names it more than once underneath, its value
    ("1", "element_at(transform(ARRAY[{}], x -> x), 1)", 1),
    ("1", "ARRAY[{}][1]", 1),
    ("1", "CAST(CAST({} AS varchar) AS integer)", 1),
    ("1", "array_max(ARRAY[{}])", 1),
    ("1", "greatest({}, 0)", 1),
    ("1", "nullif({}, 0)", 1),
    ("1", "(7 / {} - 6)", 1),
    ("1", "(CASE {} WHEN 1 THEN 1 WHEN 2 THEN 2 END)", 1),
    ("true", "({} BETWEEN true AND true)", True),
    ("true", "any_match(ARRAY[0], x -> {})", True),
    ("DECIMAL '1.5'", "CAST({} / DECIMAL '1.0' AS decimal(2,1))", Decimal("1.5")),
    ("DECIMAL '1.5'", "CAST({} * DECIMAL '1.00000000000000000' AS decimal(2,1))", Decimal("1.5")),
    ("'abc'", "substr({}, 1, 3)", "abc"),
    ("'abc'", "split_part({}, ',', 1)", "abc"),
    ("'abc'", "regexp_replace({}, 'x', g -> g[1])", "abc"),
    ("ARRAY[1]", "zip_with({}, ARRAY[1], (x, y) -> x)", [1]),
    ("ARRAY[1]", "array_sort({}, (x, y) -> 0)", [1]),
    ("ARRAY[1]", "ARRAY[reduce({}, 0, (s, x) -> s + x, s -> s)]", [1]),
    ("ARRAY[1]", "slice({} || ARRAY[2], 1, 1)", [1]),
    ("MAP(ARRAY[1], ARRAY[1])", "map_zip_with({}, MAP(ARRAY[1], ARRAY[2]), (k, x, y) -> x)", {1: 1}),
    ("ARRAY[1]", "CAST(CAST({} AS json) AS array(integer))", [1]),
]


@pytest.mark.parametrize(("start", "form", "value"), KEEPING)
def test_twenty_calls_inside_each_other_are_answered(run_sql, start, form, value):
    expression = start
    for _ in range(20):
        expression = form.format(expression)
    assert run_sql(f"SELECT {expression}").rows == [(value,)]


@pytest.mark.parametrize("form", [form for _, form, _ in KEEPING])
def test_sql_grows_with_the_statement_and_not_faster(form):
    start = next(start for start, other, _ in KEEPING if other == form)
    lengths = []
    for depth in (15, 20, 25):
        expression = start
        for _ in range(depth):
            expression = form.format(expression)
        lengths.append(len(plan_query(parse_statement(f"SELECT {expression}"), Session(), None).sql))
    assert lengths[2] - lengths[1] < 1.5 * (lengths[1] - lengths[0])


def test_columns_and_constants_are_not_bound():
    plain = "SELECT athena_element_at(r0.\"items\", 1), athena_split_part(r0.\"a\" || 'x', ',', 2)"
    assert bind_arguments(plain) == plain


def test_commas_and_parentheses_in_texts_part_no_arguments():
    sql = """athena_split_part(athena_trim('a, (b'), ', (', 1)"""
    assert bind_arguments(sql).endswith(", ', (', 1))[1]")


def test_between_leaves_a_column_to_be_looked_for_in_statistics(run_sql):
    text = "SELECT id FROM orders WHERE day BETWEEN CAST('2024-02-01' AS date) AND date_add('day', 1, day)"
    answered = run_sql(f"{text} ORDER BY id")
    assert answered.rows == [(2,), (3,)]
    assert "lambda" not in answered.plan.sql
    assert "CAST('2024-02-01' AS DATE)" in answered.plan.sql


def test_exists_reads_the_columns_of_its_conditions_alone(run_sql):
    answered = run_sql(
        "SELECT id FROM orders WHERE EXISTS (SELECT * FROM lines WHERE lines.id = orders.id) ORDER BY id"
    )
    assert answered.rows == [(1,)]
    assert [scan.columns for scan in answered.plan.scans] == [("id",), ("id",)]


def test_lambda_is_known_again_in_group_by(run_sql):
    text = "SELECT transform(items, x -> x * 0), count(*) FROM orders WHERE id < 3 GROUP BY 1 ORDER BY 1"
    assert run_sql(text).rows == [([0], 1), ([0, 0], 1)]
