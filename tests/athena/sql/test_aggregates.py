"""Aggregates over `lines`: (1, 5), (1, 7), (4, 9)."""

from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("expression", "answer", "type_name"),
    [
        ("count(*)", 3, "bigint"),
        ("count(DISTINCT id)", 2, "bigint"),
        ("count_if(quantity > 6)", 2, "bigint"),
        ("sum(quantity)", 21, "bigint"),
        ("sum(DISTINCT id)", 5, "bigint"),
        ("sum(quantity) FILTER (WHERE id = 1)", 12, "bigint"),
        ("sum(DECIMAL '1.5')", Decimal("4.5"), "decimal(38,1)"),
        ("sum(1.5)", 4.5, "double"),
        ("avg(quantity)", 7.0, "double"),
        ("avg(CAST(quantity AS decimal(10,2)))", Decimal("7.00"), "decimal(10,2)"),
        ("min(quantity)", 5, "bigint"),
        ("max(quantity, 2)", [9, 7], "array(bigint)"),
        ("max_by(id, quantity)", 4, "integer"),
        ("min_by(id, quantity)", 1, "integer"),
        ("arbitrary(id) FILTER (WHERE id = 4)", 4, "integer"),
        ("array_agg(quantity ORDER BY quantity DESC)", [9, 7, 5], "array(bigint)"),
        ("array_agg(DISTINCT id ORDER BY id)", [1, 4], "array(integer)"),
        ("bool_and(id > 0)", True, "boolean"),
        ("bool_or(id > 4)", False, "boolean"),
        ("every(id > 1)", False, "boolean"),
        ("approx_distinct(id)", 2, "bigint"),
        ("approx_percentile(quantity, 0.5)", 7, "bigint"),
        ("geometric_mean(4)", 4.0, "double"),
        ("stddev(quantity)", 2.0, "double"),
        ("var_pop(quantity) * 3", 8.0, "double"),
        ("histogram(id)", {1: 2, 4: 1}, "map(integer, bigint)"),
        ("map_agg(id, quantity)", {1: 5, 4: 9}, "map(integer, bigint)"),
        ("multimap_agg(id, quantity)", {1: [5, 7], 4: [9]}, "map(integer, array(bigint))"),
        ("listagg(CAST(quantity AS varchar), '+') WITHIN GROUP (ORDER BY quantity)", "5+7+9", "varchar"),
        ("bitwise_or_agg(quantity)", 15, "bigint"),
        ("corr(id, quantity) > 0.8", True, "boolean"),
    ],
)
def test_aggregate_has_trinos_answer_and_type(run_sql, expression, answer, type_name):
    result = run_sql(f"SELECT {expression} FROM lines")
    assert result.rows == [(answer,)]
    assert result.columns[0].type.trino == type_name


@pytest.mark.parametrize(
    "expression",
    [
        "sum(quantity)",
        "avg(amount)",
        "max(id)",
        "array_agg(id)",
        "map_agg(id, id)",
        "histogram(id)",
        "bool_and(id > 0)",
    ],
)
def test_aggregate_of_no_rows_is_null(run_sql, expression):
    rows = run_sql(f"SELECT {expression} FROM lines JOIN orders USING (id) WHERE id > 100").rows
    assert rows == [(None,)]


@pytest.mark.parametrize(
    ("expression", "answers"),
    [
        ("row_number() OVER (ORDER BY quantity)", [1, 2, 3]),
        ("rank() OVER (ORDER BY id)", [1, 1, 3]),
        ("dense_rank() OVER (ORDER BY id)", [1, 1, 2]),
        ("ntile(2) OVER (ORDER BY quantity)", [1, 1, 2]),
        ("lag(quantity, 1, 0) OVER (ORDER BY quantity)", [0, 5, 7]),
        ("lead(quantity) OVER (ORDER BY quantity)", [7, 9, None]),
        ("first_value(quantity) OVER (PARTITION BY id ORDER BY quantity DESC)", [7, 7, 9]),
        ("sum(quantity) OVER (ORDER BY quantity ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", [5, 12, 16]),
        ("percent_rank() OVER (ORDER BY quantity)", [0.0, 0.5, 1.0]),
        ("nth_value(quantity, 2) OVER (ORDER BY quantity)", [None, 7, 7]),
    ],
)
def test_window_function_over_ordered_rows(run_sql, expression, answers):
    rows = run_sql(f"SELECT {expression} FROM lines ORDER BY quantity").rows
    assert [row[0] for row in rows] == answers
