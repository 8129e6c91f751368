"""What makes resources: the interface of a provider, and the providers that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from millpond.deploy.plan import TypeRules
from millpond.deploy.resource import ResourceState
from millpond.deploy.values import Properties


@dataclass(frozen=True)
class CheckedInputs:
    """Inputs that fit their type, completed.

    `defaults` names what was filled in, `derived` the inputs that repeat others (as secret as those are),
    `secrets` the outputs that are always secret.
    """

    inputs: Mapping[str, Any]
    defaults: frozenset[str] = field(default=frozenset())
    derived: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Made:
    """A new resource: its id, and the outputs that only the call that made it tells."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict)


class Provider(Protocol):
    """One configured provider. Failures are raised as `DeployError`."""

    def rules(self, type_: str) -> TypeRules:
        """What the plan needs to know of a type; `UnsupportedType` when there is none."""

    def check(
        self, type_: str, name: str, inputs: Properties, old: ResourceState | None, *, dry_run: bool
    ) -> CheckedInputs:
        """Check inputs, generate names and fill in defaults; keeps what an earlier run generated."""

    def create(self, type_: str, inputs: Properties, mark: str) -> Made:
        """Make a resource, by a call that makes it or does nothing.

        `mark` is unique; what has no name carries it until `complete`, so that `find` finds it.
        """

    def complete(self, type_: str, id_: str, inputs: Properties) -> None:
        """Give a new resource what the call that made it could not."""

    def exists(self, type_: str, id_: str, inputs: Properties) -> bool:
        """Whether the cloud has a resource."""

    def read(self, type_: str, id_: str, inputs: Properties, *, new: bool = False) -> dict[str, Any] | None:
        """The outputs of a resource as the cloud has it, or None when it has not.

        `new` says that it was just made: what nobody can have changed yet is not asked for.
        """

    def drift(self, type_: str, id_: str, inputs: Properties) -> dict[str, Any]:
        """The inputs that the cloud has otherwise, as it has them now; None for what it has no more."""

    def update(self, type_: str, id_: str, old: Properties, new: Properties) -> None:
        """Change a resource in place."""

    def delete(self, type_: str, id_: str, inputs: Properties) -> None:
        """Remove a resource; one that is already gone is removed."""

    def find(self, type_: str, inputs: Properties, since: float, mark: str) -> tuple[str, ...]:
        """The ids of all that may be the resource whose creation was started with a mark.

        More than one where neither a name nor the mark tells them apart.
        """

    def outputs(self, type_: str) -> frozenset[str]:
        """The outputs that the SDK says are always there."""

    def volatile(self, type_: str) -> frozenset[str]:
        """The outputs that an update may change."""

    def invoke(self, token: str, arguments: Properties) -> dict[str, Any]:
        """Answer a function such as `aws:index/getRegion:getRegion`."""


class Providers(Protocol):
    """Finds the provider of a resource."""

    def of(self, type_: str, reference: str) -> Provider:
        """The provider for a type or function token; `reference` is the program's choice or empty."""

    def configure(self, urn: str, type_: str, inputs: Properties) -> None:
        """Take the settings of a provider that the program declares."""
