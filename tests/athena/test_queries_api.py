"""The API around queries: results that are reused, requests that are repeated, lists in pages."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from athena.athena_client import Lake

REUSE = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 10}}


@pytest.fixture
def table(lake: Lake) -> Lake:
    lake.run(f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS SELECT 1 AS n")
    return lake


def reused(execution: dict[str, Any]) -> bool:
    return bool(execution["Statistics"]["ResultReuseInformation"]["ReusedPreviousResult"])


def test_result_of_the_same_query_is_reused_if_asked_for(table: Lake) -> None:
    first = table.run("SELECT n FROM t", ResultReuseConfiguration=REUSE)
    table.run("INSERT INTO t VALUES (2)")
    second = table.run("SELECT n FROM t", ResultReuseConfiguration=REUSE)
    assert not reused(first.execution)
    assert reused(second.execution)
    assert second.rows == first.rows == [("1",)]
    assert second.execution["Statistics"]["DataScannedInBytes"] == 0
    assert second.execution["ResultReuseConfiguration"] == REUSE
    locations = {run.execution["ResultConfiguration"]["OutputLocation"] for run in (first, second)}
    assert len(locations) == 1


def test_result_is_not_reused_unless_asked_for_nor_for_another_query(table: Lake) -> None:
    table.run("SELECT n FROM t")
    assert not reused(table.run("SELECT n FROM t").execution)
    assert not reused(table.run("SELECT n + 1 AS n FROM t", ResultReuseConfiguration=REUSE).execution)


def test_result_that_was_deleted_is_not_reused(table: Lake) -> None:
    first = table.run("SELECT n FROM t", ResultReuseConfiguration=REUSE)
    location = first.execution["ResultConfiguration"]["OutputLocation"]
    table.s3.delete_object(Bucket=table.bucket, Key=location.removeprefix(f"s3://{table.bucket}/"))
    assert not reused(table.run("SELECT n FROM t", ResultReuseConfiguration=REUSE).execution)


def test_result_older_than_allowed_is_not_reused(table: Lake) -> None:
    table.run("SELECT n FROM t")
    none_is_new_enough = {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 0}}
    assert not reused(table.run("SELECT n FROM t", ResultReuseConfiguration=none_is_new_enough).execution)


def test_token_stands_for_one_query_only(lake: Lake) -> None:
    token = "t" * 40
    first = lake.start("SELECT 1", ClientRequestToken=token)
    assert lake.start("SELECT 1", ClientRequestToken=token) == first
    with pytest.raises(ClientError, match="Idempotent parameters do not match"):
        lake.start("SELECT 2", ClientRequestToken=token)


def test_queries_are_listed_by_workgroup_in_pages_the_latest_first(cloud: Any, lake: Lake) -> None:
    workgroup = cloud.unique_name("wg")
    configuration = {"EnforceWorkGroupConfiguration": False}
    lake.athena.create_work_group(Name=workgroup, Configuration=configuration)
    started = [lake.start(f"SELECT {n}", WorkGroup=workgroup) for n in range(5)]
    pages = lake.athena.get_paginator("list_query_executions").paginate(
        WorkGroup=workgroup, PaginationConfig={"PageSize": 2}
    )
    assert [page["QueryExecutionIds"] for page in pages] == [
        [started[4], started[3]],
        [started[2], started[1]],
        [started[0]],
    ]


def test_runtime_statistics_tell_rows_and_bytes(table: Lake) -> None:
    finished = table.run("SELECT n FROM t")
    answer = table.athena.get_query_runtime_statistics(
        QueryExecutionId=finished.execution["QueryExecutionId"]
    )
    rows = answer["QueryRuntimeStatistics"]["Rows"]
    assert rows["OutputRows"] == 1
    assert rows["InputBytes"] == finished.execution["Statistics"]["DataScannedInBytes"] > 0


def test_unknown_ids_of_a_batch_are_named(lake: Lake) -> None:
    known = lake.start("SELECT 1")
    answer = lake.athena.batch_get_query_execution(QueryExecutionIds=[known, "nothing-of-that-kind"])
    assert [found["QueryExecutionId"] for found in answer["QueryExecutions"]] == [known]
    assert [missing["QueryExecutionId"] for missing in answer["UnprocessedQueryExecutionIds"]] == [
        "nothing-of-that-kind"
    ]


def test_parameters_fill_in_a_prepared_statement(cloud: Any, lake: Lake) -> None:
    name = cloud.unique_name("p").replace("-", "_")
    lake.run(f"PREPARE {name} FROM SELECT ? AS a, ? + 1 AS b")
    assert lake.run(f"EXECUTE {name} USING 'x', 1").rows == [("x", "2")]
    assert lake.run(f"EXECUTE {name}", ExecutionParameters=["'y'", "2"]).rows == [("y", "3")]


@pytest.mark.parametrize(
    ("sql", "code", "error_type"),
    [
        ("SELECT nope FROM t", "COLUMN_NOT_FOUND", 1006),
        ("SELECT * FROM nowhere", "TABLE_NOT_FOUND", 1301),
        ("SELECT nope(1)", "FUNCTION_NOT_FOUND", 1303),
        ("SELECT 1 / n FROM (VALUES 0) AS v(n)", "DIVISION_BY_ZERO", 1001),
        ("SELECT 1 = 'a'", "TYPE_MISMATCH", 1002),
        ("SELECT CAST('a' AS integer)", "INVALID_CAST_ARGUMENT", 1100),
        ("SELECT 2147483647 + n FROM (VALUES 1) AS v(n)", "NUMERIC_VALUE_OUT_OF_RANGE", 1100),
        ("SELECT split_part('a', ',', 0)", "INVALID_FUNCTION_ARGUMENT", 1106),
        ("CREATE TABLE t AS SELECT 1 AS a", "ALREADY_EXISTS", 1110),
        ("DELETE FROM t", "NOT_SUPPORTED", 1200),
        ("DROP TABLE nowhere", "FAILED", 1003),
        ("CREATE TABLE u WITH (colour = 'red') AS SELECT 1 AS a", "INVALID_TABLE_PROPERTY", 1103),
    ],
)
def test_error_has_the_documented_type_of_its_kind(table: Lake, sql: str, code: str, error_type: int) -> None:
    error = table.wait(table.start(sql))["Status"]["AthenaError"]
    assert error["ErrorMessage"].startswith(f"{code}: ")
    assert (error["ErrorCategory"], error["ErrorType"], error["Retryable"]) == (2, error_type, False)


def test_invalid_request_says_why_in_a_code(lake: Lake) -> None:
    failed = lake.start("SELECT nope")
    lake.wait(failed)
    for call, reason in (
        (lambda: lake.start("SELEC 1"), "MALFORMED_QUERY"),
        (lambda: lake.athena.get_query_execution(QueryExecutionId="gone"), "QUERY_EXECUTION_NOT_FOUND"),
        (lambda: lake.athena.get_query_results(QueryExecutionId=failed), "INVALID_QUERY_EXECUTION_STATE"),
        (lambda: lake.athena.get_named_query(NamedQueryId="gone"), "NAMED_QUERY_NOT_FOUND"),
        (lambda: lake.athena.get_work_group(WorkGroup="gone"), "INVALID_INPUT"),
    ):
        with pytest.raises(lake.athena.exceptions.InvalidRequestException) as refused:
            call()
        assert refused.value.response["AthenaErrorCode"] == reason


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"MaxResults": 1001}, "Value '1001' at 'maxResults' .* less than or equal to 1000"),
        ({"QueryExecutionId": "two words"}, "'queryExecutionId' .* regular expression pattern"),
        ({"NextToken": "made up"}, "Malformed nextPageToken made up"),
    ],
)
def test_request_out_of_its_documented_bounds_is_refused(
    lake: Lake, request_: dict[str, Any], words: str
) -> None:
    query_id = lake.run("SELECT 1").execution["QueryExecutionId"]
    with pytest.raises(ClientError, match=f"InvalidRequestException.*{words}"):
        lake.athena.get_query_results(**{"QueryExecutionId": query_id, **request_})


def test_rows_come_in_small_pages_as_drivers_fetch_them(lake: Lake) -> None:
    query_id = lake.run("SELECT n FROM UNNEST(sequence(1, 5)) AS t(n)").execution["QueryExecutionId"]
    pages, token = [], {}
    while True:
        page = lake.athena.get_query_results(QueryExecutionId=query_id, MaxResults=2, **token)
        assert page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][0]["Type"] == "bigint"
        pages.append([row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert pages == [["n", "1"], ["2", "3"], ["4", "5"]]


def test_queries_beyond_twenty_wait_and_succeed(lake: Lake) -> None:
    started = [lake.start(f"SELECT {n}, count(*) FROM UNNEST(sequence(1, 10000))") for n in range(40)]
    assert {lake.wait(query_id)["Status"]["State"] for query_id in started} == {"SUCCEEDED"}
