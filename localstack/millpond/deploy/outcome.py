"""What a step comes to: the state that a resource will have, and what the program is told of it."""

from __future__ import annotations

from millpond.deploy.monitor import Registered
from millpond.deploy.plan import Action, Step
from millpond.deploy.providers import CheckedInputs, Provider
from millpond.deploy.resource import Registration, ResourceState
from millpond.deploy.values import UNKNOWN, Properties

IN_PLACE = (Action.SAME, Action.UPDATE)


def resulting(registration: Registration, checked: CheckedInputs, old: ResourceState | None) -> ResourceState:
    """The state that a resource has when its step is done."""
    return ResourceState(
        urn=registration.urn,
        type=registration.type,
        name=registration.name,
        parent=registration.parent,
        custom=registration.custom,
        id=old.id if old else "",
        inputs=checked.inputs,
        outputs=old.outputs if old else {},
        secrets=registration.secrets
        | checked.secrets
        | frozenset(name for name, source in checked.derived.items() if source in registration.secrets),
        defaults=checked.defaults,
        dependencies=registration.dependencies
        | frozenset(urn for urns in registration.property_dependencies.values() for urn in urns),
        property_dependencies=registration.property_dependencies,
        provider=registration.provider,
        protect=registration.options.protect,
        retain_on_delete=registration.options.retain_on_delete,
        deleted_with=registration.options.deleted_with,
        declared_at=registration.declared_at,
        unsettled=old.unsettled if old else False,
    )


def expected(step: Step, new: ResourceState, provider: Provider) -> Registered:
    """What a preview can say about a resource; what it leaves out is unknown to the program."""
    if step.action in IN_PLACE:
        changing = provider.volatile(new.type) if step.action is Action.UPDATE else frozenset()
        kept = {name: value for name, value in new.outputs.items() if name not in changing}
        return Registered(new.id, kept | dict(new.inputs), new.secrets)
    return Registered("", new.inputs, new.secrets)


def told(
    id_: str,
    known: Properties,
    registration: Registration,
    provider: Provider,
    secrets: frozenset[str] = frozenset(),
) -> Registered:
    """What the program is told of a resource that is as it should be.

    An output that the SDK has as optional is none when nothing fills it. One that the SDK says is always
    there is unknown: the program must not go on with a value that is not the cloud's.
    """
    unfilled = provider.outputs(registration.type) - known.keys() - {"id", "urn"}
    return Registered(id_, {**dict.fromkeys(unfilled, UNKNOWN), **known}, secrets, unfilled)
