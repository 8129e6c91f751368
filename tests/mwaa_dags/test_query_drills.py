"""Athena in trouble while marts are checked and published: which attempts are made, and what readers see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mwaa_dags import faults
from mwaa_dags.faults import BROKEN, BUSY, THROTTLED
from mwaa_dags.pipelines import Pipelines

START = "AmazonAthena.StartQueryExecution"
DAG, MARTS = "quality_and_publish", ("fct_order_lines", "fct_orders", "monthly_revenue")
# Each attempt of a task asks once: the SDK's own retries come before Airflow's, and are not tried here.
ONE_CALL = {"AWS_MAX_ATTEMPTS": "1"}
ALL_TRIES = 4
DAY = "2018-01-01"
"""Nothing was delivered on it, and so nothing is missing in these marts."""


@pytest.fixture(scope="module")
def marts(pipelines: Pipelines) -> Iterator[Pipelines]:
    """Small marts that agree with one another."""
    bucket = pipelines.outputs["marts_bucket"]
    for mart in MARTS:
        pipelines.query(
            f"CREATE TABLE {mart} WITH (table_type = 'ICEBERG', is_external = false, format = 'PARQUET', "
            f"location = 's3://{bucket}/drills/{mart}/') AS "
            "SELECT n AS id, CAST(n AS decimal(12,2)) AS line_amount, "
            "CAST(n AS decimal(12,2)) AS net_revenue, "
            "'s3://nowhere' AS _source_file FROM UNNEST(sequence(1, 20)) AS t (n)"
        )
    yield pipelines
    for mart in MARTS:
        pipelines.query(f"DROP TABLE `{mart}`")


def tables(pipelines: Pipelines) -> set[str]:
    rows = pipelines.query(
        "SELECT table_name AS name FROM information_schema.tables "
        f"WHERE table_schema = '{pipelines.outputs['marts_database']}'"
    )
    return {row["name"] for row in rows}


def test_athena_that_says_no_by_itself_is_asked_once_and_nothing_is_published(pipelines: Pipelines) -> None:
    run = pipelines.run(DAG, DAY, only="choose_days|check_revenue|record_run")
    assert (run["status"], run["category"]) == ("failed", "code")
    assert "TABLE_NOT_FOUND" in run["message"]
    assert run["tries"]["check_revenue"] == 1
    assert not [name for name in tables(pipelines) if name.startswith("published_")]


def test_throttled_and_failing_calls_are_made_again_and_all_is_published(marts: Pipelines) -> None:
    with faults.between(marts.endpoint.url) as trouble:
        trouble.answer(START, THROTTLED, times=2)
        trouble.answer(START, BROKEN, times=1)
        run = marts.run(DAG, DAY, endpoint_url=trouble.url, **ONE_CALL)
    assert (run["status"], run["category"]) == ("succeeded", None)
    # One call in trouble is one attempt more, whichever task it meets.
    assert sum(tries - 1 for tries in run["tries"].values()) == 3
    for mart in ("fct_orders", "monthly_revenue"):
        assert marts.query(f"SELECT * FROM published_{mart} ORDER BY id") == marts.query(
            f"SELECT * FROM {mart} ORDER BY id"
        )


def test_throttling_that_lasts_is_told_after_all_attempts_and_readers_keep_what_they_have(
    marts: Pipelines,
) -> None:
    before = tables(marts)
    with faults.between(marts.endpoint.url) as trouble:
        trouble.answer(START, BUSY)
        only = "choose_days|check_revenue|record_run"
        run = marts.run(DAG, DAY, only=only, endpoint_url=trouble.url, **ONE_CALL)
    assert (run["status"], run["category"]) == ("failed", "throttling")
    assert run["tries"]["check_revenue"] == trouble.calls[START] == ALL_TRIES
    assert tables(marts) == before


@pytest.mark.parametrize("watched", ["Failures", "Duration"])
def test_what_the_alarms_watch_is_what_the_runs_have_told(pipelines: Pipelines, watched: str) -> None:
    cloudwatch, namespace = pipelines.endpoint.client("cloudwatch"), pipelines.outputs["pipelines_namespace"]
    told = cloudwatch.list_metrics(Namespace=namespace, MetricName=watched)["Metrics"]
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix="millpond-local-pipeline-quality")["MetricAlarms"]
    (alarm,) = [alarm for alarm in alarms if alarm["MetricName"] == watched]
    assert alarm["Namespace"] == namespace
    assert alarm["Dimensions"] in [metric["Dimensions"] for metric in told]
