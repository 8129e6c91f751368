"""Reads every resource of a stack, and says what is not as the state has it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from millpond.deploy.exceptions import DeployError, DeploymentFailed, ResourceError
from millpond.deploy.plan import Action, Change, Step, differences
from millpond.deploy.providers import Providers
from millpond.deploy.resource import ResourceState
from millpond.deploy.state import StateFile

_READERS: Final = 16


@dataclass(frozen=True)
class Finding:
    """What became of one resource; `now` is None when it is gone."""

    step: Step
    was: ResourceState
    now: ResourceState | None


def look(state: StateFile, providers: Providers) -> list[Finding]:
    """Read everything, several at once; fails when something cannot be read, and changes nothing."""
    resources = list(state.resources().values())
    with ThreadPoolExecutor(_READERS, thread_name_prefix="refresh") as pool:
        read = list(pool.map(lambda resource: _look_at(resource, providers), resources))
    if errors := [item for item in read if isinstance(item, DeployError)]:
        raise DeploymentFailed(errors)
    return [item for item in read if isinstance(item, Finding)]


def record(state: StateFile, findings: list[Finding]) -> None:
    """Make the state say what was found, in one write."""
    state.restate(
        changed=[item.now for item in findings if item.now is not None and item.now != item.was],
        gone=[item.was for item in findings if item.now is None],
    )


def _look_at(resource: ResourceState, providers: Providers) -> Finding | DeployError:
    if not resource.custom or resource.is_provider:
        return Finding(Step(Action.SAME, resource.urn, resource), resource, resource)
    try:
        provider = providers.of(resource.type, resource.provider)
        outputs = provider.read(resource.type, resource.id, resource.inputs)
        if outputs is None:
            step = Step(Action.DELETE, resource.urn, resource, reason="it is gone from the cloud")
            return Finding(step, resource, None)
        drift = provider.drift(resource.type, resource.id, resource.inputs)
    except DeployError as error:
        return ResourceError(resource.urn, str(error), resource.declared_at)
    inputs = {name: value for name, value in {**resource.inputs, **drift}.items() if value is not None}
    rules = provider.rules(resource.type)
    kept = resource.outputs_of(rules.told_once)
    now = replace(resource, inputs=inputs, outputs={**kept, **outputs})
    changes = tuple(_changes(resource, now, rules.echoes))
    step = Step(Action.UPDATE if changes else Action.SAME, resource.urn, resource, changes)
    return Finding(step, resource, now)


def _changes(was: ResourceState, now: ResourceState, echoes: frozenset[str]) -> Iterator[Change]:
    told = set(echoes - was.inputs.keys())
    for path, before, after in differences(was.inputs, now.inputs):
        told.add(path.partition(".")[0])
        yield Change(path, before, after)
    for path, before, after in differences(was.outputs, now.outputs):
        if path.partition(".")[0] not in told:
            yield Change(path, before, after)
