"""A run of a job: what it is to do, which nothing changes, and how far it is."""

from __future__ import annotations

import datetime
import enum
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

from millpond.glue.jobs.arguments import JobArguments


class RunState(enum.StrEnum):
    """https://docs.aws.amazon.com/glue/latest/dg/job-run-statuses.html."""

    WAITING = "WAITING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    ERROR = "ERROR"
    TIMEOUT = "TIMEOUT"


ACTIVE: Final = frozenset({RunState.STARTING, RunState.RUNNING, RunState.STOPPING})
"""The states of a run that counts for the job's concurrency."""

UNFINISHED: Final = ACTIVE | {RunState.WAITING}


class CommandName(enum.StrEnum):
    """What a job's command may be."""

    SPARK = "glueetl"
    PYTHON_SHELL = "pythonshell"
    STREAMING = "gluestreaming"
    RAY = "glueray"


_EXECUTED: Final = (CommandName.SPARK, CommandName.PYTHON_SHELL)
_PYTHON_VERSIONS: Final = ("3", "3.9")


@dataclass(frozen=True)
class JobCommand:
    """What a job runs.

    Attributes:
        name: Python shell or Spark.
        script_location: The script's S3 address.
        python_version: As the job says.
    """

    name: CommandName
    script_location: str
    python_version: str

    @property
    def not_supported(self) -> str | None:
        """What of it does not run here."""
        if self.name not in _EXECUTED:
            return f"job command {self.name.value} ({' and '.join(_EXECUTED)} run)"
        if self.python_version not in _PYTHON_VERSIONS:
            return f"PythonVersion {self.python_version} (3.9 and 3 run)"
        return None


@dataclass(frozen=True)
class RunSpecification:
    """Everything that decides how a run goes; the job may be changed while it runs.

    Attributes:
        arguments: The job's and the run's.
        timeout_minutes: After which the run is ended.
        max_concurrent_runs: How many of the job's runs there may be at once.
        max_retries: How often it is tried again when it fails.
        described: What GetJobRun answers besides (`MaxCapacity`, `WorkerType`, ...), as it was given.
    """

    account_id: str
    region: str
    job_name: str
    role_arn: str
    command: JobCommand
    arguments: JobArguments
    timeout_minutes: int
    max_concurrent_runs: int = 1
    max_retries: int = 0
    glue_version: str | None = None
    notify_delay_minutes: int | None = None
    trigger_name: str | None = None
    described: dict[str, Any] = field(default_factory=dict)

    @property
    def job_arn(self) -> str:
        """The job's ARN."""
        return f"arn:aws:glue:{self.region}:{self.account_id}:job/{self.job_name}"

    @property
    def log_group(self) -> str:
        """What the names of the run's log groups begin with."""
        kind = "python-jobs" if self.command.name is CommandName.PYTHON_SHELL else "jobs"
        return self.arguments.text("--custom-logGroup-prefix") or f"/aws-glue/{kind}"


class JobRun:
    """One attempt. Its state changes on the thread that executes it, and is read on those of requests."""

    def __init__(
        self,
        specification: RunSpecification,
        state: RunState,
        previous_run_id: str | None = None,
        attempt: int = 0,
        base_id: str | None = None,
    ) -> None:
        self.specification = specification
        self.base_id = base_id or f"jr_{uuid.uuid4().hex}{uuid.uuid4().hex}"
        self.id = f"{self.base_id}_attempt_{attempt}" if attempt else self.base_id
        self.attempt = attempt
        self.previous_run_id = previous_run_id
        self.state = state
        self.error_message: str | None = None
        self.started_on = _now()
        self.stop_requested = threading.Event()
        self.ended = threading.Event()
        self._modified_on = self.started_on
        self._running_since: datetime.datetime | None = None
        self._completed_on: datetime.datetime | None = None

    @property
    def active(self) -> bool:
        """Whether it counts for the job's concurrency."""
        return self.state in ACTIVE

    @property
    def execution_seconds(self) -> int:
        """How long the script has run, in whole seconds."""
        if self._running_since is None:
            return 0
        return round(((self._completed_on or _now()) - self._running_since).total_seconds())

    def enter(self, state: RunState, error_message: str | None = None) -> None:
        """Go on to another state."""
        self._modified_on = _now()
        if state is RunState.RUNNING:
            self._running_since = self._modified_on
        if state not in UNFINISHED:
            self._completed_on = self._modified_on
            self.error_message = error_message
        self.state = state
        if state not in UNFINISHED:
            self.ended.set()

    def next_attempt(self) -> JobRun:
        """The run that tries again what this one failed to do."""
        return JobRun(self.specification, RunState.STARTING, self.id, self.attempt + 1, self.base_id)

    def as_dict(self) -> dict[str, Any]:
        """The run as GetJobRun answers it."""
        known = {
            "Id": self.id,
            "Attempt": self.attempt,
            "PreviousRunId": self.previous_run_id,
            "TriggerName": self.specification.trigger_name,
            "JobName": self.specification.job_name,
            "StartedOn": self.started_on,
            "LastModifiedOn": self._modified_on,
            "CompletedOn": self._completed_on,
            "JobRunState": self.state.value,
            "Arguments": dict(self.specification.arguments.values) or None,
            "ErrorMessage": self.error_message,
            "ExecutionTime": self.execution_seconds,
            "Timeout": self.specification.timeout_minutes,
            "LogGroupName": self.specification.log_group,
            "GlueVersion": self.specification.glue_version,
            **self.specification.described,
        }
        return {"PredecessorRuns": [], **{name: value for name, value in known.items() if value is not None}}


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
