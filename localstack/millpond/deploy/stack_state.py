"""What `millpond state` does: looks at the state of a stack, and changes it without touching the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from millpond.deploy.display import masked
from millpond.deploy.exceptions import StateEditRefused
from millpond.deploy.resource import STACK_TYPE, ResourceState, Urn
from millpond.deploy.state import StateFile


class StackState:
    """The state of one stack, to be read and edited; resources go by URN or by a name that is unique."""

    def __init__(self, state: StateFile) -> None:
        self._state = state

    def resources(self) -> list[ResourceState]:
        """Everything that the state knows, in the order in which it was made."""
        return list(self._state.resources().values())

    def find(self, reference: str) -> ResourceState:
        """The resource of a URN or name."""
        resources = self._state.resources()
        if reference in resources:
            return resources[reference]
        found = [resource for resource in resources.values() if resource.name == reference]
        if len(found) > 1:
            urns = "\n".join(f"  {resource.urn}" for resource in found)
            raise StateEditRefused(f"'{reference}' is the name of several resources; give one's URN:\n{urns}")
        if not found:
            raise StateEditRefused(f"the state has no resource '{reference}'; `millpond state list` has all")
        return found[0]

    def shown(self, reference: str) -> dict[str, Any]:
        """All of a resource, with the values of its secret properties masked."""
        resource = self.find(reference)
        document = resource.to_json()
        for part in ("inputs", "outputs"):
            if part in document:
                document[part] = masked(document[part], resource.secrets)
        return document

    def delete(self, reference: str, *, force: bool = False) -> ResourceState:
        """Forget a resource; the cloud keeps it. One that is protected only by force."""
        with self._state.locked():
            resource = self.find(reference)
            if resource.protect and not force:
                raise StateEditRefused(
                    f"'{resource.name}' is protected; unprotect it first (`millpond state unprotect`), "
                    "or give --force"
                )
            if needing := [item for item in self.resources() if resource.urn in item.prerequisites]:
                names = ", ".join(f"'{item.name}'" for item in needing)
                raise StateEditRefused(f"'{resource.name}' is needed by {names}; delete those first")
            self._state.remove([resource])
            return resource

    def rename(self, reference: str, name: str) -> ResourceState:
        """Call a resource by another name, as its program does from now on."""
        with self._state.locked():
            resource = self.find(reference)
            if resource.type == STACK_TYPE:
                raise StateEditRefused("the stack itself has the name that its project and settings give it")
            urn = str(replace(Urn.parse(resource.urn), name=name))
            if urn in self._state.resources():
                raise StateEditRefused(f"there is already a resource {urn}")
            self._state.rename(resource.urn, urn)
            return self._state.resources()[urn]

    def unprotect(self, reference: str | None) -> list[ResourceState]:
        """Let a resource be deleted, or all of them; the program may protect it again."""
        with self._state.locked():
            chosen = self.resources() if reference is None else [self.find(reference)]
            freed = [replace(resource, protect=False) for resource in chosen if resource.protect]
            self._state.restate(changed=freed, gone=())
            return freed

    def export(self) -> dict[str, Any]:
        """The state as its file holds it: secrets stay as they are there."""
        return self._state.to_json()

    def import_(self, document: Mapping[str, Any]) -> int:
        """Put another state (of `export`) in place of this one; returns how many resources it has."""
        with self._state.locked():
            return self._state.replace_all(document)
