"""The environment variables of the laptop's Airflow: MWAA's own, and what only a laptop needs.

https://docs.aws.amazon.com/mwaa/latest/userguide/configuring-env-variables.html tells how MWAA turns the
configuration options of an environment into variables: `lake.raw_database` is `AIRFLOW__LAKE__RAW_DATABASE`.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from millpond import DEFAULT_REGION
from millpond.airflow.exceptions import NotDeployed
from millpond.airflow.settings import HOST, AirflowSettings
from millpond.mwaa.worker_credentials import PAGE

_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "SSL_CERT_FILE")
_ROLE: Final = "airflow_role_arn"

# Read by SQLAlchemy for every connection: writers wait for one another.
DATABASE_MODULE: Final = "laptop_database"
DATABASE_ARGUMENTS: Final = 'CONNECT_ARGS = {"timeout": 60, "check_same_thread": False}\n'

# As MWAA's image has it, except for what a laptop is: one machine, one user, nothing that phones home.
_AIRFLOW: Final[Mapping[str, str]] = {
    "CORE__EXECUTOR": "LocalExecutor",
    "CORE__PARALLELISM": "4",
    "CORE__LOAD_EXAMPLES": "False",
    "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    "USAGE_DATA_COLLECTION__ENABLED": "False",
    "API__HOST": HOST,
    "API__WORKERS": "1",
    "API__EXPOSE_CONFIG": "True",
    "LOGGING__COLORED_CONSOLE_LOG": "False",
    "SCHEDULER__CATCHUP_BY_DEFAULT": "False",
    # An idle laptop should stay cool; a DAG that was saved is read within a few seconds all the same.
    "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "1",
    "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "30",
    "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
    "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
    "DATABASE__SQL_ALCHEMY_CONNECT_ARGS": f"{DATABASE_MODULE}.CONNECT_ARGS",
}


def lake_variables(settings: AirflowSettings, outputs: Mapping[str, Any]) -> dict[str, str]:
    """What the DAGs are told of the lake: all of the stack's outputs that are texts.

    Raises:
        NotDeployed: The stack has no role for Airflow.
    """
    if _ROLE not in outputs:
        raise NotDeployed(settings.stack, [_ROLE])
    texts = {name: value for name, value in outputs.items() if isinstance(value, str)}
    lists = {
        name: ",".join(value)
        for name, value in outputs.items()
        if isinstance(value, list) and all(isinstance(item, str) for item in value)
    }
    return {f"AIRFLOW__LAKE__{name.upper()}": value for name, value in (texts | lists).items()}


def variables(settings: AirflowSettings, port: int, outputs: Mapping[str, Any]) -> dict[str, str]:
    """The whole environment of Airflow's processes, before `startup.sh` adds to it.

    Raises:
        NotDeployed: The stack has no role for Airflow.
    """
    address = f"http://{HOST}:{port}"
    airflow = {
        **_AIRFLOW,
        "CORE__DAGS_FOLDER": str(settings.dags),
        "CORE__PLUGINS_FOLDER": str(settings.plugins),
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "API__PORT": str(port),
        "API__BASE_URL": address,
        "API__SECRET_KEY": secrets.token_hex(16),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "COSMOS__CACHE_DIR": str(settings.home / "cosmos"),
        "LOGGING__BASE_LOG_FOLDER": str(settings.logs / "tasks"),
        "DAG_PROCESSOR__CHILD_PROCESS_LOG_DIRECTORY": str(settings.logs / "dag_processor"),
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{settings.home / 'airflow.db'}",
        "OPENLINEAGE__TRANSPORT": json.dumps(
            {"type": "file", "log_file_path": str(settings.lineage), "append": True}
        ),
        "OPENLINEAGE__NAMESPACE": settings.project.name,
    }
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **{f"AIRFLOW__{name}": value for name, value in airflow.items()},
        **lake_variables(settings, outputs),
        **_aws(settings.endpoint_url, str(outputs[_ROLE])),
        **_dbt(settings),
        "AIRFLOW_HOME": str(settings.home),
        "PYTHONUNBUFFERED": "1",
    }


def _aws(endpoint_url: str, role_arn: str) -> dict[str, str]:
    """The execution role's credentials, as MWAA's containers find them; no account of the user is seen."""
    return {
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_REGION": DEFAULT_REGION,
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{endpoint_url}{PAGE}{role_arn}",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AIRFLOW_CONN_AWS_DEFAULT": json.dumps({"conn_type": "aws"}),
    }


def _dbt(settings: AirflowSettings) -> dict[str, str]:
    """Where dbt is: it cannot be installed beside Airflow."""
    return {
        "LAKE_DBT": str(Path(sys.executable).with_name("dbt")),
        "LAKE_DBT_PROJECT": str(settings.dbt_project),
        "LAKE_DBT_MANIFEST": str(settings.manifest),
    }
