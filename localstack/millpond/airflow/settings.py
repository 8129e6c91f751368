"""What runs where: the settings of a laptop's Airflow, and the folders that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DEFAULT_PORT: Final = 8080
HOST: Final = "127.0.0.1"
# Logs are read where they are written: no component needs a port of its own, on all addresses, to serve them.
COMPONENTS: Final[Mapping[str, Sequence[str]]] = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
STATE_FILE: Final = "airflow.json"


@dataclass(frozen=True)
class AirflowSettings:
    """A laptop's Airflow.

    Attributes:
        project: The folder with `mwaa_dags` and the dbt project.
        stack: The stack that the DAGs work on.
        endpoint_url: Where AWS answers.
        home: The folder for all that Airflow keeps; `AIRFLOW_HOME`.
        port: Where the web page and the API listen; 0 takes a free one.
    """

    project: Path
    stack: str
    endpoint_url: str
    home: Path
    port: int = DEFAULT_PORT

    @property
    def dags(self) -> Path:
        """The folder of the DAGs."""
        return self.project / "mwaa_dags" / "dags"

    @property
    def plugins(self) -> Path:
        """The folder of the plugins."""
        return self.project / "mwaa_dags" / "plugins"

    @property
    def startup_script(self) -> Path:
        """What MWAA runs before it starts Airflow."""
        return self.project / "mwaa_dags" / "startup.sh"

    @property
    def lock(self) -> Path:
        """The hashed lock of Airflow's own environment."""
        return self.project / "requirements-airflow.lock"

    @property
    def venv(self) -> Path:
        """Airflow's own environment, which outlives its history."""
        return self.project / ".millpond" / "airflow" / "venv"

    @property
    def python(self) -> Path:
        """The Python of that environment."""
        return self.venv / "bin" / "python"

    @property
    def dbt_project(self) -> Path:
        """The dbt project."""
        return self.project / "dbt_athena"

    @property
    def manifest(self) -> Path:
        """What dbt says of its project, from which the tasks of its models are made."""
        return self.home / "dbt" / "manifest.json"

    @property
    def logs(self) -> Path:
        """Where the components log; those of tasks are in a folder below."""
        return self.home / "logs"

    @property
    def environment_file(self) -> Path:
        """The variables of Airflow's processes; they hold secrets."""
        return self.home / "environment.json"

    @property
    def lineage(self) -> Path:
        """The file of OpenLineage events, one a line."""
        return self.home / "lineage.jsonl"
