"""SQL reaches nothing outside the lake: no file, no setting, no function of the engine's own."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from athena.athena_client import Lake


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET memory_limit = '1GB'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM duckdb_settings()",
        "SELECT 1; SELECT 2",
    ],
)
def test_statement_of_the_engine_is_no_statement_of_athena(lake: Lake, sql: str) -> None:
    with pytest.raises(ClientError, match="InvalidRequestException"):
        lake.start(sql)


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT getenv('HOME')", "FUNCTION_NOT_FOUND"),
        ("SELECT read_text('/etc/passwd')", "FUNCTION_NOT_FOUND"),
        ("SELECT current_setting('threads')", "FUNCTION_NOT_FOUND"),
        ('SELECT * FROM "/etc/passwd"', "TABLE_NOT_FOUND"),
        ("SELECT * FROM \"read_csv('/etc/passwd')\"", "TABLE_NOT_FOUND"),
        ('SELECT * FROM "changed_rows"', "TABLE_NOT_FOUND"),
        (
            'SELECT 1 AS "x" FROM (VALUES 1) AS "t""; DROP TABLE x" ("a") WHERE nothing = 1',
            "COLUMN_NOT_FOUND",
        ),
    ],
)
def test_function_or_file_of_the_engine_is_not_found(lake: Lake, sql: str, error: str) -> None:
    assert lake.error(sql).startswith(error)


def test_location_outside_of_s3_is_refused(lake: Lake) -> None:
    error = lake.error("CREATE EXTERNAL TABLE t (line string) LOCATION 'file:///etc/'")
    assert error.startswith("HIVE_FILESYSTEM_ERROR")


def test_quotes_in_names_and_values_stay_what_they_are(lake: Lake) -> None:
    sql = 'SELECT \'it\'\'s "quoted"; --\' AS "a ""b"" \'c\'"'
    finished = lake.run(sql)
    assert list(finished.columns) == ["a \"b\" 'c'"]
    assert finished.rows == [('it\'s "quoted"; --',)]


def test_failing_query_takes_nothing_else_down(lake: Lake) -> None:
    queries = [
        lake.start("SELECT 1 / x FROM (VALUES 0) AS t(x)" if n % 2 else f"SELECT {n}") for n in range(30)
    ]
    states = [lake.wait(query)["Status"]["State"] for query in queries]
    assert states == ["SUCCEEDED", "FAILED"] * 15
