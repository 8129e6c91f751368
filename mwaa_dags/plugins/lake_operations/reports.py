"""What is told of runs: metrics in CloudWatch, a row of the table `pipeline_runs`, words in the log."""

from __future__ import annotations

import datetime
import hashlib
import json
import logging
from collections.abc import Mapping
from typing import Any

from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook
from airflow.sdk import task

from lake_operations.failures import Category, Failure, classify
from lake_operations.lake import AWS_CONNECTION, Lake

RUNS_PREFIX = "pipeline_runs/"
_FAILURE = "failure"

_log = logging.getLogger(__name__)


def report_failure(context: Mapping[str, Any]) -> None:
    """Name a failure's kind and its runbook page, count it, and keep it for the run's record."""
    failure = classify(context.get("exception"))
    instance = context["ti"]
    _log.error(
        "%s.%s failed: %s. What to do: %s. %s",
        instance.dag_id,
        instance.task_id,
        failure.category.value,
        failure.runbook,
        failure.message,
    )
    instance.xcom_push(key=_FAILURE, value={"category": failure.category.value, "message": failure.message})
    _put_metrics(instance.dag_id, {"Failures": (1, "Count")}, category=failure.category.value)


async def report_missed_deadline(pipeline: str, **kwargs: Any) -> None:
    """Count a run that takes longer than it may; the alarm tells."""
    _log.error("%s has missed its deadline. What to do: %s", pipeline, Category.INFRASTRUCTURE.runbook)
    _put_metrics(pipeline, {"DeadlinesMissed": (1, "Count")})


@task(trigger_rule="all_done", retries=2)
def record_run(rows: Any = None, days: Any = None, **context: Any) -> dict[str, Any]:
    """Write the run's row and its metrics; a run has one row, however often it is repeated."""
    instance, run = context["ti"], context["dag_run"]
    states = instance.get_task_states(instance.dag_id, run_ids=[run.run_id])[run.run_id]
    failed = sorted(name for name, state in states.items() if str(state) in ("failed", "upstream_failed"))
    failure = _first_failure(instance, failed)
    ended = datetime.datetime.now(datetime.UTC)
    seconds = (ended - run.start_date).total_seconds()
    row = {
        "pipeline": instance.dag_id,
        "run_id": run.run_id,
        "days": days or [],
        "status": "failed" if failed else "succeeded",
        "failed_tasks": failed,
        "category": failure.category.value if failure else None,
        "message": failure.message[:1000] if failure else None,
        "row_count": _total(rows),
        "started_at": run.start_date.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "ended_at": ended.strftime("%Y-%m-%d %H:%M:%S"),
        "seconds": round(seconds, 3),
    }
    key = f"{RUNS_PREFIX}{instance.dag_id}/{hashlib.sha256(run.run_id.encode()).hexdigest()[:16]}.json"
    lake = Lake.from_environment()
    AwsBaseHook(AWS_CONNECTION, client_type="s3").get_conn().put_object(
        Bucket=lake.raw_bucket, Key=key, Body=json.dumps(row).encode() + b"\n"
    )
    measured = {"Duration": (seconds, "Seconds")}
    if row["row_count"] is not None:
        measured["Rows"] = (row["row_count"], "Count")
    _put_metrics(instance.dag_id, measured)
    return row


def _first_failure(instance: Any, failed: list[str]) -> Failure | None:
    for name in failed:
        said = instance.xcom_pull(task_ids=name, key=_FAILURE, map_indexes=-1)
        if said:
            return Failure(Category(said["category"]), said["message"])
    return classify(None) if failed else None


def _total(rows: Any) -> int | None:
    if isinstance(rows, Mapping):
        return sum(int(count) for count in rows.values())
    return None


def _put_metrics(pipeline: str, metrics: Mapping[str, tuple[float, str]], **dimensions: str) -> None:
    """One value for the pipeline, and one for each finer dimension."""
    of_pipeline = [{"Name": "Pipeline", "Value": pipeline}]
    finer = [{"Name": name.capitalize(), "Value": value} for name, value in dimensions.items()]
    data = [
        {"MetricName": name, "Dimensions": chosen, "Value": value, "Unit": unit}
        for name, (value, unit) in metrics.items()
        for chosen in ([of_pipeline, of_pipeline + finer] if finer else [of_pipeline])
    ]
    client = AwsBaseHook(AWS_CONNECTION, client_type="cloudwatch").get_conn()
    client.put_metric_data(Namespace=Lake.from_environment().pipelines_namespace, MetricData=data)
