"""The alarms of the pipelines: one set for each DAG, on what its runs measure."""

from __future__ import annotations

import re

import pytest
from infra.pipeline_alarms import LONGEST_SECONDS

from .conftest import PROJECT, Program

DAGS = PROJECT / "mwaa_dags" / "dags"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def test_every_dag_is_watched_by_the_deadline_that_its_file_sets() -> None:
    deadlines = {}
    for file in DAGS.glob("*.py"):
        (found,) = re.findall(r'dag_arguments\(\s*"(\w+)", deadline=.*?hours=(\d+)', file.read_text())
        deadlines[found[0]] = int(found[1]) * 3600
    assert deadlines == LONGEST_SECONDS


@pytest.mark.parametrize("pipeline", LONGEST_SECONDS)
def test_failures_missed_deadlines_and_slow_runs_ring(prod: Program, pipeline: str) -> None:
    rings = {
        alarm.inputs["metricName"]: (alarm.inputs["comparisonOperator"], alarm.inputs["threshold"])
        for alarm in prod.of_type(ALARM)
        if alarm.inputs["dimensions"] == {"Pipeline": pipeline}
    }
    assert rings == {
        "Failures": ("GreaterThanThreshold", 0),
        "DeadlinesMissed": ("GreaterThanThreshold", 0),
        "Duration": ("GreaterThanThreshold", LONGEST_SECONDS[pipeline] / 2),
    }


def test_alarms_of_pipelines_tell_the_topic_and_name_a_page(prod: Program) -> None:
    alarms = [a.inputs for a in prod.of_type(ALARM) if a.inputs["namespace"] == "millpond-prod-pipelines"]
    assert len(alarms) == 3 * len(LONGEST_SECONDS)
    assert {tuple(alarm["alarmActions"]) for alarm in alarms} == {tuple(alarms[0]["alarmActions"])}
    assert [
        a["name"] for a in alarms if not re.search(r"docs/runbooks/|pipeline_runs", a["alarmDescription"])
    ] == []
