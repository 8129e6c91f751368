"""Queries as the command line sends them."""

from __future__ import annotations

import pytest

from millpond.client import Endpoint, run_query
from millpond.client.exceptions import EndpointUnreachable, QueryFailed


@pytest.fixture
def workgroup(cloud, bucket) -> str:
    name = cloud.unique_name("group")
    results = {"OutputLocation": f"s3://{bucket}/results/"}
    cloud.client("athena").create_work_group(Name=name, Configuration={"ResultConfiguration": results})
    return name


def test_rows_come_without_their_header_and_null_is_none(cloud, workgroup):
    answer = run_query(Endpoint(cloud.endpoint_url), "select 1 as a, null as b, '' as c", None, workgroup)
    assert [name for name, _ in answer.columns] == ["a", "b", "c"]
    assert answer.rows == (("1", None, ""),)


def test_more_rows_than_a_page_come_whole(cloud, workgroup):
    sql = "select n from unnest(sequence(1, 2500)) as t (n)"
    answer = run_query(Endpoint(cloud.endpoint_url), sql, None, workgroup)
    assert [int(n) for (n,) in answer.rows] == list(range(1, 2501))


def test_cost_is_of_whole_megabytes_and_of_ten_at_least(cloud, bucket, workgroup):
    endpoint, database = Endpoint(cloud.endpoint_url), cloud.unique_name("db").replace("-", "_")
    cloud.client("s3").put_object(Bucket=bucket, Key="t/lines", Body=b"x" * 12_345_677 + b"\n")
    created = run_query(endpoint, f"create database {database}", None, workgroup)
    sql = f"create external table t (line string) location 's3://{bucket}/t/'"
    run_query(endpoint, sql, database, workgroup)
    small = run_query(endpoint, "select 1", None, workgroup)
    large = run_query(endpoint, "select length(line) from t", database, workgroup)
    assert [a.billed_bytes for a in (created, small, large)] == [0, 10_000_000, 13_000_000]
    assert large.scanned_bytes == 12_345_678
    assert large.dollars == pytest.approx(0.000065)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "empty"),
        ("select 1 +", "mismatched input '<EOF>'"),
        ("select x", "Column 'x' cannot be resolved"),
        ("select * from read_csv('/etc/passwd')", "mismatched input"),
    ],
)
def test_a_query_that_athena_refuses_says_why(cloud, workgroup, sql, message):
    with pytest.raises(QueryFailed, match=message):
        run_query(Endpoint(cloud.endpoint_url), sql, None, workgroup)


def test_an_unknown_workgroup_is_named(cloud):
    with pytest.raises(QueryFailed, match="no-such-group"):
        run_query(Endpoint(cloud.endpoint_url), "select 1", None, "no-such-group")


def test_an_endpoint_that_does_not_answer_is_named():
    with pytest.raises(EndpointUnreachable, match=r"127\.0\.0\.1:9"):
        run_query(Endpoint("http://127.0.0.1:9"), "select 1", None, None)
