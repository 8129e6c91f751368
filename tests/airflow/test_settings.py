"""What is said when Airflow cannot be started, found or ended; needs no Airflow."""

from __future__ import annotations

from pathlib import Path

import pytest

from millpond import airflow
from millpond.airflow import AirflowSettings
from millpond.airflow.configuration import lake_variables
from millpond.airflow.exceptions import AirflowDoesNotRun, NoAirflowProject, NotDeployed


def _settings(folder: Path) -> AirflowSettings:
    return AirflowSettings(folder, "local", "http://127.0.0.1:9", folder / "home", port=0)


def test_a_folder_without_dags_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoAirflowProject, match="mwaa_dags"):
        airflow.start(_settings(tmp_path), {}, lambda _: None)


def test_a_stack_that_is_not_deployed_is_named_with_the_command_that_deploys_it(tmp_path: Path) -> None:
    with pytest.raises(NotDeployed, match="millpond up --stack local"):
        lake_variables(_settings(tmp_path), {})


def test_outputs_become_variables_as_mwaa_makes_them_of_configuration_options(tmp_path: Path) -> None:
    outputs = {"airflow_role_arn": "arn:role", "sources": ["sales", "events"], "count": 3}
    assert lake_variables(_settings(tmp_path), outputs) == {
        "AIRFLOW__LAKE__AIRFLOW_ROLE_ARN": "arn:role",
        "AIRFLOW__LAKE__SOURCES": "sales,events",
    }


def test_an_airflow_that_does_not_run_cannot_be_ended(tmp_path: Path) -> None:
    assert airflow.find(tmp_path) is None
    with pytest.raises(AirflowDoesNotRun, match="millpond airflow start"):
        airflow.stop(tmp_path)
