"""What must not go on unnoticed in the pipelines, by the metrics that their DAGs put."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from infra.alarms import Alarm, Metric

_HOUR: Final = 3600
_DAY_MINUTES: Final = 24 * 60

LONGEST_SECONDS: Final[Mapping[str, int]] = {
    "ingest_batch": 7 * _HOUR,
    "transform": 2 * _HOUR,
    "quality_and_publish": 1 * _HOUR,
    "maintain": 4 * _HOUR,
}
"""The DAGs, and how long a run may take: the deadlines that their files set."""

INGEST: Final = "ingest_batch"


def pipeline_alarms(namespace: str, *, runs_daily: bool) -> list[Alarm]:
    """The alarms of the pipelines; each says which page tells what to do.

    Args:
        namespace: Of the metrics.
        runs_daily: Whether the stack has an Airflow of its own, which runs every day: then it rings too when
            nothing is told at all.
    """
    alarms = [
        alarm for pipeline, seconds in LONGEST_SECONDS.items() for alarm in _of(namespace, pipeline, seconds)
    ]
    if runs_daily:
        alarms.append(
            Alarm(
                "pipeline-ingest-batch-nothing-arrived",
                "No row has been taken in for a day: no file came, or nothing runs. The last run is in "
                "pipeline_runs; then see docs/runbooks/data.md or infrastructure.md.",
                _metric(namespace, INGEST, "Rows", "Sum"),
                threshold=1,
                minutes=_DAY_MINUTES,
                rings_below=True,
                rings_without_data=True,
            )
        )
    return alarms


def _of(namespace: str, pipeline: str, longest_seconds: int) -> list[Alarm]:
    name = f"pipeline-{pipeline.replace('_', '-')}"
    return [
        Alarm(
            f"{name}-failed",
            f"A task of {pipeline} has failed for good. The metric's dimension Category, and pipeline_runs, "
            "name the kind: its page is docs/runbooks/<kind>.md.",
            _metric(namespace, pipeline, "Failures", "Sum"),
            threshold=0,
        ),
        Alarm(
            f"{name}-late",
            f"A run of {pipeline} is not done by its deadline. See docs/runbooks/infrastructure.md.",
            _metric(namespace, pipeline, "DeadlinesMissed", "Sum"),
            threshold=0,
        ),
        Alarm(
            f"{name}-slow",
            f"A run of {pipeline} took more than half of the time that it may. See what grows: pipeline_runs "
            "has the seconds of every run.",
            _metric(namespace, pipeline, "Duration", "Maximum"),
            threshold=longest_seconds / 2,
        ),
    ]


def _metric(namespace: str, pipeline: str, name: str, statistic: str) -> Metric:
    return Metric(namespace, name, {"Pipeline": pipeline}, statistic)
