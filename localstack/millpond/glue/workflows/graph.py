"""The graph of a workflow: its triggers, jobs and crawlers, and what follows what.

https://docs.aws.amazon.com/glue/latest/webapi/API_WorkflowGraph.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any, Final

from millpond.glue.run_states import RunKind
from millpond.glue.workflows.run import TriggeredRun
from millpond.glue.workflows.trigger import Target, Trigger

Describe = Callable[[RunKind, str, str], dict[str, Any]]
"""A run of a job or crawler, as its own service shows it: kind, name, run id."""


def node_id(workflow: str, kind: str, name: str) -> str:
    """The `UniqueId` of a node, which is the same in all runs of a workflow."""
    digest = hashlib.sha256(f"{workflow}/{kind}/{name}".encode()).hexdigest()
    return f"wnode_{digest}"


def target_id(workflow: str, target: Target) -> str:
    """The `UniqueId` of a job's or a crawler's node."""
    return node_id(workflow, target.kind.value, target.name)


def targets_of(triggers: Iterable[Trigger]) -> list[Target]:
    """The jobs and crawlers that triggers start or wait for."""
    found: dict[Target, None] = {}
    for trigger in triggers:
        found |= dict.fromkeys(condition.target for condition in trigger.conditions)
        found |= dict.fromkeys(target for target, _ in trigger.starts)
    return list(found)


_DETAILS: Final = {
    RunKind.JOB: ("JobRuns", "JobDetails", "JobRunState"),
    RunKind.CRAWLER: ("Crawls", "CrawlerDetails", "State"),
}
"""Where a node has its runs, and what these call their state."""


def graph(
    workflow: str, triggers: list[Trigger], run: TriggeredRun | None = None, describe: Describe | None = None
) -> dict[str, Any]:
    """A `WorkflowGraph`; with a run, its nodes have what ran there."""
    nodes = [
        {
            "Type": "TRIGGER",
            "Name": trigger.name,
            "UniqueId": node_id(workflow, "TRIGGER", trigger.name),
            "TriggerDetails": {"Trigger": trigger.as_dict()},
        }
        for trigger in triggers
    ]
    nodes += [_node(workflow, target, run, describe) for target in targets_of(triggers)]
    edges = []
    for trigger in triggers:
        own = node_id(workflow, "TRIGGER", trigger.name)
        edges += [(target_id(workflow, condition.target), own) for condition in trigger.conditions]
        edges += [(own, target_id(workflow, target)) for target, _ in trigger.starts]
    return {
        "Nodes": nodes,
        "Edges": [{"SourceId": source, "DestinationId": end} for source, end in dict.fromkeys(edges)],
    }


def downstream(triggers: list[Trigger], start: Iterable[Target]) -> set[Target]:
    """What may run after these: they, and all that triggers start once they have ended."""
    reached, waiting = set[Target](), list(start)
    while waiting:
        target = waiting.pop()
        if target in reached:
            continue
        reached.add(target)
        waiting += [
            following
            for trigger in triggers
            if any(condition.target == target for condition in trigger.conditions)
            for following, _ in trigger.starts
        ]
    return reached


def _node(
    workflow: str, target: Target, run: TriggeredRun | None, describe: Describe | None
) -> dict[str, Any]:
    node: dict[str, Any] = {
        "Type": target.kind.value,
        "Name": target.name,
        "UniqueId": target_id(workflow, target),
    }
    if run is None or describe is None:
        return node
    key, details, state = _DETAILS[target.kind]
    runs = [
        describe(target.kind, target.name, item.run_id)
        if item.run_id
        else {state: item.state, "ErrorMessage": item.error}
        for item in run.runs
        if item.target == target
    ]
    return {**node, **({details: {key: runs}} if runs else {})}
