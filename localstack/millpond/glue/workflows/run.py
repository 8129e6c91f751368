"""What one firing sets off: a run of a workflow, or of triggers that belong to none.

A run knows which jobs and crawlers were started in it, by which trigger, and how they ended; each of its
triggers fires once. It starts nothing itself: it says what is to be started next.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from millpond.glue.run_states import RunKind
from millpond.glue.workflows.trigger import Target, Trigger


class RunStatus(enum.Enum):
    """How far a run is."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    ERROR = "ERROR"


@dataclass(frozen=True)
class StartedRun:
    """A job or crawler that was started.

    Attributes:
        target: The job or crawler.
        run_id: Its run; empty if it could not be started.
        trigger: Who started it.
        state: How it ended; None while it runs, `ERROR` if it could not be started.
        error: Why it could not be started.
    """

    target: Target
    run_id: str
    trigger: str
    state: str | None = None
    error: str = ""


_COUNTS: Final[Mapping[str, str]] = {
    "SUCCEEDED": "SucceededActions",
    "FAILED": "FailedActions",
    "TIMEOUT": "TimeoutActions",
    "STOPPED": "StoppedActions",
    "CANCELLED": "StoppedActions",
    "ERROR": "ErroredActions",
}


@dataclass
class TriggeredRun:
    """One run.

    Attributes:
        workflow: The workflow's name; empty where there is none.
        properties: The run's properties.
        previous_id: The run that this one resumes, or that came before.
        batch: Of the events that started it: how many, and in how many seconds.
        id: Its id.
        status: How far it is.
        error: Why nothing was started.
        started_on: When it began.
        completed_on: When it ended; None as long as something may still happen.
        runs: What was started, in that order.
        fired: The triggers that have fired; each does so once.
        starting: How many starts are under way.
    """

    workflow: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    previous_id: str | None = None
    batch: tuple[int, int] | None = None
    id: str = field(default_factory=lambda: f"wr_{hashlib.sha256(uuid.uuid4().bytes).hexdigest()}")
    status: RunStatus = RunStatus.RUNNING
    error: str = ""
    started_on: datetime.datetime = field(default_factory=lambda: _now())
    completed_on: datetime.datetime | None = None
    runs: list[StartedRun] = field(default_factory=list)
    fired: set[str] = field(default_factory=set)
    starting: int = 0

    @property
    def is_active(self) -> bool:
        """Whether something may still happen in it."""
        return self.completed_on is None

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is to be started in it."""
        return self.status is RunStatus.STOPPING

    @property
    def running(self) -> list[StartedRun]:
        """What runs in it."""
        return [run for run in self.runs if run.state is None]

    @property
    def arguments(self) -> dict[str, str]:
        """What jobs of a workflow are told of it."""
        if not self.workflow:
            return {}
        return {"--WORKFLOW_NAME": self.workflow, "--WORKFLOW_RUN_ID": self.id}

    def next_triggers(self, triggers: Iterable[Trigger]) -> list[Trigger]:
        """The triggers whose conditions are met now; they count as fired."""
        if self.status is not RunStatus.RUNNING:
            return []
        states = {run.target: run.state for run in self.runs if run.state is not None}
        met = [
            trigger
            for trigger in triggers
            if trigger.is_active
            and trigger.trigger_type == "CONDITIONAL"
            and trigger.name not in self.fired
            and trigger.is_met_by(states)
        ]
        self.fired.update(trigger.name for trigger in met)
        return met

    def end_run(self, kind: RunKind, run_id: str, state: str) -> bool:
        """Note how a run has ended; whether it is one of this run's."""
        for number, run in enumerate(self.runs):
            if run.target.kind is kind and run.run_id == run_id and run.state is None:
                self.runs[number] = replace(run, state=state)
                return True
        return False

    def settle(self) -> None:
        """Come to an end if nothing runs any more."""
        if self.is_active and not self.running and not self.starting:
            stopped = self.status is RunStatus.STOPPING
            self.status = RunStatus.STOPPED if stopped else RunStatus.COMPLETED
            self.completed_on = _now()

    def fail(self, error: str) -> None:
        """Come to an end before anything was started."""
        self.status, self.error, self.completed_on = RunStatus.ERROR, error, _now()

    @property
    def statistics(self) -> dict[str, int]:
        """A `WorkflowRunStatistics`."""
        counts = dict.fromkeys(
            ("TotalActions", *dict.fromkeys(_COUNTS.values()), "RunningActions", "WaitingActions"), 0
        )
        counts["TotalActions"] = len(self.runs)
        for run in self.runs:
            counts[_COUNTS.get(run.state, "RunningActions") if run.state else "RunningActions"] += 1
        return counts

    def to_dict(self, graph: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A `WorkflowRun`."""
        run: dict[str, Any] = {
            "Name": self.workflow,
            "WorkflowRunId": self.id,
            "WorkflowRunProperties": dict(self.properties),
            "StartedOn": self.started_on,
            "Status": self.status.value,
            "Statistics": self.statistics,
        }
        optional = {
            "PreviousRunId": self.previous_id,
            "CompletedOn": self.completed_on,
            "ErrorMessage": self.error,
            "Graph": graph,
        }
        run |= {name: value for name, value in optional.items() if value}
        if self.batch:
            run["StartingEventBatchCondition"] = {
                "BatchSize": self.batch[0],
                "BatchWindow": self.batch[1],
            }
        return run


def started(trigger: str, target: Target, run_id: str) -> StartedRun:
    """What was started."""
    return StartedRun(target, run_id, trigger)


def not_started(trigger: str, target: Target, error: str) -> StartedRun:
    """What could not be started."""
    return StartedRun(target, "", trigger, "ERROR", error)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
