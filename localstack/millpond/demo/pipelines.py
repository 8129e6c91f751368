"""The lake's own pipelines, started as an operator would: the compaction, the crawler, the batch load."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from millpond.demo.exceptions import PipelineFailed
from millpond.demo.lake import Lake
from millpond.glue.jobs.exceptions import LaunchFailed
from millpond.glue.jobs.spark import spark_installation

_POLL_SECONDS = 0.2
_LONGEST_SECONDS = 300.0


@dataclass(frozen=True)
class TableFiles:
    """How many files and rows a table has."""

    files: int
    rows: int


@dataclass(frozen=True)
class CompactedTable:
    """A table of raw before and after its compaction."""

    table: str
    before: TableFiles
    after: TableFiles


@dataclass(frozen=True)
class SparkSessions:
    """What the Spark job made of the events.

    Attributes:
        sessions: The rows of its table.
        events: How many events they count.
        missing: Why it was left out; empty if it was not.
    """

    sessions: int = 0
    events: int = 0
    missing: str = ""


@dataclass(frozen=True)
class CrawledTable:
    """What the crawler wrote down of a folder of landing."""

    table: str
    columns: int
    records: int


def table_files(lake: Lake, table: str) -> TableFiles:
    """Count a table's files and rows, as Athena sees them."""
    sql = f'SELECT count(DISTINCT "$path"), count(*) FROM "{lake.outputs.raw_database}"."{table}"'
    ((files, rows),) = lake.query(sql).rows
    return TableFiles(int(files or 0), int(rows or 0))


def compact(lake: Lake, tables: Sequence[str]) -> list[CompactedTable]:
    """Compact tables of events; today's partitions too, since nothing more is to come, and those of one file.

    Tables of files are left to the state machine: only their days that are over are compacted.

    Raises:
        PipelineFailed: The job failed.
    """
    before = {table: table_files(lake, table) for table in tables}
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    arguments = {"--tables": ",".join(tables), "--closed_before": tomorrow, "--least_files": "1"}
    _run_job(lake, lake.outputs.compact_raw_job, arguments)
    return [CompactedTable(table, before[table], table_files(lake, table)) for table in tables]


def make_sessions(lake: Lake) -> SparkSessions:
    """Let the Spark job part the events into sessions, where Spark is installed.

    Raises:
        PipelineFailed: The job failed.
    """
    try:
        spark_installation()
    except LaunchFailed as error:
        return SparkSessions(missing=error.reason)
    _run_job(lake, lake.outputs.sessionize_events_job, {})
    sql = f'SELECT count(*), sum(events) FROM "{lake.outputs.raw_database}"."event_sessions"'
    sessions, events = (int(value or 0) for value in lake.query(sql).rows[0])
    return SparkSessions(sessions, events)


def crawl(lake: Lake) -> list[CrawledTable]:
    """Let the crawler look at landing.

    Raises:
        PipelineFailed: The crawl failed.
    """
    glue, crawler = lake.endpoint.client("glue"), lake.outputs.landing_crawler
    glue.start_crawler(Name=crawler)

    def state() -> tuple[str, str]:
        found = glue.get_crawler(Name=crawler)["Crawler"]
        if found["State"] != "READY":
            return "RUNNING", ""
        last = found.get("LastCrawl", {})
        return last.get("Status", ""), last.get("ErrorMessage", "")

    _wait(f"crawler {crawler}", state, "SUCCEEDED", ("RUNNING",))
    return crawled_tables(lake)


def crawled_tables(lake: Lake) -> list[CrawledTable]:
    """What the crawler has written down of landing."""
    glue = lake.endpoint.client("glue")
    tables = glue.get_tables(DatabaseName=lake.outputs.landing_database)["TableList"]
    return [
        CrawledTable(
            table["Name"],
            len(table["StorageDescriptor"]["Columns"]),
            int(table["Parameters"].get("recordCount", 0)),
        )
        for table in tables
    ]


def load_batch(lake: Lake, landing_keys: Sequence[str]) -> int:
    """Let the state machine load files of landing again, compact and count lost lines; returns its steps.

    Raises:
        PipelineFailed: The execution failed.
    """
    machines, arn = lake.endpoint.client("stepfunctions"), lake.outputs.batch_load_state_machine_arn
    files = [{"key": urllib.parse.quote_plus(key, safe="/")} for key in landing_keys]
    execution = machines.start_execution(stateMachineArn=arn, input=json.dumps({"files": files}))[
        "executionArn"
    ]

    def state() -> tuple[str, str]:
        found = machines.describe_execution(executionArn=execution)
        return found["status"], f"{found.get('error', '')} {found.get('cause', '')}".strip()

    _wait(f"state machine {arn}", state, "SUCCEEDED", ("RUNNING",))
    pages = machines.get_paginator("get_execution_history").paginate(executionArn=execution)
    return sum(event["type"].endswith("StateExited") for page in pages for event in page["events"])


def _run_job(lake: Lake, job: str, arguments: dict[str, str]) -> None:
    glue = lake.endpoint.client("glue")
    run_id = glue.start_job_run(JobName=job, Arguments=arguments)["JobRunId"]

    def state() -> tuple[str, str]:
        run = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        return run["JobRunState"], run.get("ErrorMessage", "")

    _wait(f"job {job}", state, "SUCCEEDED", ("STARTING", "RUNNING", "STOPPING", "WAITING"))


def _wait(name: str, state: Callable[[], tuple[str, str]], good: str, passing: Sequence[str]) -> None:
    """Wait for the end of what runs.

    Args:
        name: What runs, for the error.
        state: Tells its state, and why it is so.
        good: The state of a good end.
        passing: The states before any end.
    """
    began = time.monotonic()
    while True:
        now, reason = state()
        if now == good:
            return
        if now not in passing:
            raise PipelineFailed(name, f"ended as {now}: {reason}")
        if time.monotonic() - began > _LONGEST_SECONDS:
            raise PipelineFailed(name, f"is still {now} after {_LONGEST_SECONDS:.0f} s")
        time.sleep(_POLL_SECONDS)
