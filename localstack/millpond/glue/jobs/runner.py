"""Executes runs: a thread and a process each, from STARTING to the end, whatever that is.

    service ─→ runner ─→ workspace (files, environment) ─→ process ─→ output (CloudWatch Logs)
                     └─→ reports (EventBridge, CloudWatch), bookmarks

The service decides that a run starts, and is told when it has ended.
"""

from __future__ import annotations

import json
import logging
import platform
import threading
from collections.abc import Callable
from typing import Any, Final

from millpond.glue.jobs.bookmarks import Bookmarks
from millpond.glue.jobs.exceptions import LaunchFailed
from millpond.glue.jobs.output import LogStream, OutputForwarder
from millpond.glue.jobs.process import JobProcess, ProcessEnd
from millpond.glue.jobs.reports import announce_delay, announce_end, put_metrics
from millpond.glue.jobs.run import CommandName, JobRun, RunState
from millpond.glue.jobs.settings import JobSettings
from millpond.glue.jobs.workspace import Launch, WorkspaceBuilder
from millpond.iam.enforcement import RoleNotAssumableError, service_session

_log = logging.getLogger(__name__)

_SESSION_NAME: Final = "GlueJobRunnerSession"
_SHUTDOWN_SECONDS: Final = 10.0

RunEnded = Callable[[JobRun], None]


class JobRunner:
    """All runs of this process's local cloud."""

    def __init__(self, settings: JobSettings) -> None:
        self.settings = settings
        self._workspaces = WorkspaceBuilder(settings)
        self._lock = threading.Lock()
        self._with_process: dict[JobRun, threading.Thread] = {}
        self._stopped = threading.Event()

    def start(self, run: JobRun, bookmarks: Bookmarks, ended: RunEnded) -> None:
        """Execute a run, and say when it has ended, on its own thread."""
        if self._stopped.is_set():
            run.enter(RunState.STOPPED)
            return
        threading.Thread(
            target=self._execute, args=(run, bookmarks, ended), name="glue-job-run", daemon=True
        ).start()

    def shutdown(self) -> None:
        """End every run and its process; nobody is told.

        A run that is still being prepared has no process, and gets none: nothing waits for it.
        """
        with self._lock:
            self._stopped.set()
            threads = list(self._with_process.values())
        for thread in threads:
            thread.join(_SHUTDOWN_SECONDS)

    # ---- on the run's thread

    def _execute(self, run: JobRun, bookmarks: Bookmarks, ended: RunEnded) -> None:
        try:
            state, message, counters = self._outcome(run, bookmarks)
        except LaunchFailed as error:
            state, message, counters = RunState.FAILED, str(error), {}
        except Exception as error:  # a run must come to an end that can be seen
            if not self._stopped.is_set():
                _log.exception("Job run %s could not be executed", run.id)
            state, message, counters = RunState.ERROR, f"{type(error).__name__}: {error}", {}
        finally:
            with self._lock:
                self._with_process.pop(run, None)
        run.enter(state, message)
        if self._stopped.is_set():
            return
        try:
            put_metrics(run, counters)
            announce_end(run)
        except Exception:  # of another service; what comes after the run does not depend on it
            _log.exception("The end of job run %s could not be announced", run.id)
        ended(run)

    def _outcome(self, run: JobRun, bookmarks: Bookmarks) -> tuple[RunState, str | None, dict[str, float]]:
        """Run the process to its end: the state, the error's message, and Spark's counters."""
        specification = run.specification
        window = bookmarks.window(specification.job_name, specification.arguments)
        try:
            credentials = service_session(
                specification.role_arn,
                "glue.amazonaws.com",
                _SESSION_NAME,
                source_arn=specification.job_arn,
            )
        except RoleNotAssumableError as error:
            raise LaunchFailed(str(error)) from None
        launch = self._workspaces.prepare(run, credentials, window)
        try:
            if run.stop_requested.is_set() or self._stopped.is_set():
                return RunState.STOPPED, None, {}
            run.enter(RunState.RUNNING)
            end, state = self._run_process(run, launch)
            if window.kept and launch.committed_bookmark.exists():
                bookmarks.keep(run, json.loads(launch.committed_bookmark.read_text()))
            counters = json.loads(launch.metrics.read_text()) if launch.metrics.exists() else {}
        finally:
            launch.clean()
        if end is not None:
            state = RunState.FAILED if end.error else RunState.SUCCEEDED
            return state, end.error, counters
        if state is RunState.TIMEOUT:
            return state, f"Job run exceeded its timeout of {specification.timeout_minutes} minutes", counters
        return state, None, counters

    def _run_process(self, run: JobRun, launch: Launch) -> tuple[ProcessEnd | None, RunState]:
        minute = self.settings.seconds_per_minute
        limit = run.specification.timeout_minutes * minute
        delay = (run.specification.notify_delay_minutes or 0) * minute
        told = timed_out = False

        def interrupted(seconds: float) -> bool:
            nonlocal told, timed_out
            if delay and seconds >= delay and not told:
                told = True
                announce_delay(run)
            stopped = run.stop_requested.is_set() or self._stopped.is_set()
            timed_out = seconds >= limit and not stopped
            return stopped or timed_out

        forwarders = _forwarders(run)
        with self._lock:
            if self._stopped.is_set():
                for forwarder in forwarders:
                    forwarder.discard()
                return None, RunState.STOPPED
            process = JobProcess(launch, *forwarders)
            self._with_process[run] = threading.current_thread()
        try:
            end = process.wait(interrupted)
        finally:
            process.stop()
        return end, RunState.TIMEOUT if timed_out else RunState.STOPPED


def _forwarders(run: JobRun) -> tuple[OutputForwarder, OutputForwarder]:
    """The streams of what is printed and of errors; the latter begins with what runs the script."""
    specification = run.specification
    where: dict[str, Any] = {"account_id": specification.account_id, "region": specification.region}
    output = [LogStream(group=f"{specification.log_group}/output", name=run.id, **where)]
    errors = [LogStream(group=f"{specification.log_group}/error", name=run.id, **where)]
    asked = specification.arguments
    if specification.command.name is CommandName.SPARK and asked.on("--enable-continuous-cloudwatch-log"):
        group = asked.text("--continuous-log-logGroup") or f"{specification.log_group}/logs-v2"
        prefix = asked.text("--continuous-log-logStreamPrefix") or run.id
        driver = LogStream(group=group, name=f"{prefix}-driver", **where)
        output.append(driver)
        errors.append(driver)
    errors[0].write(
        [
            f"The local cloud runs this job's script with Python {platform.python_version()}; "
            f"the job asks for Python {specification.command.python_version}, "
            f"Glue {specification.glue_version or '-'}."
        ]
    )
    return OutputForwarder(*output), OutputForwarder(*errors)
