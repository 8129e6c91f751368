"""The vocabulary of the tables: which actions on which resources an operation needs.

A table follows the service's page of the Service Authorization Reference,
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
An operation that no table has needs the action of its own name on `*`, which is what AWS documents for
operations without resources, and never lets through what a policy would have kept out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.templates import Values, parameter, template

Arns = str | Callable[[ServiceCall], tuple[str, ...]]
"""A template, or for what no parameter tells, a function that looks it up."""

Derived = Callable[[ServiceCall], Mapping[str, tuple[str, ...]]]
"""Condition keys that several parameters, or what the services keep, tell together."""

_OWN = ""


@dataclass(frozen=True)
class Need:
    """One action, on every one of some resources.

    Attributes:
        resources: None of them means `*`; if all of them turn out empty, the need does not arise.
        action: With its service's prefix; by default the operation's own.
        keys: Condition keys, and the parameters that they hold.
        values: Condition keys with fixed values.
        via: The service that calls KMS for the caller (`kms:ViaService`), as `s3`.
        derived: More condition keys.
    """

    resources: tuple[Arns, ...] = ()
    action: str = _OWN
    keys: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    via: str = ""
    derived: Derived | None = None


@dataclass(frozen=True)
class Row:
    """Operations that need the same."""

    operations: tuple[str, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Requirement:
    """One action on one resource that must be allowed for a call to go on."""

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def on(
    operations: str,
    *resources: Arns,
    keys: Mapping[str, str] | None = None,
    derived: Derived | None = None,
) -> Row:
    """Operations, separated by blanks, that need their own action on these resources."""
    return Row(tuple(operations.split()), (Need(resources, keys=keys or {}, derived=derived),))


def needing(operations: str, *needs: Need) -> Row:
    """Operations that need all of these."""
    return Row(tuple(operations.split()), needs)


def own(*resources: Arns, keys: Mapping[str, str] | None = None) -> Need:
    """The operation's own action."""
    return Need(resources, keys=keys or {})


def also(
    action: str,
    *resources: Arns,
    keys: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    via: str = "",
    derived: Derived | None = None,
) -> Need:
    """Another action."""
    return Need(resources, action, keys or {}, values or {}, via, derived)


def passing(role: str, service: str) -> Need:
    """The right to hand a role to a service, if the call names one.

    Args:
        role: The parameter with the role's ARN or name.
        service: The principal that will act as the role.
    """
    return also(
        "iam:PassRole",
        f"arn:{{$partition}}:iam::{{$account}}:role/{{{role}?}}",
        values={"iam:PassedToService": service},
    )


class ServiceTable:
    """What every operation of a service needs.

    Args:
        prefix: Of the service's actions: `s3`, `cloudwatch`, ...
        rows: The operations that need more than their own action on `*`.
        free: Operations that need nothing.
    """

    def __init__(self, prefix: str, *rows: Row, free: str = "") -> None:
        self.prefix = prefix
        self.free = frozenset(free.split())
        self.needs = {operation: row.needs for row in rows for operation in row.operations}
        counted = sum(len(row.operations) for row in rows)
        if counted != len(self.needs):
            raise ValueError(f"the table of {prefix} has an operation twice")
        self._compiled = {
            operation: tuple(_Compiled.of(need, f"{prefix}:{operation}") for need in needs)
            for operation, needs in self.needs.items()
        }

    def requirements(self, call: ServiceCall) -> tuple[Requirement, ...]:
        """All that must be allowed for this call."""
        if call.operation in self.free:
            return ()
        needs = self._compiled.get(call.operation)
        if needs is None:
            return (Requirement(f"{self.prefix}:{call.operation}", "*"),)
        return tuple(requirement for need in needs for requirement in need.of_call(call))


@dataclass(frozen=True)
class _Compiled:
    action: str
    resources: tuple[Values, ...]
    keys: tuple[tuple[str, Values], ...]
    values: Mapping[str, tuple[str, ...]]
    via: str
    derived: Derived | None

    @classmethod
    def of(cls, need: Need, own_action: str) -> _Compiled:
        return cls(
            need.action or own_action,
            tuple(template(arns) if isinstance(arns, str) else arns for arns in need.resources),
            tuple((key, parameter(path)) for key, path in need.keys.items()),
            {key: (value,) for key, value in need.values.items()},
            need.via,
            need.derived,
        )

    def of_call(self, call: ServiceCall) -> Iterator[Requirement]:
        if not self.resources:
            yield Requirement(self.action, "*", self._context(call))
            return
        resources = dict.fromkeys(arn for arns in self.resources for arn in arns(call))
        if resources:
            context = self._context(call)
            yield from (Requirement(self.action, resource, context) for resource in resources)

    def _context(self, call: ServiceCall) -> Mapping[str, tuple[str, ...]]:
        context = {key: found for key, read in self.keys if (found := read(call))}
        context.update(self.values)
        if self.derived is not None:
            context.update(self.derived(call))
        if self.via:
            context["kms:ViaService"] = (f"{self.via}.{call.region}.amazonaws.com",)
            context["kms:CallerAccount"] = (call.caller.account,)
            context["aws:ViaAWSService"] = ("true",)
        return context
