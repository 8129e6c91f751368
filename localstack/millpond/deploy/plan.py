"""Decides what to do about each resource. Pure: values in, steps out.

A program is planned one registration at a time, because what one resource turns out to be decides the
inputs of the next. What is left in the state when the program has ended is planned for deletion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from millpond.deploy.resource import Registration, ResourceState
from millpond.deploy.values import equal


class Action(StrEnum):
    """What happens to a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    IMPORT = "import"
    RETAIN = "retain"


@dataclass(frozen=True)
class Change:
    """One property that differs; a side that is absent is None."""

    path: str
    old: Any
    new: Any
    replaces: bool = False


@dataclass(frozen=True)
class Step:
    """What is to be done to one resource, and why."""

    action: Action
    urn: str
    old: ResourceState | None = None
    changes: tuple[Change, ...] = ()
    reason: str = ""
    delete_first: bool = False


@dataclass(frozen=True)
class TypeRules:
    """What the plan needs to know about a type.

    `replaces` lists property paths (`a`, `a.b`; list positions left out) that cannot be changed in place.
    `name_property` is the property that holds the name, which two instances cannot share. `reuses` says
    that the call that makes one succeeds when there is one already. `told_once` names the outputs that
    only that call tells, so that the state has to keep them. `echoes` names the outputs that tell what
    others made of it.
    """

    replaces: frozenset[str] = frozenset()
    name_property: str | None = None
    reuses: bool = False
    told_once: frozenset[str] = frozenset()
    echoes: frozenset[str] = frozenset()


def plan_registration(
    registration: Registration, inputs: Mapping[str, Any], old: ResourceState | None, rules: TypeRules
) -> Step:
    """The step that takes a resource from its state (if any) to its checked inputs."""
    urn = registration.urn
    if old is None:
        action = Action.IMPORT if registration.options.import_id else Action.CREATE
        return Step(action, urn)
    if old.gone:
        return Step(Action.CREATE, urn, old, reason="it is gone from the cloud")
    if not registration.custom:
        return Step(Action.SAME, urn, old)
    changes = tuple(_changes(registration, inputs, old, rules))
    if any(change.replaces for change in changes):
        return Step(Action.REPLACE, urn, old, changes)
    if changes:
        return Step(Action.UPDATE, urn, old, changes)
    if old.unsettled:
        return Step(Action.UPDATE, urn, old, reason="what it is now is not certain")
    return Step(Action.SAME, urn, old)


def deletes_first(
    registration: Registration, inputs: Mapping[str, Any], old: ResourceState, rules: TypeRules
) -> bool:
    """Whether a replaced resource goes before the new one comes: as asked, else if both have one name."""
    if registration.options.delete_before_replace is not None:
        return registration.options.delete_before_replace
    name = rules.name_property
    return name is not None and equal(old.inputs.get(name), inputs.get(name))


def ignoring(
    inputs: Mapping[str, Any], old: ResourceState | None, ignored: Collection[str]
) -> dict[str, Any]:
    """The inputs with every property of `ignore_changes` as it was."""
    result = dict(inputs)
    if old is None:
        return result
    for path in ignored:
        names = ["*"] if path == "*" else path.replace("[", ".[").split(".")
        if names == ["*"]:
            return dict(old.inputs)
        _restore(result, old.inputs, names)
    return result


def plan_deletions(resources: Mapping[str, ResourceState], registered: Collection[str]) -> list[Step]:
    """A step for everything that the program no longer declares."""
    return [
        Step(Action.RETAIN if resource.retain_on_delete else Action.DELETE, urn, resource)
        for urn, resource in reversed(list(resources.items()))
        if urn not in registered
    ]


def dependents(
    resources: Iterable[ResourceState],
    urn: str,
    rules_of: Mapping[str, TypeRules],
) -> list[ResourceState]:
    """What has to be deleted before `urn` can be: the resources that its replacement replaces too."""
    found: dict[str, ResourceState] = {}
    doomed = {urn}
    for resource in resources:
        rules = rules_of.get(resource.type, TypeRules())
        tied = (
            name in rules.replaces and urns & doomed for name, urns in resource.property_dependencies.items()
        )
        if resource.urn not in doomed and any(tied):
            doomed.add(resource.urn)
            found[resource.urn] = resource
    return list(reversed(found.values()))


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """The paths at which two sets of properties differ, with both values."""
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if equal(before, after):
            continue
        path = f"{prefix}{name}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from differences(before, after, f"{path}.")
        else:
            yield path, before, after


def _changes(
    registration: Registration, inputs: Mapping[str, Any], old: ResourceState, rules: TypeRules
) -> Iterator[Change]:
    replacing = rules.replaces | frozenset(registration.options.replace_on_changes)
    for path, before, after in differences(old.inputs, inputs):
        yield Change(path, before, after, _covers(replacing, path))
    former, chosen = (reference.rpartition("::")[0] for reference in (old.provider, registration.provider))
    if former and chosen and former != chosen:
        yield Change("provider", old.provider, registration.provider, replaces=True)


def _covers(replacing: frozenset[str], path: str) -> bool:
    """Whether a changed path is, lies in, or contains one that replaces."""
    return any(
        path == entry or entry == "*" or path.startswith(f"{entry}.") or entry.startswith(f"{path}.")
        for entry in replacing
    )


def _restore(target: dict[str, Any], source: Mapping[str, Any], names: list[str]) -> None:
    head, *rest = names
    if not rest:
        if head in source:
            target[head] = source[head]
        else:
            target.pop(head, None)
    elif isinstance(target.get(head), Mapping) and isinstance(source.get(head), Mapping):
        inner = dict(target[head])
        _restore(inner, source[head], rest)
        target[head] = inner
