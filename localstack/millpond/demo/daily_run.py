"""The day through the lake's DAGs: Airflow on the laptop does what the demo does by itself otherwise."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from typing import Any, Final

from millpond import airflow
from millpond.airflow import AirflowApi, AirflowSettings, RunningAirflow
from millpond.demo.deliveries import Delivery
from millpond.demo.exceptions import FilesWithoutDay, NotPublished, PipelineFailed
from millpond.demo.lake import Lake
from millpond.demo.report import BatchLoad, DayRun

CHAIN: Final = ("ingest_batch", "transform", "quality_and_publish", "maintain")
"""The first DAG is started; each of the others starts when the one before has made its asset."""

_SECONDS_PER_DAG: Final = 1200.0
_SECONDS_BETWEEN: Final = 120.0
_POLL_SECONDS: Final = 1.0
_PUBLISHED: Final = ("monthly_revenue", "fct_orders")


def last_day(deliveries: Sequence[Delivery]) -> str:
    """The last day of sales; files are named after their day.

    Raises:
        FilesWithoutDay: A file's name begins with none.
    """
    days = []
    for delivery in deliveries:
        if delivery.source == "sales":
            try:
                days.append(date.fromisoformat(delivery.path.name[:10]))
            except ValueError as error:
                raise FilesWithoutDay(delivery.path) from error
    return max(days).isoformat()


@contextmanager
def running_airflow(
    settings: AirflowSettings, outputs: Mapping[str, Any], keep: bool, on_step: Callable[[str], None]
) -> Iterator[RunningAirflow]:
    """An Airflow without a past that ends with this process, however this process ends, unless it is kept.

    Raises:
        AirflowError: It did not start, or one runs there.
    """
    if airflow.find(settings.home) is None:
        # The runs in its history were over a lake that is gone.
        shutil.rmtree(settings.home, ignore_errors=True)
    if keep:
        yield airflow.start(settings, outputs, on_step)
        return
    with ExitStack() as ending:
        lifeline, held = os.pipe()
        for end in (lifeline, held):
            ending.callback(os.close, end)
        running = airflow.start(settings, outputs, on_step, lifeline)
        ending.callback(_end, settings)
        yield running


def run_day(
    settings: AirflowSettings, running: RunningAirflow, day: str, on_progress: Callable[[str], None]
) -> DayRun:
    """Start the first DAG for a day, and follow the chain to its end.

    Raises:
        AirflowError: A run failed, or takes too long.
        PipelineFailed: A DAG did not start after the one before.
    """
    api, seconds = AirflowApi(running.url), {}
    known = {dag: {run.run_id for run in api.runs(dag)} for dag in CHAIN}
    run = api.trigger(CHAIN[0], {"day": day})
    for dag in CHAIN:
        began = time.monotonic()
        if dag != run.dag:
            run = _next(api, dag, known[dag])
        api.wait(run, _SECONDS_PER_DAG, on_progress)
        seconds[dag] = round(time.monotonic() - began, 1)
    return DayRun(day, seconds, running.url, str(settings.home))


def batch_load_of(lake: Lake, day: str) -> BatchLoad:
    """What the state machine was given by the day's run, and how many steps it took.

    Raises:
        PipelineFailed: It did not run for the day.
    """
    machines, arn = lake.endpoint.client("stepfunctions"), lake.outputs.batch_load_state_machine_arn
    for found in machines.list_executions(stateMachineArn=arn, statusFilter="SUCCEEDED")["executions"]:
        execution = found["executionArn"]
        given = json.loads(machines.describe_execution(executionArn=execution)["input"])
        files = [str(file["key"]) for file in given["files"]]
        if any(day in file for file in files):
            pages = machines.get_paginator("get_execution_history").paginate(executionArn=execution)
            steps = sum(event["type"].endswith("StateExited") for page in pages for event in page["events"])
            return BatchLoad(files, steps)
    raise PipelineFailed(f"state machine {arn}", f"has no execution for {day}")


def check_published(analyst: Lake) -> None:
    """What readers see is what was built.

    Raises:
        NotPublished: A published mart differs from the one that dbt has built.
    """
    for mart in _PUBLISHED:
        built, seen = f"SELECT * FROM {mart}", f"SELECT * FROM published_{mart}"
        differing = f"({built} EXCEPT {seen}) UNION ALL ({seen} EXCEPT {built})"
        ((rows,),) = analyst.query(f"SELECT count(*) FROM ({differing})").rows
        if rows != "0":
            raise NotPublished(mart, int(rows or 0))


def _end(settings: AirflowSettings) -> None:
    # If it has ended by itself, whoever asked it something has said so.
    if airflow.find(settings.home):
        airflow.stop(settings.home)


def _next(api: AirflowApi, dag: str, known: set[str]) -> airflow.DagRun:
    deadline = time.monotonic() + _SECONDS_BETWEEN
    while time.monotonic() < deadline:
        for run in api.runs(dag):
            if run.run_id not in known:
                return run
        time.sleep(_POLL_SECONDS)
    raise PipelineFailed(f"DAG {dag}", f"did not start within {_SECONDS_BETWEEN:.0f} s of the one before it")
