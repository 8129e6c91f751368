"""What the state file holds, and the form that it has there; secrets are sealed on the way in."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, TypeVar

from millpond.deploy.resource import ResourceState

VERSION: Final = 1

Convert = Callable[[Any], Any]
Item = TypeVar("Item")


class Operation(StrEnum):
    """What may be under way on a resource."""

    CREATING = "creating"
    UPDATING = "updating"
    DELETING = "deleting"


@dataclass(frozen=True)
class Pending:
    """An operation that was started; `resource` is as it should be afterwards.

    `foreign_ids` are those that already looked like the resource before this engine began to make it: if they
    are all that is found afterwards, it was never made. `mark` is on what has no name, until its making is
    recorded.
    """

    operation: Operation
    resource: ResourceState
    started_at: float
    foreign_ids: frozenset[str] = frozenset()
    mark: str = ""


@dataclass
class Snapshot:
    """Everything that the state file holds. Doomed resources share their URN with their replacement."""

    resources: dict[str, ResourceState] = field(default_factory=dict)
    doomed: list[ResourceState] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    secret_outputs: frozenset[str] = frozenset()

    def to_json(self, seal: Convert) -> dict[str, Any]:
        """The file's content."""
        return {
            **self.head(seal),
            "resources": [_stored(resource, seal) for resource in self.resources.values()],
            "doomed": [_stored(resource, seal) for resource in self.doomed],
            "pending": [_stored_pending(item, seal) for item in self.pending],
        }

    def head(self, seal: Convert) -> dict[str, Any]:
        """What the file holds of the stack as a whole."""
        return {
            "version": VERSION,
            "outputs": _each(self.outputs, self.secret_outputs, seal),
            "secretOutputs": sorted(self.secret_outputs),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], unseal: Convert) -> Snapshot:
        """The inverse of `to_json`."""

        def read(item: Mapping[str, Any]) -> ResourceState:
            return ResourceState.from_json(_converted(item, frozenset(item.get("secrets", ())), unseal))

        resources = [read(item) for item in raw["resources"]]
        secret_outputs = frozenset(raw["secretOutputs"])
        return cls(
            resources={resource.urn: resource for resource in resources},
            doomed=[read(item) for item in raw["doomed"]],
            pending=[
                Pending(
                    Operation(item["operation"]),
                    read(item["resource"]),
                    item["startedAt"],
                    frozenset(item.get("foreignIds", ())),
                    item.get("mark", ""),
                )
                for item in raw["pending"]
            ],
            outputs=_each(raw["outputs"], secret_outputs, unseal),
            secret_outputs=secret_outputs,
        )


class SnapshotWriter:
    """Writes snapshots that follow one another as texts, one resource a line.

    A run writes the state several times for each resource, and only that one's line is another then: the
    others are kept from the last text.
    """

    def __init__(self, seal: Convert) -> None:
        self._seal = seal
        # By identity, with what it is the identity of, so that no other can come to have it.
        self._lines: dict[int, tuple[object, str]] = {}

    def text(self, snapshot: Snapshot) -> str:
        """The file's content as JSON."""
        kept, self._lines = self._lines, {}

        def lines(items: Collection[Item], stored: Callable[[Item, Convert], dict[str, Any]]) -> str:
            for item in items:
                self._lines[id(item)] = kept.get(id(item)) or (item, json.dumps(stored(item, self._seal)))
            return ",\n".join(self._lines[id(item)][1] for item in items)

        head = json.dumps(snapshot.head(self._seal))
        parts = {
            "resources": lines(snapshot.resources.values(), _stored),
            "doomed": lines(snapshot.doomed, _stored),
            "pending": lines(snapshot.pending, _stored_pending),
        }
        return "".join([head[:-1], *(f',\n"{name}": [\n{text}]' for name, text in parts.items()), "}\n"])


def _stored(resource: ResourceState, seal: Convert) -> dict[str, Any]:
    return _converted(resource.to_json(), resource.secrets, seal)


def _stored_pending(item: Pending, seal: Convert) -> dict[str, Any]:
    return {
        "operation": item.operation.value,
        "startedAt": item.started_at,
        "resource": _stored(item.resource, seal),
        **({"foreignIds": sorted(item.foreign_ids)} if item.foreign_ids else {}),
        **({"mark": item.mark} if item.mark else {}),
    }


def _converted(raw: Mapping[str, Any], secrets: frozenset[str], convert: Convert) -> dict[str, Any]:
    """A resource with its secret inputs and outputs sealed, or opened."""
    parts = {part: _each(raw[part], secrets, convert) for part in ("inputs", "outputs") if part in raw}
    return {**raw, **parts}


def _each(values: Mapping[str, Any], secrets: frozenset[str], convert: Convert) -> dict[str, Any]:
    return {name: convert(value) if name in secrets else value for name, value in values.items()}
