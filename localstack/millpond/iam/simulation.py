"""The policy simulator: what policies would decide, and which of their statements.

SimulateCustomPolicy and SimulatePrincipalPolicy, and the condition keys that policies read, by the same
evaluator that decides requests.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from millpond.iam.attached import PolicyDocument
from millpond.iam.evaluation import (
    AuthorizationRequest,
    Decision,
    MatchedStatement,
    Outcome,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    evaluate,
    parse_policy,
)
from millpond.iam.evaluation.context import principal_context
from millpond.iam.evaluation.evaluate import Verdict, Verdicts, judge
from millpond.iam.evaluation.named_principals import Naming
from millpond.iam.positions import Span, statement_spans

_ANY_RESOURCE: Final = "*"
_SEVERITY: Final = (Outcome.ALLOWED, Outcome.IMPLICIT_DENY, Outcome.EXPLICIT_DENY)


@dataclass(frozen=True)
class Simulation:
    """What is to be simulated.

    Attributes:
        caller: Who would call.
        actions: What he would do.
        resources: To what; empty for `*`.
        identity: The documents of his identity.
        boundary: His permissions boundary.
        resource_policy: The policy that each resource is taken to have.
        resource_owner: The account of resources whose ARN names none.
        context: The condition keys of the request.
    """

    caller: Principal
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    identity: tuple[PolicyDocument, ...] = ()
    boundary: PolicyDocument | None = None
    resource_policy: PolicyDocument | None = None
    resource_owner: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class SourcedStatement:
    """A statement that led to a decision, and where it stands in its document."""

    document: PolicyDocument
    span: Span


@dataclass(frozen=True)
class ResourceResult:
    """What was decided for one action on one resource.

    Attributes:
        resource: The resource.
        outcome: The decision.
        matched: The statements that led to it.
        missing_keys: Condition keys that the policies read and the simulation does not have.
        allowed_by_boundary: Whether the boundary allows it; `None` without a boundary.
        by_policy_type: Of a caller from another account: what each type of policy says on its own.
    """

    resource: str
    outcome: Outcome
    matched: tuple[SourcedStatement, ...]
    missing_keys: tuple[str, ...]
    allowed_by_boundary: bool | None
    by_policy_type: Mapping[PolicyType, Outcome]


@dataclass(frozen=True)
class ActionResult:
    """What was decided for one action on all resources.

    Attributes:
        action: The action.
        per_resource: In the order in which they were given; `*` alone if none were.
        is_specific: Whether resources were given.
    """

    action: str
    per_resource: tuple[ResourceResult, ...]
    is_specific: bool

    @property
    def outcome(self) -> Outcome:
        """The most restrictive of the decisions."""
        return max((each.outcome for each in self.per_resource), key=_SEVERITY.index)

    @property
    def matched(self) -> tuple[SourcedStatement, ...]:
        """The statements that led to that decision, on whichever resource."""
        deciding = (each for each in self.per_resource if each.outcome is self.outcome)
        return tuple(dict.fromkeys(statement for each in deciding for statement in each.matched))

    @property
    def missing_keys(self) -> tuple[str, ...]:
        """The keys that are missing on any resource."""
        return tuple(dict.fromkeys(key for each in self.per_resource for key in each.missing_keys))

    @property
    def allowed_by_boundary(self) -> bool | None:
        """Whether the boundary allows it on all resources."""
        verdicts = [each.allowed_by_boundary for each in self.per_resource]
        return None if None in verdicts else all(verdicts)

    @property
    def by_policy_type(self) -> Mapping[PolicyType, Outcome]:
        """The most restrictive of what each type of policy says."""
        types = dict.fromkeys(kind for each in self.per_resource for kind in each.by_policy_type)
        return {
            kind: max((each.by_policy_type[kind] for each in self.per_resource), key=_SEVERITY.index)
            for kind in types
        }


def simulate(simulation: Simulation) -> tuple[ActionResult, ...]:
    """The results, one per action.

    Raises:
        MalformedPolicyError: A document is no policy.
    """
    sources, policies = _policies(simulation)
    resources = simulation.resources or (_ANY_RESOURCE,)
    return tuple(
        ActionResult(
            action,
            tuple(_result(simulation, action, resource, policies, sources) for resource in resources),
            bool(simulation.resources),
        )
        for action in simulation.actions
    )


def context_keys(texts: Iterable[str]) -> tuple[str, ...]:
    """The condition keys that documents read, as they spell them, each once whatever its case.

    Raises:
        MalformedPolicyError: A document is no policy.
    """
    found: dict[str, str] = {}
    for text in texts:
        for statement in parse_policy(text, "", PolicyType.IDENTITY).statements:
            for name in sorted(statement.context_keys):
                found.setdefault(name.lower(), name)
    return tuple(found.values())


_Sources = Mapping[int, PolicyDocument]
"""The documents by the identity of what they were read into: two may have the same name."""


def _policies(simulation: Simulation) -> tuple[_Sources, PolicySet]:
    sources: dict[int, PolicyDocument] = {}

    def read(document: PolicyDocument, policy_type: PolicyType) -> Policy:
        policy = parse_policy(document.text, document.name, policy_type)
        sources[id(policy)] = document
        return policy

    identity = tuple(read(document, PolicyType.IDENTITY) for document in simulation.identity)
    boundary = read(simulation.boundary, PolicyType.BOUNDARY) if simulation.boundary else None
    resource = read(simulation.resource_policy, PolicyType.RESOURCE) if simulation.resource_policy else None
    return sources, PolicySet(identity, boundary, resource=resource)


def _result(
    simulation: Simulation, action: str, resource: str, policies: PolicySet, sources: _Sources
) -> ResourceResult:
    request = AuthorizationRequest(
        simulation.caller, action, resource, simulation.context, _owner(simulation, resource)
    )
    decision = evaluate(request, policies)
    verdicts = judge(request, policies)
    return ResourceResult(
        resource,
        decision.outcome,
        _sourced(decision, sources),
        _missing(simulation, action, policies),
        None if verdicts.boundary is None else _says(verdicts.boundary) is Outcome.ALLOWED,
        _by_policy_type(simulation, request, verdicts),
    )


def _owner(simulation: Simulation, resource: str) -> str:
    segments = resource.split(":", 5)
    named = segments[4] if len(segments) > 4 and segments[4].isdigit() else ""
    return named or simulation.resource_owner or simulation.caller.account


def _sourced(decision: Decision, sources: _Sources) -> tuple[SourcedStatement, ...]:
    return tuple(
        SourcedStatement(sources[id(each.policy)], _span(sources[id(each.policy)], each))
        for each in decision.matched
    )


def _span(document: PolicyDocument, matched: MatchedStatement) -> Span:
    return statement_spans(document.text)[matched.statement.index]


def _missing(simulation: Simulation, action: str, policies: PolicySet) -> tuple[str, ...]:
    limiting = (policies.boundary, policies.resource)
    given = {key.lower() for key in simulation.context} | principal_context(simulation.caller).keys()
    missing: dict[str, str] = {}
    for policy in (*policies.identity, *(each for each in limiting if each is not None)):
        for statement in policy.about(action):
            if statement.names(simulation.caller) is Naming.NOT:
                continue
            for name in sorted(statement.context_keys):
                if name.lower() not in given:
                    missing.setdefault(name.lower(), name)
    return tuple(missing.values())


def _by_policy_type(
    simulation: Simulation, request: AuthorizationRequest, verdicts: Verdicts
) -> Mapping[PolicyType, Outcome]:
    if request.resource_owner == simulation.caller.account:
        return {}
    said = {PolicyType.IDENTITY: _says(verdicts.identity)}
    if simulation.resource_policy is not None:
        said[PolicyType.RESOURCE] = _says(verdicts.resource)
    if verdicts.boundary is not None:
        said[PolicyType.BOUNDARY] = _says(verdicts.boundary)
    return said


def _says(verdict: Verdict) -> Outcome:
    if verdict.denies:
        return Outcome.EXPLICIT_DENY
    return Outcome.ALLOWED if verdict.allows else Outcome.IMPLICIT_DENY
