"""What jobs and crawlers have in common for triggers and workflows: they are started, stopped, and they end.

Jobs and crawlers know nothing of triggers and workflows, nor these of how a run executes: each kind
registers its `Runner`, tells `RunStates` when a run has ended, and whoever waits for that observes it.
There is one `RunStates` per account and region, the Glue service's `run_states`.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

_log = logging.getLogger(__name__)


class RunKind(enum.Enum):
    """What runs."""

    JOB = "JOB"
    CRAWLER = "CRAWLER"


@dataclass(frozen=True)
class RunRequest:
    """What a trigger asks of a job or a crawler.

    Attributes:
        name: Of the job or crawler.
        arguments: Of a job, over its default arguments; in a workflow `--WORKFLOW_NAME` and
            `--WORKFLOW_RUN_ID` are among them.
        timeout_minutes: Of a job's run, in the place of the job's own.
        security_configuration: Of a job's run, in the place of the job's own.
        notify_delay_after_minutes: Of a job's run, in the place of the job's own.
        trigger_name: Who asks; GetJobRun answers it as `TriggerName`.
    """

    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    timeout_minutes: int | None = None
    security_configuration: str | None = None
    notify_delay_after_minutes: int | None = None
    trigger_name: str | None = None


@dataclass(frozen=True)
class EndedRun:
    """A run that will not go on: the last of its attempts, where a job is retried.

    Attributes:
        state: As the API spells it: `SUCCEEDED`, `FAILED`, `TIMEOUT`, `STOPPED`, `ERROR` of a job;
            `SUCCEEDED`, `FAILED`, `CANCELLED` of a crawler.
    """

    kind: RunKind
    name: str
    run_id: str
    state: str


class Runner(Protocol):
    """Runs jobs or crawlers."""

    def start(self, request: RunRequest) -> str:
        """Start a run and return its id, without waiting for its end.

        Raises:
            moto.core.exceptions.JsonRESTError: What StartJobRun or StartCrawler would answer:
                there is no such job or crawler, or it runs already.
        """

    def stop(self, name: str, run_id: str) -> None:
        """Ask a run to stop; one that has ended is no error. Its end is told as every other's."""

    def describe(self, name: str, run_id: str) -> dict[str, Any]:
        """A `JobRun` or a `Crawl`, as GetWorkflowRun's graph shows it."""


Observer = Callable[[EndedRun], None]
"""Is told of a run's end, on the thread of the run, after its final state can be read."""


class RunStates:
    """The runners of one account and region, and who waits for their runs' ends."""

    def __init__(self) -> None:
        self._runners: dict[RunKind, Runner] = {}
        self._observers: list[Observer] = []

    def register(self, kind: RunKind, runner: Runner) -> None:
        """Name who runs jobs or crawlers here."""
        self._runners[kind] = runner

    def runner(self, kind: RunKind) -> Runner | None:
        """Who runs jobs or crawlers here; None if nobody does."""
        return self._runners.get(kind)

    def observe(self, observer: Observer) -> None:
        """Let a function know of every end of a run from now on."""
        self._observers.append(observer)

    def on_run_ended(self, kind: RunKind, name: str, run_id: str, state: str) -> None:
        """Tell all observers that a run has ended; what fails in one of them does not reach the run."""
        ended = EndedRun(kind, name, run_id, state)
        for observer in tuple(self._observers):
            try:
                observer(ended)
            except Exception:
                _log.exception("An observer failed at the end of %s %s", kind.value, run_id)
