"""AWS's evaluation logic: an explicit deny anywhere, then whether something allows and nothing limits.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from millpond.iam.evaluation.conditions import Context
from millpond.iam.evaluation.context import global_context
from millpond.iam.evaluation.decision import Decision, MatchedStatement, Outcome
from millpond.iam.evaluation.named_principals import Naming
from millpond.iam.evaluation.policy import Effect, Policy, PolicyType
from millpond.iam.evaluation.principal import Principal, PrincipalKind
from millpond.iam.evaluation.request import AuthorizationRequest, PolicySet


@dataclass(frozen=True)
class Verdict:
    """What the policies of one type say.

    Attributes:
        allows: The statements that allow the request.
        denies: The statements that deny it.
        naming: How directly the resource's policy names the caller where it allows.
    """

    allows: tuple[MatchedStatement, ...] = ()
    denies: tuple[MatchedStatement, ...] = ()
    naming: Naming = Naming.NOT


_SILENT = Verdict()


@dataclass(frozen=True)
class Verdicts:
    """What each type of policy says; `None` where there is no policy of a type that limits."""

    identity: Verdict
    boundary: Verdict | None
    session: Verdict | None
    resource: Verdict

    def denies(self) -> tuple[MatchedStatement, ...]:
        """The denying statements of the first type of policy that has any."""
        for verdict in (self.resource, self.identity, self.boundary, self.session):
            if verdict is not None and verdict.denies:
                return verdict.denies
        return ()


def evaluate(request: AuthorizationRequest, policies: PolicySet) -> Decision:
    """Whether the policies let the request pass."""
    verdicts = judge(request, policies)
    denies = verdicts.denies()
    if denies:
        return Decision(request, Outcome.EXPLICIT_DENY, denies[0].policy.type, denies)
    return _decide(request, policies, verdicts)


def judge(request: AuthorizationRequest, policies: PolicySet) -> Verdicts:
    """What each type of policy says on its own."""
    context = global_context(request)
    return Verdicts(
        identity=_verdict(policies.identity, request, context),
        boundary=_verdict((policies.boundary,), request, context) if policies.boundary else None,
        session=_verdict(policies.session, request, context) if policies.session is not None else None,
        resource=_verdict((policies.resource,), request, context) if policies.resource else _SILENT,
    )


def _verdict(policies: tuple[Policy, ...], request: AuthorizationRequest, context: Context) -> Verdict:
    allows: list[MatchedStatement] = []
    denies: list[MatchedStatement] = []
    strongest = Naming.NOT
    principal, resource = request.principal, request.resource
    for beginnings, candidate in _about(policies, request.action):
        if not resource.startswith(beginnings):
            continue
        statement = candidate.statement
        naming = statement.names(principal)
        if naming is Naming.NOT or not statement.applies_to(resource, context):
            continue
        if statement.effect is Effect.DENY:
            denies.append(candidate)
        else:
            allows.append(candidate)
            strongest = max(strongest, naming)
    return Verdict(tuple(allows), tuple(denies), strongest)


@lru_cache(maxsize=4096)
def _about(policies: tuple[Policy, ...], action: str) -> tuple[tuple[tuple[str, ...], MatchedStatement], ...]:
    """What in some policies is about an action, each statement after how the resources that it means begin.

    Most statements are about other actions, and most of the others about other resources.
    """
    return tuple(
        (statement.beginnings, MatchedStatement(policy, statement))
        for policy in policies
        for statement in policy.about(action)
    )


def _decide(request: AuthorizationRequest, policies: PolicySet, verdicts: Verdicts) -> Decision:
    """The decision when nothing denies."""
    principal = request.principal
    granted = verdicts.resource.naming
    resource_type = policies.resource.type if policies.resource else PolicyType.RESOURCE
    if not principal.account:
        return _settled(request, verdicts, None if granted is Naming.ITSELF else resource_type)
    foreign = principal.account != request.resource_owner
    if not foreign and _is_enough(granted, principal):
        return _settled(request, verdicts, None)
    lacking = _identity_lacks(principal, verdicts, granted if not foreign else Naming.NOT)
    if (foreign or policies.resource_policy_decides) and granted is Naming.NOT:
        lacking = resource_type if policies.resource_policy_decides else lacking or resource_type
    return _settled(request, verdicts, lacking)


def _is_enough(granted: Naming, principal: Principal) -> bool:
    """Whether the resource's policy alone lets a caller of its own account in, whatever limits him."""
    return granted is Naming.ITSELF or (granted is Naming.ACCOUNT and principal.kind is PrincipalKind.ROOT)


def _identity_lacks(principal: Principal, verdicts: Verdicts, granted: Naming) -> PolicyType | None:
    """The type of the caller's own policies that does not let the request pass, if any."""
    if principal.kind is PrincipalKind.ROOT:
        return None
    if not verdicts.identity.allows and granted is not Naming.ROLE:
        return PolicyType.IDENTITY
    if verdicts.boundary is not None and not verdicts.boundary.allows:
        return PolicyType.BOUNDARY
    if verdicts.session is not None and not verdicts.session.allows:
        return PolicyType.SESSION
    return None


def _settled(request: AuthorizationRequest, verdicts: Verdicts, lacking: PolicyType | None) -> Decision:
    if lacking is not None:
        return Decision(request, Outcome.IMPLICIT_DENY, lacking)
    allows = verdicts.identity.allows + verdicts.resource.allows
    return Decision(request, Outcome.ALLOWED, allows[0].policy.type if allows else None, allows)
