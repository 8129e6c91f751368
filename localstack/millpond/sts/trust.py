"""Whether a role lets somebody in: its trust policy, and the caller's own policies, on `sts:AssumeRole...`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
"""

from __future__ import annotations

from collections.abc import Mapping

from moto.iam.models import Role

from millpond.iam.enforcement.authorizer import installed
from millpond.iam.evaluation import (
    AuthorizationRequest,
    Decision,
    Outcome,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    evaluate,
    parse_policy,
)
from millpond.iam.principals import policies_of
from millpond.sts.exceptions import AccessDeniedError
from millpond.sts.requests import Limits


def check(
    caller: Principal,
    action: str,
    role: Role,
    limits: Limits,
    context: Mapping[str, tuple[str, ...]],
) -> None:
    """Make sure that the caller may have a session of the role, with its tags and source identity.

    The account's administrator may have one of any role that does not deny it to him: on AWS the root user
    can assume no role at all, but here whoever owns the machine must be able to act as any role to test it.
    A federated user may call nothing of STS but GetCallerIdentity, whatever policies say:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html

    Raises:
        AccessDeniedError: He may not.
    """
    if not installed().enforced:
        return
    if caller.kind is PrincipalKind.FEDERATED_USER:
        raise AccessDeniedError(
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {role.arn}"
        )
    asked = {**context, **_session_keys(limits), **_role_keys(role)}
    policies = _trusting_policies(role, caller)
    for needed in _actions(action, limits):
        decision = _decide(AuthorizationRequest(caller, needed, role.arn, asked), policies)
        if not decision.allowed:
            raise AccessDeniedError(
                decision.message() if caller.account else f"Not authorized to perform {needed}"
            )


def _trusting_policies(role: Role, caller: Principal) -> PolicySet:
    """The caller's policies and the role's trust policy, without which nobody gets in."""
    trust = parse_policy(role.assume_role_policy_document, role.arn, PolicyType.TRUST)
    return policies_of(caller).with_resource(trust, decides=True)


def _decide(request: AuthorizationRequest, policies: PolicySet) -> Decision:
    if not request.principal.is_unlimited:
        return installed().decide(request, policies)
    decision = evaluate(request, policies)
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return decision
    return Decision(request, Outcome.ALLOWED, None)


def _actions(action: str, limits: Limits) -> tuple[str, ...]:
    """Tags and a source identity each need a right of their own."""
    tagging = ("sts:TagSession",) if limits.tags or limits.transitive_tag_keys else ()
    naming = ("sts:SetSourceIdentity",) if limits.source_identity else ()
    return (action, *tagging, *naming)


def _session_keys(limits: Limits) -> dict[str, tuple[str, ...]]:
    """The condition keys that tell what a new session is to be."""
    keys: dict[str, tuple[str, ...]] = {
        f"aws:RequestTag/{key}": (value,) for key, value in limits.tags.items()
    }
    if limits.tags:
        keys["aws:TagKeys"] = tuple(limits.tags)
    if limits.transitive_tag_keys:
        keys["sts:TransitiveTagKeys"] = limits.transitive_tag_keys
    if limits.source_identity:
        keys["sts:SourceIdentity"] = (limits.source_identity,)
    return keys


def _role_keys(role: Role) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for tag in role.tags or ():
        keys[f"aws:ResourceTag/{tag['Key']}"] = keys[f"iam:ResourceTag/{tag['Key']}"] = (tag["Value"],)
    return keys
