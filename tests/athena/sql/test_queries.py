"""Queries: names, grouping, joins, order, and what Trino refuses."""

import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from millpond.athena.sql.exceptions import SqlError

HERE = Path(__file__).parent
WRONG_QUERIES = yaml.safe_load((HERE / "wrong_queries.yaml").read_text())
FAILING_EXPRESSIONS = yaml.safe_load((HERE / "failing_expressions.yaml").read_text())


def test_names_ignore_case_and_labels_keep_it(run_sql):
    result = run_sql('SELECT O.ID, "CUSTOMER" AS "Who" FROM Orders AS o WHERE o.Id = 1')
    assert [(column.name, column.type.trino) for column in result.columns] == [
        ("ID", "integer"),
        ("Who", "varchar"),
    ]
    assert result.rows == [(1, "ann")]


def test_star_leaves_hidden_columns_out(run_sql):
    names = [column.name for column in run_sql("SELECT * FROM orders").columns]
    assert names == ["id", "customer", "day", "amount", "items", "tags"]
    assert run_sql('SELECT DISTINCT "$path" FROM orders ORDER BY 1').rows == [("a.parquet",), ("b.parquet",)]


def test_columns_without_a_name_are_numbered(run_sql):
    assert [c.name for c in run_sql("SELECT 1, id, id + 1 FROM orders").columns] == ["_col0", "id", "_col2"]


def test_view_is_expanded_with_its_own_names(run_sql):
    assert run_sql("SELECT total FROM totals WHERE id = 1").rows == [(12,)]


def test_cte_hides_a_table_and_may_be_read_twice(run_sql):
    text = "WITH lines AS (SELECT 1 AS id), b AS (SELECT id FROM lines) SELECT count(*) FROM lines, b"
    result = run_sql(text)
    assert result.rows == [(1,)]
    assert result.plan.scans == ()


def test_using_gives_the_column_once(run_sql):
    result = run_sql(
        "SELECT * FROM lines JOIN (SELECT id, customer FROM orders) o USING (id) ORDER BY quantity"
    )
    assert [c.name for c in result.columns] == ["id", "quantity", "customer"]
    assert result.rows == [(1, 5, "ann"), (1, 7, "ann")]


def test_unnest_with_ordinality_and_left_join(run_sql):
    unnest = "UNNEST(items) WITH ORDINALITY AS u (item, n)"
    text = f"SELECT id, item, n FROM orders LEFT JOIN {unnest} ON true ORDER BY 1, 3"
    assert run_sql(text).rows == [(1, 1, 1), (1, 2, 2), (2, 3, 1), (3, None, None)]


def test_correlated_subqueries_see_the_row_and_the_group(run_sql):
    assert run_sql("SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM lines l WHERE l.id = o.id)").rows == [
        (1,)
    ]
    inner = "SELECT max(customer) FROM orders o WHERE o.id = l.id"
    text = f"SELECT id, ({inner}) FROM lines l GROUP BY id ORDER BY 1"
    assert run_sql(text).rows == [(1, "ann"), (4, None)]


def test_group_by_ordinals_expressions_and_sets(run_sql):
    assert run_sql("SELECT id % 2, sum(quantity) FROM lines GROUP BY 1 ORDER BY 1").rows == [(0, 9), (1, 12)]
    text = "SELECT grouping(id), id, sum(quantity) FROM lines GROUP BY ROLLUP (id) ORDER BY 1, 2"
    assert run_sql(text).rows == [(0, 1, 12), (0, 4, 9), (1, None, 21)]


@pytest.mark.parametrize("constant", ["''", "-1", "NULL", "DATE '2024-01-01'", "1 + 1"])
def test_order_by_a_constant_orders_nothing(run_sql, constant):
    assert run_sql(f"SELECT id FROM orders ORDER BY {constant}, id DESC").rows == [(3,), (2,), (1,)]
    assert run_sql(f"SELECT array_agg(id ORDER BY {constant}, id DESC) FROM orders").rows == [([3, 2, 1],)]
    assert run_sql(f"SELECT 1 UNION ALL SELECT 1 ORDER BY {constant}").rows == [(1,), (1,)]


def test_order_by_names_output_columns_before_source_columns(run_sql):
    text = "SELECT -id AS id FROM lines ORDER BY id"
    assert run_sql(text).rows == [(-4,), (-1,), (-1,)]


