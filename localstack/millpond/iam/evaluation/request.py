"""What is asked: who wants to do what to which resource, and under which policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from millpond.iam.evaluation.policy import Policy


class PrincipalKind(Enum):
    """What a caller is; the value is what `aws:PrincipalType` says."""

    ROOT = "Account"
    USER = "User"
    ASSUMED_ROLE = "AssumedRole"
    FEDERATED_USER = "FederatedUser"
    WEB_IDENTITY = "WebIdentityUser"
    SAML = "SAMLUser"
    SERVICE = "Service"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True)
class Principal:
    """A caller.

    Attributes:
        kind: What it is.
        arn: Its ARN, as GetCallerIdentity gives it: of a role's session the session's. The host name of an
            AWS service; the ARN or name of the identity provider for a web identity; `*` for nobody in
            particular.
        account: The account that it belongs to, 12 digits; empty for services and the anonymous.
        user_id: `aws:userid`: a user's id, a session's `AROA...:name`.
        name: A user's name, a session's name, a service's host name.
        role_arn: Of a role's session: the role, with its path.
        user_arn: Of a federated user's session: the user who called GetFederationToken.
        tags: Of the user or role, overlaid by the session's: `aws:PrincipalTag/...`.
        session: Condition keys that were set when the session began, such as `aws:TokenIssueTime`,
            `aws:MultiFactorAuthPresent` and `aws:SourceIdentity`.
        partition: The partition of its ARN.
    """

    kind: PrincipalKind
    arn: str
    account: str
    user_id: str = ""
    name: str = ""
    role_arn: str = ""
    user_arn: str = ""
    tags: Mapping[str, str] = field(default_factory=dict, hash=False)
    session: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    partition: str = "aws"

    @property
    def account_root_arn(self) -> str:
        """The ARN by which a policy names the whole account."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def is_unlimited(self) -> bool:
        """Whether no identity policy limits it: the account's own administrator."""
        return self.kind is PrincipalKind.ROOT


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
        return replace(self, resource=policy, resource_policy_decides=decides)
