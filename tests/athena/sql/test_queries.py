"""Queries: names, grouping, joins, order, and what Trino refuses."""

import datetime
from decimal import Decimal

import pytest

from millpond.athena.sql.exceptions import SqlError


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
    text = "SELECT id, item, n FROM orders LEFT JOIN UNNEST(items) WITH ORDINALITY AS u (item, n) ON true ORDER BY 1, 3"
    assert run_sql(text).rows == [(1, 1, 1), (1, 2, 2), (2, 3, 1), (3, None, None)]


def test_correlated_subqueries_see_the_row_and_the_group(run_sql):
    assert run_sql("SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM lines l WHERE l.id = o.id)").rows == [
        (1,)
    ]
    text = "SELECT id, (SELECT max(customer) FROM orders o WHERE o.id = l.id) FROM lines l GROUP BY id ORDER BY 1"
    assert run_sql(text).rows == [(1, "ann"), (4, None)]


def test_group_by_ordinals_expressions_and_sets(run_sql):
    assert run_sql("SELECT id % 2, sum(quantity) FROM lines GROUP BY 1 ORDER BY 1").rows == [(0, 9), (1, 12)]
    text = "SELECT grouping(id), id, sum(quantity) FROM lines GROUP BY ROLLUP (id) ORDER BY 1, 2"
    assert run_sql(text).rows == [(0, 1, 12), (0, 4, 9), (1, None, 21)]


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
    result = run_sql("SELECT 1 AS x UNION ALL SELECT 2.5 UNION ALL SELECT NULL ORDER BY x")
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT nope FROM orders", "COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved"),
        ("SELECT o.nope FROM orders o", "COLUMN_NOT_FOUND: line 1:8: Column 'o.nope' cannot be resolved"),
        ("SELECT id AS x FROM orders WHERE x = 1", "COLUMN_NOT_FOUND: line 1:34: Column 'x' cannot be resolved"),
        ("SELECT id FROM orders, lines", "AMBIGUOUS_NAME: line 1:8: Column 'id' is ambiguous"),
        ("SELECT * FROM nope", "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.nope' does not exist"),
        ("SELECT * FROM looping", "INVALID_VIEW: line 1:15: View 'awsdatacatalog.shop.looping' is recursive"),
        ("SELECT 'a' = 1", "TYPE_MISMATCH: line 1:12: Cannot apply operator: varchar(1) = integer"),
        ("SELECT id FROM orders WHERE day = '2024-01-01'", "TYPE_MISMATCH: line 1:33: Cannot apply operator: date = varchar(10)"),
        ("SELECT 'a' + 1", "TYPE_MISMATCH: line 1:12: Cannot apply operator: varchar(1) + integer"),
        ("SELECT id FROM orders WHERE id", "TYPE_MISMATCH: line 1:29: WHERE clause must evaluate to a boolean: actual type integer"),
        ("SELECT customer, count(*) FROM orders", "EXPRESSION_NOT_AGGREGATE: line 1:8: 'customer' must be an aggregate expression or appear in GROUP BY clause"),
        ("SELECT id FROM orders WHERE count(*) > 1", "EXPRESSION_NOT_SCALAR: line 1:29: WHERE clause cannot contain aggregations"),
        ("SELECT sum(count(*)) FROM orders", "EXPRESSION_NOT_AGGREGATE: line 1:8: Cannot nest aggregations inside aggregation 'sum'"),
        ("SELECT foo(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'foo' not registered"),
        ("SELECT sum(customer) FROM orders", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (varchar) for function sum. Expected: sum(tinyint)"),
        ("SELECT cast(day AS integer) FROM orders", "TYPE_MISMATCH: line 1:8: Cannot cast date to integer"),
        ("SELECT id FROM orders ORDER BY 2", "INVALID_COLUMN_REFERENCE: line 1:32: ORDER BY position 2 is not in select list"),
        ("SELECT 1 UNION SELECT 'a'", "TYPE_MISMATCH: line 1:10: column 1 in UNION query has incompatible types: integer, varchar(1)"),
        ("SELECT date '2024-13-x'", "INVALID_LITERAL: line 1:8: '2024-13-x' is not a valid DATE literal"),
    ],
)  # fmt: skip
def test_wrong_query_is_refused_in_trinos_words(run_sql, text, message):
    with pytest.raises(SqlError) as caught:
        run_sql(text)
    assert str(caught.value).startswith(message)


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


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 / (id - id)", "DIVISION_BY_ZERO: Division by zero"),
        ("1 % (id - id)", "DIVISION_BY_ZERO: Division by zero"),
        ("amount / (id - id)", "DIVISION_BY_ZERO: Division by zero"),
        ("cast(customer AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast 'ann' to INT"),
        ("cast(customer AS date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: ann"),
        ("cast(customer AS boolean)", "INVALID_CAST_ARGUMENT: Cannot cast 'ann' to BOOLEAN"),
        ("cast(300 + id AS tinyint)", "INVALID_CAST_ARGUMENT: Out of range for tinyint: 301"),
        ("items[5]", "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 5 > 2"),
        ("items[0]", "INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1"),
        ("tags['z']", "INVALID_FUNCTION_ARGUMENT: Key not present in map: z"),
        ("split_part(customer, ',', 0)", "INVALID_FUNCTION_ARGUMENT: Index must be greater than zero"),
        ("2147483647 + id", "NUMERIC_VALUE_OUT_OF_RANGE: integer addition overflow"),
        ("json_parse(customer)", "INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: 'ann'"),
        ("date_parse(customer, '%Y')", 'INVALID_FUNCTION_ARGUMENT: Invalid format: "ann"'),
        ("(SELECT id FROM lines)", "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows"),
    ],
)  # fmt: skip
def test_running_query_fails_with_trinos_code(run_sql, expression, message):
    with pytest.raises(SqlError) as caught:
        run_sql(f"SELECT {expression} FROM orders WHERE id = 1")
    assert str(caught.value).startswith(message)
