"""Takes a day's files in: waits for those of the daily sources, loads them all, checks what has arrived."""

from __future__ import annotations

import datetime
import os
from typing import Any

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerOperator
from airflow.providers.amazon.aws.operators.step_function import StepFunctionStartExecutionOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG, CronDataIntervalTimetable, TaskGroup, task

from lake_operations.days import RAW, days_of
from lake_operations.defaults import dag_arguments
from lake_operations.failures import DataProblem, RetriedByKind, retried_by_kind
from lake_operations.lake import AWS_CONNECTION, Lake
from lake_operations.queries import ask
from lake_operations.reports import record_run

LAKE = Lake.from_environment()
PATIENCE = datetime.timedelta(seconds=int(os.environ.get("LAKE_FILE_PATIENCE_SECONDS", 6 * 3600)))
MOST_QUARANTINED = 0.1
"""A source that breaks its contract in more than this share of its lines is not believed in the rest."""


class WaitForFile(RetriedByKind, S3KeySensor):
    """Waits without a worker."""


class LoadFiles(RetriedByKind, StepFunctionStartExecutionOperator):
    """Loads without a worker."""


class CrawlLanding(RetriedByKind, GlueCrawlerOperator):
    """Notes new fields of semi-structured files."""


with DAG(
    # While one run waits for its files, another day can be made good; what loads goes one by one.
    **(dag_arguments("ingest_batch", deadline=datetime.timedelta(hours=7)) | {"max_active_runs": 2}),
    description="A day's files from landing to raw",
    # Each run is about the day before: at four, all of it should be there.
    schedule=CronDataIntervalTimetable("0 4 * * *", timezone="UTC"),
    doc_md=__doc__,
) as dag:

    @task
    def choose_day(**context: Any) -> str:
        """The day that the run is about."""
        return days_of(context)[0]

    @task(multiple_outputs=False)
    @retried_by_kind
    def list_files(day: str) -> dict[str, Any]:
        """The input of the state machine: all files of the day, as S3's events write their keys."""
        hook = S3Hook(AWS_CONNECTION)
        keys = [
            key
            for source in LAKE.file_sources
            for key in hook.list_keys(LAKE.landing_bucket, prefix=f"{source}/{day}") or ()
        ]
        return {"files": [{"key": key} for key in sorted(keys)]}

    @task(outlets=[RAW])
    @retried_by_kind
    def check_arrival(day: str, outlet_events: Any = None) -> dict[str, int]:
        """How many rows each source brought; a daily source that brought none stops the day.

        Raises:
            DataProblem: A file was refused, is not in the log, or broke its contract in too many lines.
        """
        rows: dict[str, int] = {}
        problems: list[str] = []
        for source in LAKE.file_sources:
            found = ask(
                LAKE,
                "SELECT status, sum(lines), sum(loaded), sum(quarantined), max(reason) "
                f'FROM "{LAKE.raw_database}"."ingestion_log" '
                f"WHERE source_file LIKE 's3://{LAKE.landing_bucket}/{source}/{day}%' GROUP BY status",
            )
            if not found and source in LAKE.daily_sources:
                problems.append(f"{source}: the ingestion log knows no file of {day}")
            for status, lines, loaded, quarantined, reason in found:
                if status != "loaded":
                    problems.append(f"{source}: a file of {day} was refused: {reason}")
                    continue
                rows[source] = int(loaded or 0)
                if int(quarantined or 0) > MOST_QUARANTINED * int(lines or 0):
                    problems.append(f"{source}: {quarantined} of {lines} lines are in quarantine")
        if problems:
            raise DataProblem("; ".join(problems))
        outlet_events[RAW].extra = {"days": [day]}
        return rows

    day = choose_day()
    files = list_files(day)
    with TaskGroup("wait_for") as wait_for:
        for source in LAKE.daily_sources:
            WaitForFile(
                task_id=source,
                bucket_name=LAKE.landing_bucket,
                bucket_key=source + "/{{ ti.xcom_pull(task_ids='choose_day') }}*",
                wildcard_match=True,
                aws_conn_id=AWS_CONNECTION,
                poke_interval=min(30, PATIENCE.total_seconds()),
                timeout=PATIENCE.total_seconds(),
            )
    load = LoadFiles(
        task_id="load",
        state_machine_arn=LAKE.batch_load_state_machine_arn,
        state_machine_input="{{ ti.xcom_pull(task_ids='list_files') | tojson }}",
        aws_conn_id=AWS_CONNECTION,
        waiter_delay=5,
        waiter_max_attempts=1000,
        max_active_tis_per_dag=1,
    )
    crawl = CrawlLanding(
        task_id="crawl",
        config={"Name": LAKE.landing_crawler},
        aws_conn_id=AWS_CONNECTION,
        poll_interval=5,
        max_active_tis_per_dag=1,
    )
    arrived = check_arrival(day)
    recorded = record_run(arrived, days=[day]).as_teardown()
    day >> wait_for >> files >> load >> arrived >> recorded
    wait_for >> crawl >> recorded
