"""What a query leaves for its clients: the result file, pages of rows, types, errors."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from athena.athena_client import Lake


def test_result_file_quotes_every_value_and_leaves_null_empty(lake: Lake) -> None:
    finished = lake.run("SELECT 'a,b' AS x, '' AS empty, CAST(NULL AS varchar) AS missing, 'say \"hi\"' AS y")
    location = finished.execution["ResultConfiguration"]["OutputLocation"]
    assert location == lake.uri(f"results/{finished.execution['QueryExecutionId']}.csv")
    assert lake.body(location) == '"x","empty","missing","y"\n"a,b","",,"say ""hi"""\n'


def test_first_page_of_a_select_begins_with_the_header(lake: Lake) -> None:
    rows = lake.run("SELECT 1 AS one").results["ResultSet"]["Rows"]
    assert rows == [{"Data": [{"VarCharValue": "one"}]}, {"Data": [{"VarCharValue": "1"}]}]


def test_null_is_a_value_without_varcharvalue(lake: Lake) -> None:
    assert lake.run("SELECT NULL AS x").results["ResultSet"]["Rows"][1] == {"Data": [{}]}


@pytest.mark.parametrize(
    ("expression", "type_", "text"),
    [
        ("7 / 2", "integer", "3"),
        ("CAST(1.5 AS decimal(10,2))", "decimal", "1.50"),
        ("CAST('ab' AS char(4))", "char", "ab  "),
        ("ARRAY[CAST('ab' AS char(4))]", "array", "[ab  ]"),
        ("1e10", "double", "1.0E10"),
        ("1e-4", "double", "1.0E-4"),
        ("CAST(0.1 AS real)", "float", "0.1"),
        ("TIMESTAMP '2024-01-01 00:00:00.000'", "timestamp", "2024-01-01 00:00:00.000"),
        ("TIMESTAMP '2024-01-01 00:00:00.123456'", "timestamp", "2024-01-01 00:00:00.123456"),
        ("TIMESTAMP '2024-01-01 00:00:00 +05:00'", "timestamp with time zone", "2024-01-01 00:00:00 +05:00"),
        (
            "TIMESTAMP '2024-01-01 00:00:00.1234 UTC'",
            "timestamp with time zone",
            "2024-01-01 00:00:00.1234 UTC",
        ),
        ("TIME '12:34:56.1 -00:30'", "time with time zone", "12:34:56.1-00:30"),
        ("TIME '12:34 +05:00'", "time with time zone", "12:34:00+05:00"),
        ("X'68 65 6c'", "varbinary", "68 65 6c"),
        ("IPADDRESS '10.0.0.1'", "ipaddress", "10.0.0.1"),
        ("IPADDRESS '2001:db8::1'", "ipaddress", "2001:db8::1"),
        ("TIME '12:34:56'", "time", "12:34:56"),
        ("TIME '12:34:56.789'", "time", "12:34:56.789"),
        ("DATE '2024-02-29'", "date", "2024-02-29"),
        ("ARRAY[1, NULL]", "array", "[1, null]"),
        ("CAST(ROW(1, 'x') AS row(a integer, b varchar))", "row", "{a=1, b=x}"),
        ("true", "boolean", "true"),
        ("X'0aff'", "varbinary", "0a ff"),
    ],
)
def test_value_has_athenas_type_and_text(lake: Lake, expression: str, type_: str, text: str) -> None:
    finished = lake.run(f"SELECT {expression} AS x")
    assert (finished.columns["x"], finished.rows) == (type_, [(text,)])


def test_column_info_has_precision_and_scale(lake: Lake) -> None:
    finished = lake.run("SELECT CAST(1 AS decimal(12,4)) AS amount, CAST('x' AS varchar) AS name")
    amount, name = finished.results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert (amount["Precision"], amount["Scale"], amount["CaseSensitive"]) == (12, 4, False)
    assert (name["Precision"], name["Nullable"], name["CaseSensitive"]) == (2147483647, "UNKNOWN", True)


def test_pages_have_a_thousand_rows_with_the_header(lake: Lake) -> None:
    numbers = ", ".join(f"({n})" for n in range(2500))
    query_id = lake.run(f"SELECT n FROM (VALUES {numbers}) AS t(n) ORDER BY n").execution["QueryExecutionId"]
    pages = list(
        lake.athena.get_paginator("get_query_results").paginate(
            QueryExecutionId=query_id, PaginationConfig={}
        )
    )
    values = [row["Data"][0]["VarCharValue"] for page in pages for row in page["ResultSet"]["Rows"]]
    assert [len(page["ResultSet"]["Rows"]) for page in pages] == [1000, 1000, 501]
    assert values == ["n", *map(str, range(2500))]


def test_syntax_error_is_refused_before_the_query_starts(lake: Lake) -> None:
    with pytest.raises(ClientError, match=r"InvalidRequestException.*mismatched input 'SELEC'"):
        lake.start("SELEC 1")


def test_failed_query_tells_why_in_athena_error(lake: Lake) -> None:
    execution = lake.wait(lake.start("SELECT nothing FROM (VALUES 1) AS t(x)"))
    assert execution["Status"]["State"] == "FAILED"
    assert execution["Status"]["AthenaError"]["ErrorCategory"] == 2
    assert execution["Status"]["AthenaError"]["Retryable"] is False
    message = "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved"
    assert execution["Status"]["StateChangeReason"] == message
    assert execution["Status"]["AthenaError"]["ErrorMessage"] == message


def test_division_by_zero_fails_the_query(lake: Lake) -> None:
    assert lake.error("SELECT 1 / x FROM (VALUES 0) AS t(x)") == "DIVISION_BY_ZERO: Division by zero"


def test_explain_gives_plain_lines_that_begin_with_query_plan(lake: Lake) -> None:
    finished = lake.run("EXPLAIN SELECT 1")
    assert finished.execution["SubstatementType"] == "EXPLAIN"
    assert finished.results["ResultSet"]["Rows"][0] == {"Data": [{"VarCharValue": "Query Plan"}]}


def test_stop_interrupts_a_running_query(lake: Lake) -> None:
    numbers = ", ".join(f"({n})" for n in range(1000))
    lake.run(
        f"CREATE TABLE n WITH (external_location='{lake.uri('n/')}') "
        f"AS SELECT x FROM (VALUES {numbers}) AS t(x)"
    )
    query_id = lake.start("SELECT sum(a.x * b.x + c.x + d.x) FROM n a, n b, n c, n d")
    lake.athena.stop_query_execution(QueryExecutionId=query_id)
    assert lake.wait(query_id)["Status"]["State"] == "CANCELLED"
    assert lake.rows("SELECT count(*) FROM n") == [("1000",)]


def test_parameters_stand_for_question_marks(lake: Lake) -> None:
    finished = lake.run("SELECT ? + 1 AS x, ? AS y", ExecutionParameters=["41", "'it''s'"])
    assert finished.rows == [("42", "it's")]


def test_prepared_statement_is_executed_with_its_values(lake: Lake) -> None:
    lake.run(f"PREPARE {lake.database} FROM SELECT x FROM (VALUES 1, 2, 3) AS t(x) WHERE x > ?")
    assert lake.rows(f"EXECUTE {lake.database} USING 2") == [("3",)]
    lake.run(f"DEALLOCATE PREPARE {lake.database}")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lake.athena.get_prepared_statement(StatementName=lake.database, WorkGroup="primary")


def test_sketch_is_shown_as_its_bytes(lake: Lake) -> None:
    assert lake.rows("SELECT empty_approx_set() AS h") == [("02 0c 00 00",)]
