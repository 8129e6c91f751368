"""The wire format of triggers and workflows.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-workflow.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.glue.responses import GlueResponse
from moto.glue.utils import Action, Predicate

from millpond.glue.exceptions import InvalidInput
from millpond.glue.pages import page
from millpond.glue.schedules import read_schedule
from millpond.glue.workflows.exceptions import EntityExists
from millpond.glue.workflows.graph import graph
from millpond.glue.workflows.service import STARTING_TYPES, WorkflowService
from millpond.glue.workflows.trigger import TriggerType

if TYPE_CHECKING:
    from millpond.glue.service import GlueService


class WorkflowsApi(GlueResponse):
    """The operations."""

    @property
    def glue_backend(self) -> GlueService:
        """The service of the caller's account and region."""
        raise NotImplementedError

    @property
    def _workflows(self) -> WorkflowService:
        return self.glue_backend.workflow_service

    # ---- triggers

    def create_trigger(self) -> ActionResult:
        """Keep a trigger, activated if it is to start with its creation."""
        given = self.parameters
        name, backend = given["Name"], self.glue_backend
        if name in backend.triggers:
            raise EntityExists(f"Trigger {name} already exists")
        kind = _checked_type(given)
        workflow = given.get("WorkflowName") or ""
        if workflow:
            self._workflows.workflow(workflow)
            others = (trigger.type for trigger in self._workflows.triggers_of(workflow))
            if kind in STARTING_TYPES and any(other in STARTING_TYPES for other in others):
                raise InvalidInput(f"Workflow {workflow} already has a starting trigger")
        backend.create_trigger(
            name=name,
            workflow_name=workflow,
            trigger_type=kind.value,
            schedule=given.get("Schedule") or "",
            predicate=_predicate(given.get("Predicate")),
            actions=_actions(given.get("Actions")),
            description=given.get("Description") or "",
            start_on_creation=bool(given.get("StartOnCreation")),
            tags=given.get("Tags") or {},
            event_batching_condition=given.get("EventBatchingCondition") or {},
        )
        self._workflows.keep_schedule(self._workflows.trigger(name))
        return ActionResult({"Name": name})

    def update_trigger(self) -> ActionResult:
        """Put another definition in the place of a trigger's; type, workflow and state stay."""
        update = self.parameters["TriggerUpdate"]
        trigger = self._workflows.trigger(self.parameters["Name"])
        _checked_type({**update, "Type": trigger.trigger_type})
        trigger.description = update.get("Description", "")
        trigger.schedule = update.get("Schedule", "")
        trigger.actions = _actions(update.get("Actions"))
        trigger.predicate = _predicate(update.get("Predicate"))
        trigger.event_batching_condition = update.get("EventBatchingCondition") or {}
        self._workflows.keep_schedule(trigger)
        return ActionResult({"Trigger": trigger.as_dict()})

    def start_trigger(self) -> ActionResult:
        """Fire a trigger on demand, or activate another one."""
        self._workflows.start_trigger(self.parameters["Name"])
        return ActionResult({"Name": self.parameters["Name"]})

    def stop_trigger(self) -> ActionResult:
        """Deactivate a trigger."""
        self._workflows.stop_trigger(self.parameters["Name"])
        return ActionResult({"Name": self.parameters["Name"]})

    def delete_trigger(self) -> ActionResult:
        """Forget a trigger."""
        self._workflows.forget_trigger(self.parameters["Name"])
        return super().delete_trigger()

    # ---- workflows

    def create_workflow(self) -> ActionResult:
        """Keep a workflow."""
        if self.parameters["Name"] in self.glue_backend.workflows:
            raise EntityExists(f"Workflow {self.parameters['Name']} already exists")
        return super().create_workflow()

    def get_workflow(self) -> ActionResult:
        """A workflow, with its graph if that is asked for."""
        return ActionResult({"Workflow": self._described(self.parameters["Name"])})

    def batch_get_workflows(self) -> ActionResult:
        """Workflows, and the names that none has."""
        names = self.parameters["Names"]
        known = self.glue_backend.workflows
        found = [self._described(name) for name in names if name in known]
        return ActionResult(
            {"Workflows": found, "MissingWorkflows": [name for name in names if name not in known]}
        )

    def _described(self, name: str) -> dict[str, Any]:
        found = self._workflows.workflow(name).as_dict()
        if self.parameters.get("IncludeGraph"):
            found["Graph"] = graph(name, self._workflows.triggers_of(name))
        return found

    # ---- runs

    def start_workflow_run(self) -> ActionResult:
        """Start a run."""
        properties = self.parameters.get("RunProperties") or {}
        run = self._workflows.start_workflow(self.parameters["Name"], properties)
        return ActionResult({"RunId": run.id})

    def stop_workflow_run(self) -> EmptyResult:
        """Stop what runs in a run."""
        self._workflows.stop_run(self.parameters["Name"], self.parameters["RunId"])
        return EmptyResult()

    def resume_workflow_run(self) -> ActionResult:
        """Run nodes of a run again, and what follows them."""
        nodes = self.parameters["NodeIds"]
        run = self._workflows.resume_run(self.parameters["Name"], self.parameters["RunId"], nodes)
        return ActionResult({"RunId": run.id, "NodeIds": nodes})

    def get_workflow_run(self) -> ActionResult:
        """A run, with its graph if that is asked for."""
        run = self._workflows.run(self.parameters["Name"], self.parameters["RunId"])
        return ActionResult({"Run": self._workflows.describe_run(run, include_graph=self._asks_graph())})

    def get_workflow_runs(self) -> ActionResult:
        """A page of a workflow's runs, the latest first."""
        runs = list(reversed(self._workflows.workflow(self.parameters["Name"]).triggered_runs.values()))
        found, token = page(runs, self.parameters.get("MaxResults"), self.parameters.get("NextToken"), 1000)
        described = [self._workflows.describe_run(run, include_graph=self._asks_graph()) for run in found]
        return ActionResult({"Runs": described, **token})

    def get_workflow_run_properties(self) -> ActionResult:
        """The properties of a run."""
        run = self._workflows.run(self.parameters["Name"], self.parameters["RunId"])
        return ActionResult({"RunProperties": dict(run.properties)})

    def put_workflow_run_properties(self) -> EmptyResult:
        """Set properties of a run; the others stay."""
        run = self._workflows.run(self.parameters["Name"], self.parameters["RunId"])
        run.properties.update(self.parameters["RunProperties"])
        return EmptyResult()

    def _asks_graph(self) -> bool:
        return bool(self.parameters.get("IncludeGraph"))


