"""Brings the state back in line with the cloud before a run.

Two things part them: a run that was killed between starting an operation and recording its end, and a
local cloud that was restarted and has forgotten everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from millpond.deploy.providers import Provider, Providers
from millpond.deploy.resource import ResourceState
from millpond.deploy.snapshot import Operation, Pending
from millpond.deploy.state import StateFile

_READERS: Final = 16


def configure_providers(state: StateFile, providers: Providers) -> None:
    """Make the providers that earlier runs declared known, so that their resources can be reached."""
    for resource in state.resources().values():
        if resource.is_provider:
            providers.configure(resource.urn, resource.type, resource.inputs)


def settle(state: StateFile, providers: Providers) -> list[Pending]:
    """Find out how interrupted operations ended, and record it; returns them."""
    interrupted = state.pending()
    for pending in interrupted:
        _SETTLE[pending.operation](pending, state, providers)
    return interrupted


class Survey:
    """Which resources of the state the cloud still has.

    All are looked for at once, while the program starts; an answer is waited for when it is needed.
    """

    def __init__(self, resources: Iterable[ResourceState], providers: Providers) -> None:
        self._pool = ThreadPoolExecutor(_READERS, thread_name_prefix="exists")
        self._exist = {
            resource.urn: self._pool.submit(_exists, resource, _provider_of(resource, providers))
            for resource in resources
            if resource.custom and not resource.is_provider
        }

    def is_gone(self, urn: str) -> bool:
        """Whether the cloud no longer has a resource; raises what the cloud refused the look with."""
        return urn in self._exist and not self._exist[urn].result()

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)


def _settle_creation(pending: Pending, state: StateFile, providers: Providers) -> None:
    resource = pending.resource
    provider = _provider_of(resource, providers)
    found = provider.find(resource.type, resource.inputs, pending.started_at, pending.mark)
    others = {
        other.id
        for other in state.resources().values()
        if other.type == resource.type and other.urn != resource.urn
    }
    id_ = next((id_ for id_ in found if id_ not in pending.foreign_ids | others), None)
    if id_ is None:
        state.abandon(pending)
        return
    if provider.rules(resource.type).told_once:
        # What only the call that made it told is lost (a key's secret), so that it is of no use to anybody.
        provider.delete(resource.type, id_, resource.inputs)
        state.abandon(pending)
        return
    # Only the first of several calls may have been made: the next update completes it.
    outputs = provider.read(resource.type, id_, resource.inputs) or {}
    adopted = replace(resource, id=id_, outputs=outputs, unsettled=True)
    state.put(adopted, pending, replaced=state.resources().get(resource.urn))


def _settle_update(pending: Pending, state: StateFile, providers: Providers) -> None:
    resource = state.resources().get(pending.resource.urn, pending.resource)
    state.put(replace(resource, unsettled=True), pending)


def _settle_deletion(pending: Pending, state: StateFile, providers: Providers) -> None:
    if _exists(pending.resource, _provider_of(pending.resource, providers)):
        state.abandon(pending)
    else:
        state.remove([pending.resource], pending)


def _provider_of(resource: ResourceState, providers: Providers) -> Provider:
    return providers.of(resource.type, resource.provider)


def _exists(resource: ResourceState, provider: Provider) -> bool:
    return provider.exists(resource.type, resource.id, resource.inputs)


_SETTLE: Final = {
    Operation.CREATING: _settle_creation,
    Operation.UPDATING: _settle_update,
    Operation.DELETING: _settle_deletion,
}
