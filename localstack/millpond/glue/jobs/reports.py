"""What Glue tells other services of a run: EventBridge of its state, CloudWatch of its work.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html
https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.utils import utcnow
from moto.events.models import events_backends

from millpond.glue.jobs.run import CommandName, JobRun, RunState

_SEVERITIES: Final[Mapping[RunState, str]] = {
    RunState.SUCCEEDED: "INFO",
    RunState.STOPPED: "INFO",
    RunState.TIMEOUT: "WARN",
    RunState.FAILED: "ERROR",
    RunState.ERROR: "ERROR",
}
_MESSAGES: Final[Mapping[RunState, str]] = {
    RunState.SUCCEEDED: "Job run succeeded",
    RunState.STOPPED: "Job run stopped",
}
_COUNTERS: Final[Mapping[str, str]] = {
    "bytesRead": "glue.driver.aggregate.bytesRead",
    "elapsedTime": "glue.driver.aggregate.elapsedTime",
    "numCompletedStages": "glue.driver.aggregate.numCompletedStages",
    "numCompletedTasks": "glue.driver.aggregate.numCompletedTasks",
    "numFailedTasks": "glue.driver.aggregate.numFailedTasks",
    "recordsRead": "glue.driver.aggregate.recordsRead",
    "shuffleBytesWritten": "glue.driver.aggregate.shuffleBytesWritten",
    "shuffleLocalBytesRead": "glue.driver.aggregate.shuffleLocalBytesRead",
}
"""Spark's counters, and the metrics that Glue makes of them."""


def announce_end(run: JobRun) -> None:
    """Put a `Glue Job State Change` on the default bus."""
    message = _MESSAGES.get(run.state) or run.error_message or run.state.value
    _put_event(
        run,
        "Glue Job State Change",
        {
            "jobName": run.specification.job_name,
            "severity": _SEVERITIES[run.state],
            "state": run.state.value,
            "jobRunId": run.id,
            "message": message,
        },
    )


def announce_delay(run: JobRun) -> None:
    """Put a `Glue Job Run Status`: the run takes longer than its `NotifyDelayAfter`."""
    _put_event(
        run,
        "Glue Job Run Status",
        {
            "jobName": run.specification.job_name,
            "severity": "INFO",
            "notificationCondition": {"NotifyDelayAfter": float(run.specification.notify_delay_minutes or 0)},
            "state": run.state.value,
            "jobRunId": run.id,
            "message": f"Job is in {run.state.value} state",
            "startedOn": run.started_on.isoformat(timespec="seconds").replace("+00:00", "Z"),
        },
    )


def put_metrics(run: JobRun, counters: Mapping[str, float]) -> None:
    """Put the metrics that the run's arguments ask for.

    Args:
        run: One that has ended.
        counters: Spark's, by the names of `_COUNTERS`; a Python shell has none.
    """
    arguments = run.specification.arguments
    spark = run.specification.command.name is CommandName.SPARK
    if spark and arguments.on("--enable-metrics"):
        known = {_COUNTERS[name]: value for name, value in counters.items() if name in _COUNTERS}
        _put(run, known, {"Type": "count"}, ("ALL", run.id))
    if spark and arguments.on("--enable-observability-metrics"):
        failed = run.state is not RunState.SUCCEEDED
        group = {"Type": "count", "ObservabilityGroup": "error"}
        _put(run, {"glue.succeed.ALL": float(not failed), "glue.error.ALL": float(failed)}, group, (run.id,))


def _put(
    run: JobRun, values: Mapping[str, float], dimensions: Mapping[str, str], run_ids: tuple[str, ...]
) -> None:
    backend: Any = cloudwatch_backends[run.specification.account_id][run.specification.region]
    data = [
        {
            "MetricName": name,
            "Value": value,
            "Timestamp": utcnow(),
            "Unit": "Count",
            "Dimensions": [
                {"Name": dimension, "Value": text}
                for dimension, text in {
                    "JobName": run.specification.job_name,
                    "JobRunId": run_id,
                    **dimensions,
                }.items()
            ],
        }
        for name, value in values.items()
        for run_id in run_ids
    ]
    if data:
        backend.put_metric_data("Glue", data)


def _put_event(run: JobRun, kind: str, detail: Mapping[str, Any]) -> None:
    backend: Any = events_backends[run.specification.account_id][run.specification.region]
    backend.put_events(
        [{"Source": "aws.glue", "DetailType": kind, "Detail": json.dumps(detail), "Resources": []}]
    )