def test_nulls_come_last_whatever_the_direction(run_sql):
    assert run_sql("SELECT customer FROM orders ORDER BY customer DESC").rows == [("bob",), ("ann",), (None,)]
    assert run_sql("SELECT customer FROM orders ORDER BY 1 NULLS FIRST LIMIT 1").rows == [(None,)]


def test_windows_over_groups_and_named_windows(run_sql):
    text = "SELECT id, sum(sum(quantity)) OVER (ORDER BY id) FROM lines GROUP BY id ORDER BY id"
    assert run_sql(text).rows == [(1, 12), (4, 21)]
    text = "SELECT lag(quantity) OVER w FROM lines WINDOW w AS (PARTITION BY id ORDER BY quantity) ORDER BY 1"
    assert run_sql(text).rows == [(5,), (None,), (None,)]


def test_sums_and_averages_of_decimals_stay_decimals(run_sql):
    result = run_sql("SELECT sum(amount), avg(amount), sum(id), avg(id) FROM orders")
    types = [column.type.trino for column in result.columns]
    assert types == ["decimal(38,2)", "decimal(10,2)", "bigint", "double"]
    assert result.rows == [(Decimal("30.75"), Decimal("15.38"), 6, 2.0)]


def test_union_takes_the_common_type(run_sql):
    result = run_sql("SELECT 1 AS x UNION ALL SELECT DECIMAL '2.5' UNION ALL SELECT NULL ORDER BY x")
    assert result.columns[0].type.trino == "decimal(11,1)"
    assert result.rows == [(Decimal("1.0"),), (Decimal("2.5"),), (None,)]


def test_parameters_are_values_of_their_own_types(run_sql):
    assert run_sql("SELECT customer FROM orders WHERE id = ? OR customer = ?", ["2", "'ann'"]).rows == [
        ("ann",),
        ("bob",),
    ]
    with pytest.raises(SqlError, match="Incorrect number of parameters: expected 1 but found 0"):
        run_sql("SELECT ?")


def test_scan_names_the_columns_and_the_conditions_of_its_table_alone(run_sql):
    plan = run_sql(
        "SELECT o.customer FROM orders o JOIN lines l ON o.id = l.id AND l.quantity > 5"
        " WHERE o.day >= DATE '2024-01-01' AND o.id + l.id > 1"
    ).plan
    orders, lines = plan.scans
    assert orders.columns == ("id", "customer", "day")
    assert orders.partition_filter == "(\"day\" >= CAST('2024-01-01' AS DATE))"
    assert lines.partition_filter == '("quantity" > CAST(5 AS BIGINT))'


def test_condition_on_the_optional_side_of_an_outer_join_does_not_reach_its_scan(run_sql):
    result = run_sql(
        "SELECT o.id FROM orders o LEFT JOIN lines l ON o.id = l.id WHERE l.id IS NULL ORDER BY 1"
    )
    assert result.rows == [(2,), (3,)]
    assert result.plan.scans[1].partition_filter is None


def test_dates_stay_dates(run_sql):
    result = run_sql("SELECT day + INTERVAL '1' MONTH FROM orders WHERE id = 1")
    assert result.columns[0].type.trino == "date"
    assert result.rows == [(datetime.date(2024, 2, 29),)]


@pytest.mark.parametrize("case", WRONG_QUERIES, ids=lambda case: case["statement"])
def test_wrong_query_is_refused_in_trinos_words(run_sql, case):
    with pytest.raises(SqlError) as caught:
        run_sql(case["statement"])
    assert str(caught.value).startswith(case["error"])


@pytest.mark.parametrize(
    "name",
    [
        "read_csv",
        "read_parquet",
        "glob",
        "getenv",
        "error",
        "current_setting",
        "query",
        "list_sum",
        "sniff_csv",
    ],
)
def test_no_function_of_duckdb_can_be_reached(run_sql, name):
    with pytest.raises(SqlError, match=f"Function '{name}' not registered"):
        run_sql(f"SELECT {name}('/etc/passwd')")
    with pytest.raises(SqlError):
        run_sql(f"SELECT * FROM TABLE({name}('/etc/passwd'))")


@pytest.mark.parametrize("case", FAILING_EXPRESSIONS, ids=lambda case: case["expression"])
def test_running_query_fails_with_trinos_code(run_sql, case):
    with pytest.raises(SqlError) as caught:
        run_sql(f"SELECT {case['expression']} FROM orders WHERE id = 1")
    assert str(caught.value).startswith(case["error"])


