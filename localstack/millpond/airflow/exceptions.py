"""What can go wrong with the laptop's Airflow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from millpond.exceptions import MillpondError


class AirflowError(MillpondError):
    """Airflow does not run as it should."""


class NoAirflowProject(AirflowError):
    """The folder has no DAGs."""

    def __init__(self, missing: Path) -> None:
        super().__init__(
            f"{missing} is missing: it belongs to what MWAA reads. Is this the project's folder?"
        )


class NotDeployed(AirflowError):
    """The stack lacks what Airflow needs to know."""

    def __init__(self, stack: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"The stack {stack} does not export {', '.join(missing)}. "
            f"Deploy it first: `millpond up --stack {stack}`."
        )


class AirflowRuns(AirflowError):
    """One is there already."""

    def __init__(self, url: str, pid: int) -> None:
        super().__init__(
            f"Airflow runs already at {url} (process {pid}). End it with `millpond airflow stop`."
        )


class AirflowDoesNotRun(AirflowError):
    """There is none."""

    def __init__(self, home: Path) -> None:
        super().__init__(f"No Airflow runs in {home}. Start it with `millpond airflow start`.")


class AirflowStartFailed(AirflowError):
    """It ended, or was not ready in time."""

    def __init__(self, reason: str, logs: Path, tail: str) -> None:
        super().__init__(f"Airflow did not start: {reason}. Its logs are in {logs}; the last lines:\n{tail}")


class AirflowStopFailed(AirflowError):
    """It did not end."""

    def __init__(self, pid: int) -> None:
        super().__init__(
            f"Airflow (process {pid}) did not end in time. Try again, or end the process by hand."
        )


class StepFailed(AirflowError):
    """A command that prepares Airflow failed."""

    def __init__(self, what: str, log: Path, tail: str) -> None:
        super().__init__(f"{what} failed; all of its output is in {log}. The last lines:\n{tail}")


class AirflowDoesNotAnswer(AirflowError):
    """Nothing comes back from where it should be."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"Airflow does not answer at {url}: {reason}. `millpond airflow status` says what runs."
        )


class AirflowRefused(AirflowError):
    """Its API says no."""

    def __init__(self, path: str, status: int, answer: str) -> None:
        self.status = status
        super().__init__(f"Airflow's API answers {path} with {status}: {answer}")


class DagRunFailed(AirflowError):
    """A run of a DAG came to a bad end."""

    def __init__(self, dag: str, run_id: str, tasks: Sequence[str], page: str) -> None:
        super().__init__(
            f"The run {run_id} of the DAG {dag} failed in {', '.join(tasks) or 'no task'}. See {page}"
        )


class DagRunLate(AirflowError):
    """A run of a DAG does not come to its end."""

    def __init__(self, dag: str, run_id: str, seconds: float, page: str) -> None:
        super().__init__(
            f"The run {run_id} of the DAG {dag} has not ended within {seconds:.0f} s. See {page}"
        )
