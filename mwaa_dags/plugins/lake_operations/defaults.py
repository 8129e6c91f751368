"""What all of the lake's DAGs have in common."""

from __future__ import annotations

import datetime
from typing import Any

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference

from lake_operations.days import DAY_PARAM
from lake_operations.reports import report_failure, report_missed_deadline

_FIRST_DAY = datetime.datetime(2010, 12, 1, tzinfo=datetime.UTC)


def dag_arguments(pipeline: str, deadline: datetime.timedelta) -> dict[str, Any]:
    """A pipeline's arguments: one run at a time, attempts that wait longer each time, a deadline.

    Args:
        pipeline: The DAG.
        deadline: How long after it was due a run must have ended.
    """
    return {
        "dag_id": pipeline,
        "start_date": _FIRST_DAY,
        "catchup": False,
        # Days go one after the other: a later delivery must not be overtaken by an earlier one.
        "max_active_runs": 1,
        "params": DAY_PARAM,
        "tags": ["lake"],
        "deadline": DeadlineAlert(
            reference=DeadlineReference.DAGRUN_QUEUED_AT,
            interval=deadline,
            callback=AsyncCallback(report_missed_deadline, kwargs={"pipeline": pipeline}),
        ),
        "default_args": {
            "owner": "data-platform",
            "retries": 3,
            "retry_delay": datetime.timedelta(seconds=20),
            "retry_exponential_backoff": 2,
            "max_retry_delay": datetime.timedelta(minutes=10),
            "execution_timeout": datetime.timedelta(hours=2),
            "on_failure_callback": report_failure,
        },
    }