def _checked_type(given: Any) -> TriggerType:
    """The type of a trigger whose definition fits it.

    Raises:
        InvalidInput: It does not.
    """
    try:
        kind = TriggerType(given["Type"])
    except ValueError:
        raise InvalidInput(f"Trigger type {given['Type']} does not exist") from None
    if kind is TriggerType.SCHEDULED:
        if not given.get("Schedule"):
            raise InvalidInput("Schedule cannot be null or empty")
        read_schedule(given["Schedule"])
    if kind is TriggerType.CONDITIONAL and not given.get("Predicate"):
        raise InvalidInput("Predicate cannot be null or empty")
    if kind is TriggerType.EVENT and "WorkflowName" in given and not given["WorkflowName"]:
        raise InvalidInput("An event trigger must belong to a workflow")
    if kind is TriggerType.ON_DEMAND and given.get("StartOnCreation"):
        raise InvalidInput("StartOnCreation is not supported for ON_DEMAND triggers")
    return kind


def _predicate(given: Any) -> Predicate | None:
    """A predicate; with one condition, it need not say how conditions combine."""
    if not given:
        return None
    try:
        return Predicate({"Logical": "AND", **given})
    except ValueError as error:
        raise InvalidInput(f"Predicate is not valid: {error}") from None


def _actions(given: Any) -> list[Action]:
    return [Action(action) for action in given or ()]