def test_time_zone_of_a_result_goes_with_its_column(run_sql):
    result = run_sql("SELECT TIMESTAMP '2012-10-31 01:00 UTC' AT TIME ZONE 'America/Los_Angeles' AS t")
    assert result.columns[0].zone.name == "America/Los_Angeles"


def test_texts_may_say_what_sql_would(run_sql):
    assert run_sql("SELECT url_extract_parameter('http://a/?SELECT=1', 'SELECT')").rows == [("1",)]
    assert run_sql("SELECT try(regexp_extract('x OVER', '(x) (OVER)', 2))").rows == [("OVER",)]
    assert run_sql("SELECT length('a\0b'), 'a\0b' = concat('a', chr(0), 'b')").rows == [(3, True)]


def test_long_chains_and_deep_parentheses_are_planned(run_sql):
    assert run_sql(f"SELECT length({' || '.join(['id'] * 300)}) FROM (VALUES 'ab') AS t (id)").rows == [
        (600,)
    ]
    assert run_sql(f"SELECT {'(' * 200}1{')' * 200}").rows == [(1,)]
    assert len(run_sql(" UNION ALL ".join(["SELECT 1"] * 200)).rows) == 200


def test_recursive_query_takes_its_steps(run_sql):
    query = (
        "WITH RECURSIVE t(n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < {}) SELECT sum(n) FROM t"
    )
    assert run_sql(query.format(11)).rows == [(66,)]
    with pytest.raises(SqlError, match="Recursion depth limit exceeded"):
        run_sql(query.format(12))


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT x FROM (VALUES 3, 2, 1, 2) AS t (x) ORDER BY x FETCH FIRST 2 ROWS WITH TIES", [1, 2, 2]),
        ("SELECT 1 FROM (VALUES 3, 2, 2) AS t (x) ORDER BY x FETCH FIRST ROW WITH TIES", [1, 1]),
        ("VALUES 3, 2, 1, 2 ORDER BY 1 OFFSET 1 FETCH FIRST 1 ROW WITH TIES", [2, 2]),
        ("SELECT DISTINCT x FROM (VALUES 2, 3, 3) AS t (x) ORDER BY x FETCH FIRST 2 ROWS WITH TIES", [2, 3]),
        ("SELECT 1 AS x UNION ALL SELECT 1 UNION ALL SELECT 2 ORDER BY x FETCH FIRST ROW WITH TIES", [1, 1]),
    ],
)
def test_fetch_first_with_ties_gives_all_of_the_last_rank(run_sql, query, rows):
    assert [row[0] for row in run_sql(query).rows] == rows


def test_at_may_be_an_alias(run_sql):
    assert [column.name for column in run_sql("SELECT 1 at, at.id FROM lines at").columns] == ["at", "id"]
    text = "SELECT timestamp '2020-01-01 00:00:00 UTC' AT TIME ZONE 'Europe/Berlin' at"
    assert [column.name for column in run_sql(text).columns] == ["at"]


def test_query_of_several_columns_is_a_row(run_sql):
    assert run_sql("SELECT (SELECT id, quantity FROM lines WHERE quantity = 5).quantity").rows == [(5,)]


@pytest.mark.parametrize(
    ("query", "names", "rows"),
    [
        ("SELECT CAST(ROW(1, 'a') AS row(x integer, y varchar)).*", ["x", "y"], [(1, "a")]),
        ("SELECT ARRAY[ROW(1, 'a')][1].* AS (x, y)", ["x", "y"], [(1, "a")]),
        (
            "VALUES CAST(ROW(1, 'a') AS row(integer, varchar)), (2, 'b')",
            ["_col0", "_col1"],
            [(1, "a"), (2, "b")],
        ),
    ],
)
def test_fields_of_a_row_become_columns(run_sql, query, names, rows):
    result = run_sql(query)
    assert ([column.name for column in result.columns], result.rows) == (names, rows)


def test_left_join_lateral_of_an_aggregate_has_a_row_for_each(run_sql):
    query = (
        "SELECT n, total, word FROM (VALUES 1, 2) AS t(n) LEFT JOIN LATERAL "
        "(SELECT sum(m), 'all' FROM (VALUES 2) AS u(m) WHERE m <= n) AS v(total, word) ON TRUE ORDER BY n"
    )
    assert run_sql(query).rows == [(1, None, "all"), (2, 2, "all")]
