"""Who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


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
        access_key_id: The key of the temporary credentials that it comes with, if any.
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
    access_key_id: str = ""

    @property
    def account_root_arn(self) -> str:
        """The ARN by which a policy names the whole account."""
        return f"arn:{self.partition}:iam::{self.account}:root"

    @property
    def is_unlimited(self) -> bool:
        """Whether no identity policy limits it: the account's own administrator."""
        return self.kind is PrincipalKind.ROOT
