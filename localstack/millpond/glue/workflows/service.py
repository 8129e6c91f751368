"""The triggers and workflows of one account and region: they fire, start runs, and hear of their ends."""

from __future__ import annotations

import functools
import json
import logging
import threading
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.glue.utils import Action

from millpond.glue import schedules
from millpond.glue.exceptions import EntityNotFound, InvalidInput
from millpond.glue.run_states import EndedRun, RunKind, RunRequest
from millpond.glue.workflows import graph
from millpond.glue.workflows.event_batches import EventBatches
from millpond.glue.workflows.exceptions import ConcurrentWorkflowRunsExceeded, IllegalWorkflowState
from millpond.glue.workflows.run import RunStatus, StartedRun, TriggeredRun, not_started, started
from millpond.glue.workflows.trigger import Target, Trigger, TriggerType
from millpond.glue.workflows.workflow import Workflow

if TYPE_CHECKING:
    from millpond.glue.service import GlueService

_log = logging.getLogger(__name__)

STARTING_TYPES = (TriggerType.ON_DEMAND, TriggerType.SCHEDULED, TriggerType.EVENT)
"""What a workflow begins with; it has one trigger of these types."""


class WorkflowService:
    """Fires triggers.

    Jobs and crawlers are started, and asked to stop, without the lock: they may end, and tell so, meanwhile.

    Args:
        glue: The definitions, and who runs jobs and crawlers.
    """

    def __init__(self, glue: GlueService) -> None:
        self._glue = glue
        self._lock = threading.RLock()
        self._active: list[TriggeredRun] = []
        self._early_ends: dict[tuple[RunKind, str], str] = {}
        self._batches = EventBatches(glue.runtime.clock)
        glue.run_states.observe(self._ended)

    # ---- triggers

    def trigger(self, name: str) -> Trigger:
        """A trigger by its name.

        Raises:
            TriggerNotFoundException: There is none.
        """
        trigger = self._glue.get_trigger(name)
        assert isinstance(trigger, Trigger)  # noqa: S101 - install() put the class there
        return trigger

    def start_trigger(self, name: str) -> None:
        """StartTrigger: fire one that is on demand, activate any other.

        Raises:
            ConcurrentWorkflowRunsExceeded: Its workflow has as many runs as it may.
        """
        trigger = self.trigger(name)
        if trigger.type is TriggerType.ON_DEMAND:
            self._fire(trigger)
        else:
            trigger.state = "ACTIVATED"
            self.keep_schedule(trigger)

    def stop_trigger(self, name: str) -> None:
        """StopTrigger: let it fire no more."""
        trigger = self.trigger(name)
        if trigger.type is TriggerType.ON_DEMAND:
            raise InvalidInput(f"Trigger {name} is on demand and cannot be stopped")
        trigger.state = "DEACTIVATED"
        self.keep_schedule(trigger)

    def keep_schedule(self, trigger: Trigger) -> None:
        """Let the clock fire a scheduled trigger while it is active."""
        key = self._clock_name(trigger.name)
        if trigger.type is not TriggerType.SCHEDULED or not trigger.is_active:
            self._glue.runtime.clock.cancel(key)
            return
        schedule = schedules.read_schedule(trigger.schedule)
        schedules.keep(self._glue.runtime.clock, key, schedule, lambda: self._fire(trigger))

    def _clock_name(self, trigger: str) -> tuple[str, ...]:
        return "trigger", self._glue.account_id, self._glue.region_name, trigger

    def close(self) -> None:
        """Fire no trigger any more."""
        for name in list(self._glue.triggers):
            self._glue.runtime.clock.cancel(self._clock_name(name))

    def forget_trigger(self, name: str) -> None:
        """DeleteTrigger: one that is not there is no error."""
        if name in self._glue.triggers:
            trigger = self.trigger(name)
            trigger.state = "DEACTIVATED"
            self.keep_schedule(trigger)

    # ---- workflows

    def workflow(self, name: str) -> Workflow:
        """A workflow by its name.

        Raises:
            EntityNotFound: There is none.
        """
        workflow = self._glue.workflows.get(name)
        if workflow is None:
            raise EntityNotFound(f"Entity not found: workflow {name}")
        assert isinstance(workflow, Workflow)  # noqa: S101 - install() put the class there
        return workflow

    def run(self, workflow: str, run_id: str) -> TriggeredRun:
        """A run of a workflow.

        Raises:
            EntityNotFound: There is none of this id.
        """
        run = self.workflow(workflow).triggered_runs.get(run_id)
        if run is None:
            raise EntityNotFound(f"Entity not found: run {run_id} of workflow {workflow}")
        return run

    def start_workflow(self, name: str, properties: dict[str, str] | None = None) -> TriggeredRun:
        """StartWorkflowRun: fire the workflow's start trigger.

        Raises:
            EntityNotFound: There is no such workflow.
            IllegalWorkflowState: It has no start trigger.
            ConcurrentWorkflowRunsExceeded: It has as many runs as it may.
        """
        workflow = self.workflow(name)
        first = next((trigger for trigger in self.triggers_of(name) if trigger.type in STARTING_TYPES), None)
        if first is None:
            raise IllegalWorkflowState(f"Workflow {name} has no trigger that starts it")
        run = self._new_run(workflow, properties or {})
        self._start_actions(run, first.name, first.starts)
        return run

    def notify_event(self, workflow: str, event_id: str) -> None:
        """NotifyEvent, which EventBridge calls: an event for the workflow's event trigger.

        Raises:
            EntityNotFound: There is no such workflow.
            IllegalWorkflowState: It has no event trigger.
        """
        self.workflow(workflow)
        triggers = [each for each in self.triggers_of(workflow) if each.type is TriggerType.EVENT]
        if not triggers:
            raise IllegalWorkflowState(f"Workflow {workflow} has no event trigger")
        for trigger in triggers:
            if trigger.state != "DEACTIVATED":
                batching = trigger.event_batching_condition or {}
                size, window = int(batching.get("BatchSize") or 1), batching.get("BatchWindow")
                self._batches.add(
                    self._clock_name(trigger.name),
                    event_id or str(uuid.uuid4()),
                    size,
                    window,
                    functools.partial(self._fire, trigger),
                )

    def stop_run(self, workflow: str, run_id: str) -> None:
        """StopWorkflowRun: stop what runs, start nothing more.

        Raises:
            IllegalWorkflowState: It does not run.
        """
        run = self.run(workflow, run_id)
        with self._lock:
            if run.status is not RunStatus.RUNNING:
                raise IllegalWorkflowState(f"Run {run_id} of workflow {workflow} is {run.status.value}")
            run.status = RunStatus.STOPPING
            running = run.running
        self._stop(running)
        self._settle(run)

    def resume_run(self, workflow: str, run_id: str, node_ids: list[str]) -> TriggeredRun:
        """ResumeWorkflowRun: run nodes of an ended run again, and all that comes after them.

        Raises:
            IllegalWorkflowState: It has not ended.
            InvalidInput: A node is no job or crawler that a trigger of the workflow starts.
        """
        previous, triggers = self.run(workflow, run_id), self.triggers_of(workflow)
        if previous.is_active:
            raise IllegalWorkflowState(f"Run {run_id} of workflow {workflow} is {previous.status.value}")
        actions = {
            graph.target_id(workflow, target): (trigger, target, action)
            for trigger in triggers
            for target, action in trigger.starts
        }
        unknown = [node for node in node_ids if node not in actions]
        if unknown or not node_ids:
            raise InvalidInput(f"No job or crawler of workflow {workflow} has the node id {unknown}")
        chosen = [actions[node] for node in node_ids]
        again = graph.downstream(triggers, [target for _, target, _ in chosen])
        run = self._new_run(self.workflow(workflow), dict(previous.properties), previous.id)
        with self._lock:
            run.runs += [item for item in previous.runs if item.target not in again]
            # What led to the chosen nodes has been; what follows them fires anew.
            run.fired |= {
                trigger.name
                for trigger in triggers
                if not any(condition.target in again for condition in trigger.conditions)
            }
            # Until all are started, the first of them may end and must not end the run.
            run.starting += 1
        for trigger, target, action in chosen:
            self._start_actions(run, trigger.name, [(target, action)])
        with self._lock:
            run.starting -= 1
        self._go_on(run)
        return run

    def triggers_of(self, workflow: str) -> list[Trigger]:
        """The triggers of a workflow; of none, those that belong to none."""
        return [
            trigger
            for trigger in list(self._glue.triggers.values())
            if isinstance(trigger, Trigger) and (trigger.workflow_name or "") == workflow
        ]

    def describe_run(self, run: TriggeredRun, *, include_graph: bool) -> dict[str, Any]:
        """A `WorkflowRun`."""
        if not include_graph:
            return run.to_dict()
        triggers = self.triggers_of(run.workflow)
        return run.to_dict(graph.graph(run.workflow, triggers, run, self._describe))

    def _describe(self, kind: RunKind, name: str, run_id: str) -> dict[str, Any]:
        runner = self._glue.run_states.runner(kind)
        return runner.describe(name, run_id) if runner is not None else {}

    def _stop(self, items: Iterable[StartedRun]) -> None:
        for item in items:
            runner = self._glue.run_states.runner(item.target.kind)
            if runner is not None and item.run_id:
                runner.stop(item.target.name, item.run_id)

    # ---- firing

    def _fire(self, trigger: Trigger, events: list[str] | None = None) -> None:
        """Start a run with a trigger: of its workflow, or of its own."""
        if not trigger.workflow_name:
            run = TriggeredRun()
            with self._lock:
                self._active.append(run)
            self._start_actions(run, trigger.name, trigger.starts)
            return
        properties = {"aws:eventIds": json.dumps(events)} if events else {}
        workflow = self.workflow(trigger.workflow_name)
        try:
            run = self._new_run(workflow, properties)
        except ConcurrentWorkflowRunsExceeded as error:
            if trigger.type is TriggerType.ON_DEMAND:
                raise
            # Nobody asked who could be told: the refused run itself says so.
            refused = TriggeredRun(workflow.name)
            refused.fail(str(error.message))
            workflow.triggered_runs[refused.id] = refused
            return
        if events:
            batching = trigger.event_batching_condition or {}
            run.batch = len(events), int(batching.get("BatchWindow") or 0)
        self._start_actions(run, trigger.name, trigger.starts)

    def _new_run(
        self, workflow: Workflow, properties: dict[str, str], previous_id: str | None = None
    ) -> TriggeredRun:
        with self._lock:
            active = [run for run in workflow.triggered_runs.values() if run.is_active]
            if workflow.max_concurrent_runs and len(active) >= workflow.max_concurrent_runs:
                raise ConcurrentWorkflowRunsExceeded(workflow.name)
            last = workflow.last_run
            run = TriggeredRun(
                workflow.name,
                {**(workflow.default_run_properties or {}), **properties},
                previous_id or (last.id if last else None),
            )
            workflow.triggered_runs[run.id] = run
            self._active.append(run)
            return run

    def _start_actions(
        self, run: TriggeredRun, trigger: str, actions: Iterable[tuple[Target, Action]]
    ) -> None:
        actions = list(actions)
        with self._lock:
            run.fired.add(trigger)
            run.starting += len(actions)
        for target, action in actions:
            item = None if run.is_stopping else self._start_action(run, trigger, target, action)
            with self._lock:
                run.starting -= 1
                if item is None:
                    continue
                run.runs.append(item)
                early = self._early_ends.pop((target.kind, item.run_id), None)
                if early is not None:
                    run.end_run(target.kind, item.run_id, early)
            if run.is_stopping:
                self._stop([item])
        self._go_on(run)

    def _start_action(self, run: TriggeredRun, trigger: str, target: Target, action: Action) -> StartedRun:
        try:
            runner = self._glue.run_states.runner(target.kind)
            if runner is None:
                raise InvalidInput(f"Nothing here runs {target.kind.value} {target.name}")
            return started(trigger, target, runner.start(_request(run, trigger, target, action)))
        except JsonRESTError as error:
            _log.warning("Trigger %s started no run of %s: %s", trigger, target.name, error.message)
            return not_started(trigger, target, str(error.message))

    def _ended(self, ended: EndedRun) -> None:
        """A job or a crawler has ended: who waited for that fires."""
        with self._lock:
            run = next(
                (each for each in self._active if each.end_run(ended.kind, ended.run_id, ended.state)), None
            )
            if run is None:
                if any(each.starting for each in self._active):
                    self._early_ends[ended.kind, ended.run_id] = ended.state
                return
        self._go_on(run)

    def _go_on(self, run: TriggeredRun) -> None:
        """Fire what is to be fired now; end the run if nothing is."""
        with self._lock:
            following = run.next_triggers(self.triggers_of(run.workflow))
            run.starting += len(following)
        for trigger in following:
            self._start_actions(run, trigger.name, trigger.starts)
            with self._lock:
                run.starting -= 1
        self._settle(run)

    def _settle(self, run: TriggeredRun) -> None:
        with self._lock:
            run.settle()
            if not run.is_active and run in self._active:
                self._active.remove(run)
            if not self._active:
                self._early_ends.clear()


def _request(run: TriggeredRun, trigger: str, target: Target, action: Action) -> RunRequest:
    """What a runner is asked for."""
    if target.kind is RunKind.CRAWLER:
        return RunRequest(target.name, trigger_name=trigger)
    given: Any = action
    return RunRequest(
        target.name,
        {**(given.arguments or {}), **run.arguments},
        given.timeout,
        given.security_configuration,
        (given.notification_property or {}).get("NotifyDelayAfter"),
        trigger,
    )
