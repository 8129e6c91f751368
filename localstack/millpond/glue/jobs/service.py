"""The jobs of one account and region: which runs there are, how many at once, and what comes after each.

It is also what triggers and workflows start jobs with (`millpond.glue.run_states.Runner`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from moto.core.exceptions import JsonRESTError
from moto.glue.models import FakeJob
from moto.iam.models import iam_backends

from millpond.glue.exceptions import InvalidInput, UnsupportedOperation
from millpond.glue.jobs.arguments import JobArguments
from millpond.glue.jobs.bookmarks import Bookmarks
from millpond.glue.jobs.exceptions import ConcurrentRunsExceeded, JobRunNotFound, RunTerminal
from millpond.glue.jobs.reports import announce_end
from millpond.glue.jobs.run import UNFINISHED, CommandName, JobCommand, JobRun, RunSpecification, RunState
from millpond.glue.run_states import RunKind, RunRequest, RunStates

if TYPE_CHECKING:
    from millpond.glue.jobs.runner import JobRunner

_LONGEST_TIMEOUT: Final = 7 * 24 * 60
"""In minutes."""
_RUN_SETTINGS: Final = (
    "MaxCapacity",
    "NumberOfWorkers",
    "SecurityConfiguration",
    "WorkerType",
    "ExecutionClass",
)
"""Settings of the job that a run may have its own of; they change nothing here and are kept."""


class JobService:
    """Starts, stops and shows runs.

    Args:
        account_id: Whose jobs these are.
        region: Where they are.
        find_job: The job of a name; raises as GetJob does.
        run_states: Is told when a run has ended, the last of its attempts.
    """

    runner: JobRunner
    """Of the process; set when the services are installed."""

    def __init__(
        self, account_id: str, region: str, find_job: Callable[[str], FakeJob], run_states: RunStates
    ) -> None:
        self.bookmarks = Bookmarks()
        self._account_id = account_id
        self._region = region
        self._find_job = find_job
        self._run_states = run_states
        self._lock = threading.RLock()
        self._runs: dict[str, list[JobRun]] = {}
        run_states.register(RunKind.JOB, self)

    # ---- what the API asks

    def start_job_run(
        self, job_name: str, request: Mapping[str, Any], trigger_name: str | None = None
    ) -> JobRun:
        """StartJobRun.

        Args:
            job_name: The job.
            request: StartJobRun's other parameters.
            trigger_name: Who starts it, if nobody does by hand.

        Raises:
            ConcurrentRunsExceeded: And the job does not queue its runs.
            InvalidInput: The request contradicts itself, or the job is of a kind that does not run here.
        """
        job = self._find_job(job_name)
        specification = replace(self._specification(job, request), trigger_name=trigger_name)
        refusal = _refusal(specification)
        if refusal and trigger_name:
            # Nobody asked who could be told: the run itself says so.
            return self._failed_at_once(specification, str(refusal.message))
        if refusal:
            raise refusal
        queued = request.get("JobRunQueuingEnabled", _unmodelled(job).get("JobRunQueuingEnabled", False))
        with self._lock:
            runs = self._runs.setdefault(job.name, [])
            previous = request.get("JobRunId")
            if previous:
                self.job_run(job_name, previous)
            full = _full(runs, specification)
            if full and not queued:
                raise ConcurrentRunsExceeded(job.name)
            run = JobRun(specification, RunState.WAITING if full else RunState.STARTING, previous)
            runs.append(run)
        if not full:
            self.runner.start(run, self.bookmarks, self._ended)
        return run

    def job_run(self, job_name: str, run_id: str) -> JobRun:
        """GetJobRun.

        Raises:
            JobRunNotFound: There is none of this id.
        """
        self._find_job(job_name)
        with self._lock:
            for run in self._runs.get(job_name, ()):
                if run.id == run_id:
                    return run
        raise JobRunNotFound(run_id)

    def job_runs(self, job_name: str) -> list[JobRun]:
        """GetJobRuns, the latest first."""
        self._find_job(job_name)
        with self._lock:
            return list(reversed(self._runs.get(job_name, ())))

    def stop_job_run(self, job_name: str, run_id: str) -> None:
        """One run of BatchStopJobRun.

        Raises:
            JobRunNotFound: There is none of this id.
            RunTerminal: It has ended.
        """
        run = self.job_run(job_name, run_id)
        with self._lock:
            if run.state not in UNFINISHED:
                raise RunTerminal(run_id, run.state.value)
            if run.state is not RunState.WAITING:
                run.enter(RunState.STOPPING)
                run.stop_requested.set()
                return
            run.enter(RunState.STOPPED)
        announce_end(run)
        self._ended(run)

    def forget(self, job_name: str) -> None:
        """Forget what belonged to a job that is deleted; what runs comes to its end."""
        with self._lock:
            self._runs.pop(job_name, None)
        self.bookmarks.forget(job_name)

    # ---- what triggers and workflows ask: see `Runner`

    def start(self, request: RunRequest) -> str:
        """Start a run."""
        delay = request.notify_delay_after_minutes
        given = {
            "Arguments": dict(request.arguments),
            "Timeout": request.timeout_minutes,
            "SecurityConfiguration": request.security_configuration,
            "NotificationProperty": {"NotifyDelayAfter": delay} if delay else None,
        }
        present = {name: value for name, value in given.items() if value}
        return self.start_job_run(request.name, present, request.trigger_name).id

    def stop(self, name: str, run_id: str) -> None:
        """Ask a run to stop, the attempt that is under way, unless it has ended."""
        try:
            self.stop_job_run(name, self._latest_attempt(self.job_run(name, run_id)).id)
        except RunTerminal:
            return

    def describe(self, name: str, run_id: str) -> dict[str, Any]:
        """A run as GetJobRun answers it: the latest of its attempts."""
        return self._latest_attempt(self.job_run(name, run_id)).as_dict()

    # ---- inside

    def _failed_at_once(self, specification: RunSpecification, message: str) -> JobRun:
        run = JobRun(specification, RunState.STARTING)
        with self._lock:
            self._runs.setdefault(specification.job_name, []).append(run)
        run.enter(RunState.FAILED, message)
        announce_end(run)
        self._run_states.on_run_ended(RunKind.JOB, specification.job_name, run.id, run.state.value)
        return run

    def _latest_attempt(self, run: JobRun) -> JobRun:
        with self._lock:
            return [
                other
                for other in self._runs.get(run.specification.job_name, [run])
                if other.base_id == run.base_id
            ][-1]

    def _ended(self, run: JobRun) -> None:
        """What comes after a run: another attempt, one that waits, and those who observe."""
        specification = run.specification
        retry = run.state is RunState.FAILED and run.attempt < specification.max_retries
        following: list[JobRun] = []
        with self._lock:
            runs = self._runs.get(specification.job_name)
            if runs is not None:
                if retry:
                    runs.append(run.next_attempt())
                    following.append(runs[-1])
                waiting = [other for other in runs if other.state is RunState.WAITING]
                if waiting and not _full(runs, waiting[0].specification):
                    waiting[0].enter(RunState.STARTING)
                    following.append(waiting[0])
        for other in following:
            self.runner.start(other, self.bookmarks, self._ended)
        if not retry:
            # Who started it knows the first attempt's id.
            self._run_states.on_run_ended(RunKind.JOB, specification.job_name, run.base_id, run.state.value)

    def _specification(self, job: FakeJob, request: Mapping[str, Any]) -> RunSpecification:
        if request.get("AllocatedCapacity") and request.get("MaxCapacity"):
            raise InvalidInput("Please set only Allocated Capacity or Max Capacity")
        if request.get("WorkerType") and request.get("MaxCapacity"):
            raise InvalidInput("Please do not set Max Capacity if using Worker Type and Number of Workers.")
        if request.get("ExecutionRoleSessionPolicy"):
            raise UnsupportedOperation("StartJobRun with ExecutionRoleSessionPolicy")
        definition = {name: value for name, value in job.as_dict().items() if value is not None}
        command = _command(definition.get("Command") or {})
        notification = request.get("NotificationProperty") or definition.get("NotificationProperty") or {}
        described = {
            name: request.get(name) or definition[name]
            for name in _RUN_SETTINGS
            if request.get(name) or definition.get(name)
        }
        if "WorkerType" in described:
            described.pop("MaxCapacity", None)  # which follows from the workers
        if notification:
            described["NotificationProperty"] = dict(notification)
        if request.get("AllocatedCapacity") or definition.get("AllocatedCapacity"):
            described["AllocatedCapacity"] = int(
                request.get("AllocatedCapacity") or definition["AllocatedCapacity"]
            )
        return RunSpecification(
            account_id=self._account_id,
            region=self._region,
            job_name=job.name,
            role_arn=self._role_arn(definition.get("Role") or ""),
            command=command,
            arguments=JobArguments.overlay(
                definition.get("DefaultArguments"),
                request.get("Arguments"),
                definition.get("NonOverridableArguments"),
            ),
            timeout_minutes=_timeout(int(request.get("Timeout") or definition["Timeout"])),
            max_concurrent_runs=int(definition["ExecutionProperty"].get("MaxConcurrentRuns") or 1),
            max_retries=int(definition.get("MaxRetries") or 0),
            glue_version=definition.get("GlueVersion"),
            notify_delay_minutes=notification.get("NotifyDelayAfter"),
            described=described,
        )

    def _role_arn(self, role: str) -> str:
        """A job's role is given by ARN or by name."""
        if role.startswith("arn:"):
            return role
        try:
            arn: str = iam_backends[self._account_id]["aws"].get_role(role).arn
        except JsonRESTError:
            return f"arn:aws:iam::{self._account_id}:role/{role}"
        return arn


def _refusal(specification: RunSpecification) -> UnsupportedOperation | None:
    missing = specification.command.not_supported
    return UnsupportedOperation(missing) if missing else None


def _full(runs: list[JobRun], specification: RunSpecification) -> bool:
    return sum(run.active for run in runs) >= specification.max_concurrent_runs


def _command(command: Mapping[str, Any]) -> JobCommand:
    name = command.get("Name")
    try:
        known = CommandName(name or "")
    except ValueError:
        raise UnsupportedOperation(f"job command {name} (glueetl and pythonshell run)") from None
    if not command.get("ScriptLocation"):
        raise InvalidInput("Command.ScriptLocation must not be null")
    return JobCommand(known, command["ScriptLocation"], str(command.get("PythonVersion") or "3"))


def _timeout(minutes: int) -> int:
    if not 1 <= minutes <= _LONGEST_TIMEOUT:
        raise InvalidInput(f"Timeout must be between 1 and {_LONGEST_TIMEOUT} minutes")
    return minutes


def _unmodelled(job: FakeJob) -> Mapping[str, Any]:
    return getattr(job, "unmodelled", {})
