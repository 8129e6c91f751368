"""Single operations on single resources, each noted in the state before it starts and after it ended."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from millpond.deploy.exceptions import AlreadyThere, DeployError, ResourceError
from millpond.deploy.providers import Provider
from millpond.deploy.resource import ResourceState
from millpond.deploy.snapshot import Operation, Pending
from millpond.deploy.state import StateFile
from millpond.deploy.values import Properties


class Operations:
    """Creates, updates, adopts and deletes; whatever happens in between, the state can be gone on from."""

    def __init__(self, state: StateFile) -> None:
        self._state = state

    def create(
        self, new: ResourceState, provider: Provider, replacing: ResourceState | None = None
    ) -> ResourceState:
        """Make a resource; the one that it replaces is deleted when the run is through."""
        # What has the name already is somebody else's: a run that is killed now must not take it for its own.
        foreign = provider.find(new.type, new.inputs, time.time(), mark="")
        if foreign and provider.rules(new.type).reuses:
            raise AlreadyThere(foreign[0])
        mark = uuid.uuid4().hex
        with self._changing_nothing_if_it_fails(Operation.CREATING, new, foreign, mark) as pending:
            created = provider.create(new.type, new.inputs, mark)
            # Recorded at once: what was made must not be lost if completing or reading it fails.
            made = replace(new, id=created.id, outputs=created.outputs, unsettled=True)
            self._state.put(made, pending, replacing)
        provider.complete(new.type, created.id, new.inputs)
        return self._read_back(made, provider, new=True)

    def update(self, new: ResourceState, old_inputs: Properties, provider: Provider) -> ResourceState:
        """Change a resource in place; `old_inputs` are what it is known to be."""
        pending = Pending(Operation.UPDATING, new, time.time())
        self._state.begin(pending)
        # If it fails, part of it may have been done: it stays pending, and the next run settles it.
        provider.update(new.type, new.id, old_inputs, new.inputs)
        self._state.put(replace(new, unsettled=True), pending)
        return self._read_back(new, provider)

    def adopt(self, new: ResourceState, provider: Provider) -> ResourceState:
        """Take over a resource that something else made, and make it what the program says."""
        if not provider.exists(new.type, new.id, new.inputs):
            raise ResourceError(new.urn, f"there is none with the id '{new.id}' to import", new.declared_at)
        return self.update(new, {}, provider)

    def delete(self, resource: ResourceState, provider: Provider) -> None:
        """Remove a resource from the cloud and the state."""
        with self._changing_nothing_if_it_fails(Operation.DELETING, resource) as pending:
            provider.delete(resource.type, resource.id, resource.inputs)
            self._state.remove([resource], pending)

    def _read_back(self, state: ResourceState, provider: Provider, *, new: bool = False) -> ResourceState:
        outputs = provider.read(state.type, state.id, state.inputs, new=new)
        if outputs is None:
            message = f"it was made as '{state.id}', but the cloud does not know it"
            raise ResourceError(state.urn, message, state.declared_at)
        kept = state.outputs_of(provider.rules(state.type).told_once)
        settled = replace(state, outputs={**kept, **outputs}, unsettled=False)
        self._state.put(settled)
        return settled

    @contextmanager
    def _changing_nothing_if_it_fails(
        self,
        operation: Operation,
        resource: ResourceState,
        foreign_ids: tuple[str, ...] = (),
        mark: str = "",
    ) -> Iterator[Pending]:
        pending = Pending(operation, resource, time.time(), frozenset(foreign_ids), mark)
        self._state.begin(pending)
        try:
            yield pending
        except DeployError:
            self._state.abandon(pending)
            raise
