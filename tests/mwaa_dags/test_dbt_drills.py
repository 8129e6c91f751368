"""dbt in trouble: it is started again where that may help, and a write that was cut off is finished then."""

from __future__ import annotations

import psutil

from mwaa_dags import faults
from mwaa_dags.faults import THROTTLED
from mwaa_dags.pipelines import Pipelines

FRAME = "choose_days|record_run"
STAGING, SNAPSHOT = "dbt.stg_shop__products_model_build", "dbt.snap_products_snapshot_build"
REVENUE = "dbt.monthly_revenue_model_build"
# What dbt's client of AWS tries by itself, in the profile's settings, before dbt gives up.
CALLS_OF_DBT = 6


def test_dbt_that_is_throttled_or_killed_in_the_middle_of_a_write_is_started_again_and_writes_all_once(
    pipelines: Pipelines,
) -> None:
    day = pipelines.days[0]
    pipelines.drop(day)
    pipelines.wait_until_loaded("products", day)
    with faults.between(pipelines.endpoint.url) as trouble:
        trouble.answer("AWSGlue.GetDatabases", THROTTLED, times=CALLS_OF_DBT)
        arrived = trouble.hold("AmazonAthena.StartQueryExecution", b"snap_products")
        only = f"{FRAME}|{STAGING}|{SNAPSHOT}"
        begun = pipelines.start("transform", day, only=only, endpoint_url=trouble.url)
        assert arrived.wait(600)
        # Athena has the statement and goes on with it; who asked for it is no more.
        for child in psutil.Process(begun.process.pid).children(recursive=True):
            if any(part.endswith("/dbt") for part in child.cmdline()):
                child.kill()
        trouble.release()
        run = begun.result()
    assert (run["status"], run["tries"][STAGING], run["tries"][SNAPSHOT]) == ("succeeded", 2, 2)
    written = pipelines.query(
        "SELECT product_version_key AS version, count(*) AS n FROM snap_products GROUP BY 1"
    )
    delivered = pipelines.query("SELECT product_version_key AS version FROM stg_shop__products")
    assert {row["version"]: row["n"] for row in written} == {row["version"]: "1" for row in delivered}


def test_data_that_break_a_rule_of_the_marts_are_told_at_once(pipelines: Pipelines) -> None:
    bucket = pipelines.outputs["marts_bucket"]
    pipelines.query(
        "CREATE TABLE fct_orders WITH (table_type = 'ICEBERG', is_external = false, format = 'PARQUET', "
        f"location = 's3://{bucket}/drills/orders/') AS "
        "SELECT CAST(timestamp '2025-01-01 10:00:00' AS timestamp(6)) AS ordered_at, "
        "false AS is_cancellation, "
        "CAST(-5 AS decimal(12,2)) AS amount"
    )
    try:
        run = pipelines.run("transform", pipelines.days[0], only=f"{FRAME}|{REVENUE}")
    finally:
        pipelines.query("DROP TABLE `fct_orders`")
    assert (run["status"], run["category"], run["tries"][REVENUE]) == ("failed", "data", 1)
    assert "not_negative_monthly_revenue" in run["message"]
