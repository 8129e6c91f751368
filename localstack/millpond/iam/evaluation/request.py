"""What is asked: who wants to do what to which resource, and under which policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from millpond.iam.evaluation.policy import Policy
from millpond.iam.evaluation.principal import Principal, PrincipalKind

__all__ = ["AuthorizationRequest", "PolicySet", "Principal", "PrincipalKind"]


@dataclass(frozen=True)
class AuthorizationRequest:
    """One action on one resource.

    Attributes:
        principal: Who asks.
        action: Such as `s3:GetObject`.
        resource: The resource's ARN; `*` where AWS knows no resource for the action.
        context: The condition keys of the request and the resource with their values; a key's case is of no
            matter. What follows from the principal (`aws:PrincipalArn`, `aws:username`, ...) need not be
            there.
        resource_account: The account that owns the resource; by default the one in its ARN, else the
            principal's.
    """

    principal: Principal
    action: str
    resource: str = "*"
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    resource_account: str = ""

    @property
    def resource_owner(self) -> str:
        """The account that owns the resource."""
        if self.resource_account:
            return self.resource_account
        segments = self.resource.split(":", 5)
        if len(segments) > 4 and segments[4].isdigit():
            return segments[4]
        return self.principal.account


@dataclass(frozen=True)
class PolicySet:
    """The policies that bear on a request.

    Attributes:
        identity: Of the user or role: inline, managed, and of the user's groups.
        boundary: The permissions boundary of the user or role.
        session: What was passed when the session began; `None` when nothing was, which limits nothing.
        resource: The resource's own policy.
        resource_policy_decides: The resource's policy must allow the caller or its account, and without one
            nobody gets in: KMS keys and roles' trust policies.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    resource: Policy | None = None
    resource_policy_decides: bool = False

    def with_resource(self, policy: Policy | None, *, decides: bool = False) -> PolicySet:
        """The same, on a resource that has this policy."""
        return PolicySet(self.identity, self.boundary, self.session, policy, decides)

    def keys_read_for(self, action: str) -> frozenset[str]:
        """The condition keys, in lower case, that a decision about an action may depend on."""
        limits = (policy for policy in (self.boundary, self.resource) if policy is not None)
        policies = (*self.identity, *(self.session or ()), *limits)
        return frozenset().union(*(policy.keys_read_for(action) for policy in policies))
