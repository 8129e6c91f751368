"""The plugin in test sessions of other projects, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import RunningCloud

pytest_plugins = ["pytester"]

HEAVY = ("boto3", "botocore", "moto", "duckdb", "pulumi", "rich", "yaml", "dbt")


def run(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    """Run a test file as a project would that has nothing but the package installed."""
    pytester.makepyfile(test)
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)


def test_nothing_heavy_is_imported_when_pytest_starts() -> None:
    program = f"import sys, millpond.testing.plugin; print([name for name in {HEAVY} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_pytest_finds_the_plugin(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--fixtures")
    result.stdout.fnmatch_lines_random(["cloud [[]session scope[]] *", "deploy -- *", "moto_services *"])


def test_cloud_runs_in_a_process_of_its_own_by_default(pytester: pytest.Pytester) -> None:
    test = """
        import json, os, urllib.request

        def test_process(cloud):
            with urllib.request.urlopen(cloud.endpoint_url + "/_millpond/health") as answer:
                assert json.load(answer)["pid"] != os.getpid()
            assert cloud.client("s3").list_buckets()["Buckets"] == []
    """
    run(pytester, test).assert_outcomes(passed=1)


def test_endpoint_that_is_there_already_can_be_used(pytester: pytest.Pytester, cloud: RunningCloud) -> None:
    test = f"""
        def test_endpoint(cloud):
            assert cloud.endpoint_url == {cloud.endpoint_url!r}
    """
    run(pytester, test, f"--millpond-endpoint={cloud.endpoint_url}").assert_outcomes(passed=1)


def test_code_under_test_finds_the_cloud_by_its_environment(
    pytester: pytest.Pytester, cloud: RunningCloud
) -> None:
    test = """
        import boto3

        def test_environment(cloud_environment, bucket):
            assert bucket in [found["Name"] for found in boto3.client("s3").list_buckets()["Buckets"]]
    """
    run(pytester, test, f"--millpond-endpoint={cloud.endpoint_url}").assert_outcomes(passed=1)


def test_fresh_cloud_has_nothing_of_the_sessions_cloud(
    pytester: pytest.Pytester, cloud: RunningCloud, bucket: str
) -> None:
    test = """
        def test_fresh(cloud, fresh_cloud):
            assert cloud.client("s3").list_buckets()["Buckets"] != []
            assert fresh_cloud.client("s3").list_buckets()["Buckets"] == []
    """
    run(pytester, test, f"--millpond-endpoint={cloud.endpoint_url}").assert_outcomes(passed=1)


def test_mock_aws_executes_queries_without_http(pytester: pytest.Pytester) -> None:
    test = """
        import boto3, pytest, time
        from moto import mock_aws

        pytestmark = pytest.mark.usefixtures("moto_services")

        @pytest.fixture(autouse=True)
        def region(monkeypatch):
            monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

        def query(athena, sql):
            started = athena.start_query_execution(
                QueryString=sql, ResultConfiguration={"OutputLocation": "s3://lake/results/"}
            )
            id = started["QueryExecutionId"]
            while (state := athena.get_query_execution(QueryExecutionId=id)["QueryExecution"]["Status"])[
                "State"
            ] in ("QUEUED", "RUNNING"):
                time.sleep(0.01)
            assert state["State"] == "SUCCEEDED", state
            rows = athena.get_query_results(QueryExecutionId=id)["ResultSet"]["Rows"]
            return [[cell.get("VarCharValue") for cell in row["Data"]] for row in rows]

        @mock_aws
        @pytest.mark.parametrize("_", range(2))
        def test_query(_):
            s3, athena = boto3.client("s3"), boto3.client("athena")
            assert s3.list_buckets()["Buckets"] == []
            s3.create_bucket(Bucket="lake")
            s3.put_object(Bucket="lake", Key="sales/day.csv", Body=b"2,19.90\\n3,5.00\\n")
            query(athena, "CREATE DATABASE shop")
            query(athena, '''
                CREATE EXTERNAL TABLE shop.sales (quantity int, price decimal(10, 2))
                ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://lake/sales/'
            ''')
            total = query(athena, "SELECT sum(quantity * price) AS total FROM shop.sales")
            assert total == [["total"], ["54.80"]]
    """
    run(pytester, test).assert_outcomes(passed=2)


def test_mocks_and_a_cloud_in_one_process_are_refused(pytester: pytest.Pytester) -> None:
    test = """
        def test_both(cloud, moto_services):
            pass
    """
    result = run(pytester, test, "--millpond-cloud=in-process")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*MotoInUse: *Run the cloud in a process of its own*"])


def test_wrong_place_is_a_wrong_usage(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmillpond_cloud = moon\n")
    result = run(pytester, "def test_it(cloud): pass")
    result.stdout.fnmatch_lines(["*millpond_cloud is 'moon'; use one of process, in-process*"])
