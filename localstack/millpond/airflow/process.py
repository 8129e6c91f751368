"""Airflow in the background: started, found and ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from millpond.airflow.configuration import variables
from millpond.airflow.exceptions import (
    AirflowDoesNotRun,
    AirflowRuns,
    AirflowStartFailed,
    AirflowStopFailed,
)
from millpond.airflow.preparation import check_project, install, prepare
from millpond.airflow.settings import COMPONENTS, HOST, STATE_FILE, AirflowSettings
from millpond.server import data_directory

_START_SECONDS: Final = 120.0
_STOP_SECONDS: Final = 60.0
_TAIL_LINES: Final = 12


@dataclass(frozen=True)
class RunningAirflow:
    """An Airflow that runs, as its folder tells."""

    pid: int
    url: str

    def health(self) -> dict[str, str]:
        """What each component says of itself: `healthy`, or something else; empty if nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310 - http only
                content = json.load(answer)
        except (urllib.error.URLError, ValueError, OSError):
            return {}
        return {name: str(state["status"]) for name, state in content.items() if state.get("status")}


def start(
    settings: AirflowSettings,
    outputs: Mapping[str, Any],
    on_step: Callable[[str], None],
    lifeline: int | None = None,
) -> RunningAirflow:
    """Prepare Airflow, start it in the background, wait until all of it is ready.

    Args:
        settings: What to start.
        outputs: The stack's outputs, which the DAGs are told.
        on_step: Told what is being done.
        lifeline: The reading end of a pipe: Airflow ends when the other end is closed.

    Raises:
        NoAirflowProject: The project has no DAGs.
        NotDeployed: The stack has no role for Airflow.
        AirflowRuns: One runs already.
        StepFailed: It could not be prepared.
        AirflowStartFailed: It ended or was not ready in time.
    """
    environment = make_ready(settings, outputs, on_step)
    on_step("Starting " + ", ".join(COMPONENTS))
    return _launch(settings, RunningAirflow(0, environment["AIRFLOW__API__BASE_URL"]), lifeline)


def make_ready(
    settings: AirflowSettings, outputs: Mapping[str, Any], on_step: Callable[[str], None]
) -> dict[str, str]:
    """Make all that Airflow needs, and start nothing.

    Returns:
        The environment for whatever runs in Airflow's Python, such as `airflow dags test`.

    Raises:
        NoAirflowProject: The project has no DAGs.
        NotDeployed: The stack has no role for Airflow.
        AirflowRuns: One runs already.
        StepFailed: It could not be prepared.
    """
    check_project(settings)
    running = find(settings.home)
    if running:
        raise AirflowRuns(running.url, running.pid)
    environment = variables(settings, settings.port or _free_port(), outputs)
    on_step("Making Airflow's environment")
    install(settings)
    on_step("Preparing its database and dbt's manifest")
    settings.home.mkdir(parents=True, exist_ok=True)
    return prepare(settings, environment)


def find(home: Path) -> RunningAirflow | None:
    """The Airflow that runs in a folder; None if there is none."""
    try:
        running = RunningAirflow(**json.loads((home / STATE_FILE).read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return running if data_directory.is_locked(home) else None


def stop(home: Path) -> RunningAirflow:
    """End the Airflow that runs in a folder, with all its children.

    Raises:
        AirflowDoesNotRun: There is none.
        AirflowStopFailed: It did not end.
    """
    running = find(home)
    if running is None:
        raise AirflowDoesNotRun(home)
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if find(home) is None:
            return running
        time.sleep(0.05)
    raise AirflowStopFailed(running.pid)


def _launch(settings: AirflowSettings, planned: RunningAirflow, lifeline: int | None) -> RunningAirflow:
    with (settings.logs / "supervisor.log").open("w") as log:
        supervisor = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "millpond.airflow.supervisor",
                str(settings.home),
                str(settings.python),
                planned.url,
            ],
            stdin=subprocess.DEVNULL if lifeline is None else lifeline,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + _START_SECONDS
    reason = f"it was not ready within {_START_SECONDS:.0f} s"
    try:
        while time.monotonic() < deadline:
            if supervisor.poll() is not None:
                reason = "it ended"
                break
            states = planned.health()
            if len(states) >= len(COMPONENTS) and set(states.values()) == {"healthy"}:
                return RunningAirflow(supervisor.pid, planned.url)
            time.sleep(0.25)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        raise
    supervisor.terminate()
    supervisor.wait()
    raise AirflowStartFailed(reason, settings.logs, _last_words(settings.logs))


def _last_words(logs: Path) -> str:
    """The last lines of the supervisor's log and of the component that it names there."""
    said = (logs / "supervisor.log").read_text().splitlines()[-_TAIL_LINES:]
    for name in COMPONENTS:
        if any(line.startswith(name) for line in said) and (logs / f"{name}.log").exists():
            said += (logs / f"{name}.log").read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join(said)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])
