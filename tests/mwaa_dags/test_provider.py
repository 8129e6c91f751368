"""Airflow's own operators, sensors, triggers and hooks of AWS, for real against the local cloud."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mwaa_dags.pipelines import Pipelines

PROVIDER = Path(__file__).with_name("provider")
WAYS = ("blocking", "deferred")


@pytest.fixture(scope="module")
def provider(pipelines: Pipelines) -> dict[str, Any]:
    """What the tasks of the provider's DAG have returned, and how each ended."""
    landing = pipelines.outputs["landing_bucket"]
    pipelines.endpoint.client("s3").put_object(Bucket=landing, Key="drills/provider.txt", Body=b"here")
    administrator = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    lake = {
        f"LAKE_{name.upper()}": value for name, value in pipelines.outputs.items() if isinstance(value, str)
    }
    log = pipelines.settings.home / "provider.log"
    with log.open("w") as output:
        subprocess.run(
            [str(pipelines.settings.python), str(Path(__file__).with_name("run_provider.py"))],
            env={
                **pipelines.environment,
                **administrator,
                **lake,
                "AIRFLOW__CORE__DAGS_FOLDER": str(PROVIDER),
                "AIRFLOW__OPENLINEAGE__DISABLED": "True",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=420,
            check=False,
        )
    *_, last = log.read_text().splitlines()
    told: dict[str, Any] = json.loads(last)
    return told


def test_every_operator_and_sensor_ends_well(provider: dict[str, Any]) -> None:
    assert {task: state for task, state in provider["states"].items() if state != "success"} == {}


@pytest.mark.parametrize("way", WAYS)
def test_athena_answers_what_was_asked(provider: dict[str, Any], way: str) -> None:
    assert provider["returned"][f"athena_rows_{way}"] == [["answer"], ["42"]]


@pytest.mark.parametrize("way", WAYS)
def test_glue_ran_the_job_that_the_operator_names(
    provider: dict[str, Any], pipelines: Pipelines, way: str
) -> None:
    run = pipelines.endpoint.client("glue").get_job_run(
        JobName=pipelines.outputs["compact_raw_job"], RunId=provider["returned"][f"glue_{way}"]
    )
    assert run["JobRun"]["JobRunState"] == "SUCCEEDED"


@pytest.mark.parametrize("way", WAYS)
def test_state_machine_gives_its_output(provider: dict[str, Any], pipelines: Pipelines, way: str) -> None:
    execution = provider["returned"][f"machine_{way}"]
    arn = execution if isinstance(execution, str) else execution["executionArn"]
    found = pipelines.endpoint.client("stepfunctions").describe_execution(executionArn=arn)
    assert found["status"] == "SUCCEEDED"
    assert provider["returned"][f"machine_output_{way}"] == json.loads(found["output"])


def test_lambda_answers_the_operator(provider: dict[str, Any]) -> None:
    assert provider["returned"]["lambda"] == {"batchItemFailures": []}
