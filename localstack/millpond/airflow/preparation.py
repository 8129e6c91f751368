"""What has to be there before Airflow starts: its environment and database, dbt's manifest, variables."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from millpond.airflow.configuration import DATABASE_ARGUMENTS, DATABASE_MODULE
from millpond.airflow.exceptions import NoAirflowProject, StepFailed
from millpond.airflow.settings import AirflowSettings

_TAIL_LINES: Final = 15
# As MWAA's image does it: the script is sourced, and the variables that it leaves behind are taken over.
_SOURCE: Final = 'source "$1" >&2 && exec "$2" -c "import json, os; print(json.dumps(dict(os.environ)))"'


def check_project(settings: AirflowSettings) -> None:
    """Make sure that the folder has what MWAA reads.

    Raises:
        NoAirflowProject: Something is missing.
    """
    for path in (settings.dags, settings.plugins, settings.startup_script, settings.lock):
        if not path.exists():
            raise NoAirflowProject(path)


def install(settings: AirflowSettings) -> None:
    """Make Airflow's own environment from its lock, unless it is there already.

    Raises:
        StepFailed: It could not be made; no half of it remains.
    """
    lock = settings.lock.read_bytes()
    folder = settings.venv.parent
    folder.mkdir(parents=True, exist_ok=True)
    # Whoever comes second waits, and finds it made.
    with (folder / "install.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        installed = settings.venv / "installed.lock"
        if not (installed.exists() and installed.read_bytes() == lock):
            _make_environment(settings, folder / "install.log")
            installed.write_bytes(lock)


def _make_environment(settings: AirflowSettings, log: Path) -> None:
    shutil.rmtree(settings.venv, ignore_errors=True)
    uv = str(Path(sys.executable).with_name("uv"))
    create = [uv, "venv", "--quiet", "--python", sys.executable, "--no-python-downloads", str(settings.venv)]
    requirements = ["--require-hashes", "-r", str(settings.lock)]
    fill = [uv, "pip", "install", "--quiet", "--python", str(settings.python), *requirements]
    _run("Making Airflow's environment", create, dict(os.environ), log)
    _run("Installing Airflow", fill, dict(os.environ), log)


def prepare(settings: AirflowSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """Bring the database up to date, let dbt describe its project, run startup.sh.

    Returns:
        The environment, with what startup.sh has added.

    Raises:
        StepFailed: One of them failed.
    """
    settings.logs.mkdir(parents=True, exist_ok=True)
    config = settings.home / "config"
    config.mkdir(exist_ok=True)
    (config / f"{DATABASE_MODULE}.py").write_text(DATABASE_ARGUMENTS)
    completed = _after_startup_script(settings, environment)
    with ThreadPoolExecutor() as steps:
        begun = [steps.submit(_migrate, settings, completed), steps.submit(_parse_dbt, settings, completed)]
        for step in begun:
            step.result()
    settings.environment_file.touch(mode=0o600)
    settings.environment_file.write_text(json.dumps(completed))
    return completed


def _after_startup_script(settings: AirflowSettings, environment: Mapping[str, str]) -> dict[str, str]:
    command = ["bash", "-c", _SOURCE, "bash", str(settings.startup_script), sys.executable]
    output = _run("startup.sh", command, environment, settings.logs / "startup.log")
    variables: dict[str, str] = json.loads(output)
    return {name: value for name, value in variables.items() if name not in ("_", "PWD", "OLDPWD", "SHLVL")}


def _migrate(settings: AirflowSettings, environment: Mapping[str, str]) -> None:
    command = [str(settings.python), "-m", "airflow", "db", "migrate"]
    _run("Making Airflow's database", command, environment, settings.logs / "migrate.log")
    # Readers and writers do not wait for one another then; the file remembers it.
    with sqlite3.connect(settings.home / "airflow.db") as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


def _parse_dbt(settings: AirflowSettings, environment: Mapping[str, str]) -> None:
    folder = str(settings.dbt_project)
    places = [
        "--project-dir",
        folder,
        "--profiles-dir",
        folder,
        "--target-path",
        str(settings.manifest.parent),
    ]
    command = [environment["LAKE_DBT_EXECUTABLE"], "--no-use-colors", "parse", *places]
    command += ["--log-path", str(settings.logs / "dbt")]
    _run("dbt parse", command, environment, settings.logs / "dbt_parse.log")


def _run(what: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> str:
    """Run a command to its end; all that it says goes to its log."""
    try:
        with log.open("w") as errors:
            done = subprocess.run(
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                check=False,
            )
    except OSError as error:
        raise StepFailed(what, log, str(error)) from error
    if done.returncode:
        said = log.read_text() + done.stdout
        log.write_text(said)
        raise StepFailed(what, log, "\n".join(said.splitlines()[-_TAIL_LINES:]))
    return done.stdout
