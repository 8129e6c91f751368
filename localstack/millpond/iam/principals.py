"""Who a request comes from, and which policies he has: reads moto's IAM and the sessions that STS issued."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from moto.iam.models import IAMBackend, ManagedPolicy, Role, User, iam_backends

from millpond import ACCOUNT_ID
from millpond.iam.attached import Owner, default_text
from millpond.iam.backends import backend_of
from millpond.iam.evaluation.policy import CURRENT_VERSION, Policy, PolicyType, parse_policy
from millpond.iam.evaluation.principal import Principal, PrincipalKind
from millpond.iam.evaluation.request import PolicySet
from millpond.iam.exceptions import ExpiredSessionError, InvalidSessionTokenError, UnknownAccessKeyError
from millpond.iam.sessions import SESSIONS

__all__ = [
    "ADMINISTRATOR_KEY",
    "ANONYMOUS",
    "ExpiredSessionError",
    "InvalidSessionTokenError",
    "UnknownAccessKeyError",
    "account_root",
    "find_role",
    "policies_of",
    "principal_of",
    "role_session",
    "secret_of",
    "service_principal",
    "user_principal",
]

ADMINISTRATOR_KEY: Final = "test"
"""The access key of the account's administrator, as LocalStack's users expect it."""

ANONYMOUS: Final = Principal(PrincipalKind.ANONYMOUS, "*", "")
"""Whoever sends a request without a signature."""

_ARN_PARTS: Final = 6
_EVERYTHING: Final = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
)


def account_root(account: str) -> Principal:
    """The account's administrator."""
    return Principal(PrincipalKind.ROOT, f"arn:aws:iam::{account}:root", account, user_id=account)


def service_principal(host_name: str) -> Principal:
    """An AWS service that acts on its own, such as `s3.amazonaws.com`."""
    return Principal(PrincipalKind.SERVICE, host_name, "", name=host_name)


def principal_of(access_key_id: str, session_token: str | None, now: datetime | None = None) -> Principal:
    """Whose credentials these are.

    Raises:
        UnknownAccessKeyError: Nobody's, or they have been made inactive.
        InvalidSessionTokenError: The token is not the key's, is missing, or the key takes none.
        ExpiredSessionError: They were a session's that is over.
    """
    session = SESSIONS.get(access_key_id)
    if session is not None:
        if session.session_token != session_token:
            raise InvalidSessionTokenError(access_key_id)
        if session.is_over(now or datetime.now(UTC)):
            raise ExpiredSessionError(access_key_id)
        return session.principal
    if access_key_id == ADMINISTRATOR_KEY:
        return account_root(ACCOUNT_ID)
    user = _user_with_key(access_key_id)
    if session_token:
        raise InvalidSessionTokenError(access_key_id)
    return user_principal(user)


def secret_of(access_key_id: str) -> str:
    """What requests with this key are signed with.

    Raises:
        UnknownAccessKeyError: Nobody has the key.
    """
    session = SESSIONS.get(access_key_id)
    if session is not None:
        return session.secret_access_key
    if access_key_id == ADMINISTRATOR_KEY:
        return ADMINISTRATOR_KEY
    user = _user_with_key(access_key_id)
    return next(key.secret_access_key for key in user.access_keys if key.access_key_id == access_key_id)


def user_principal(user: User) -> Principal:
    """A user of moto's."""
    return Principal(
        PrincipalKind.USER,
        user.arn,
        user.account_id,
        user_id=user.id,
        name=user.name,
        tags={tag["Key"]: tag["Value"] for tag in user.tags or ()},
    )


def role_session(
    role: Role,
    session_name: str,
    tags: Mapping[str, str] | None = None,
    session: Mapping[str, tuple[str, ...]] | None = None,
    access_key_id: str = "",
) -> Principal:
    """A session of a role of moto's.

    Args:
        role: The role.
        session_name: What the session is called.
        tags: The session's own, which go before the role's.
        session: Condition keys that hold as long as the session does.
        access_key_id: The key of its credentials, by which its session policies are found.
    """
    known = {tag["Key"]: tag["Value"] for tag in role.tags or ()}
    return Principal(
        PrincipalKind.ASSUMED_ROLE,
        f"arn:{role.partition}:sts::{role.account_id}:assumed-role/{role.name}/{session_name}",
        role.account_id,
        user_id=f"{role.id}:{session_name}",
        name=session_name,
        role_arn=role.arn,
        tags=_overlaid(known, tags or {}),
        session=session or {},
        access_key_id=access_key_id,
    )


def find_role(arn: str) -> Role | None:
    """The role of an ARN, in whichever account; safe while others make roles."""
    parts = arn.split(":")
    if len(parts) != _ARN_PARTS or not parts[4].isdigit():
        return None
    name = arn.rpartition("/")[2]
    # A name is compared in less time than an ARN is put together.
    roles = [
        role for role in list(backend_of(iam_backends, parts[4], "aws").roles.values()) if role.name == name
    ]
    return next((role for role in roles if role.arn == arn), None)


def policies_of(principal: Principal) -> PolicySet:
    """The policies of a caller: identity, boundary and session; `with_resource` adds the resource's.

    A user or role that is gone has none, so that what remains of its credentials is worth nothing.
    """
    session = _session_policies(principal)
    match principal.kind:
        case PrincipalKind.USER:
            return _of_user(principal.account, principal.arn, session)
        case PrincipalKind.ASSUMED_ROLE:
            return _of_role(principal.account, principal.role_arn, session)
        case PrincipalKind.FEDERATED_USER if principal.user_arn.endswith(":root"):
            everything = parse_policy(_EVERYTHING, principal.user_arn, PolicyType.IDENTITY)
            return PolicySet(identity=(everything,), session=session)
        case PrincipalKind.FEDERATED_USER:
            return _of_user(principal.account, principal.user_arn, session)
    return PolicySet()


def _overlaid(tags: Mapping[str, str], over: Mapping[str, str]) -> dict[str, str]:
    """Tags over tags; that keys differ in case only makes no two tags of them."""
    hidden = {key.lower() for key in over}
    return {**{key: value for key, value in tags.items() if key.lower() not in hidden}, **over}


def _user_with_key(access_key_id: str) -> User:
    for account in list(iam_backends.values()):
        iam = account["aws"]
        key = iam.access_keys.get(access_key_id)
        if key is not None and key.user_name in iam.users and key.status == "Active":
            return iam.users[key.user_name]
    raise UnknownAccessKeyError(access_key_id)


def _of_user(account: str, arn: str, session: tuple[Policy, ...] | None) -> PolicySet:
    iam = backend_of(iam_backends, account, "aws")
    user = iam.users.get(arn.rpartition("/")[2])
    if user is None:
        return PolicySet(session=session)
    groups = [group for group in list(iam.groups.values()) if user in group.users]
    owners: list[Owner] = [user, *groups]
    identity = tuple(policy for owner in owners for policy in _identity_policies(owner))
    boundary = getattr(user, "permissions_boundary", None)
    boundary_arn = boundary["PermissionsBoundaryArn"] if boundary else None
    return PolicySet(identity, _boundary(iam, boundary_arn), session)


def _of_role(account: str, arn: str, session: tuple[Policy, ...] | None) -> PolicySet:
    role = find_role(arn)
    if role is None:
        return PolicySet(session=session)
    boundary = _boundary(backend_of(iam_backends, account, "aws"), role.permissions_boundary_arn)
    return PolicySet(tuple(_identity_policies(role)), boundary, session)


def _identity_policies(owner: Owner) -> Iterator[Policy]:
    """What is attached to an identity itself: inline and managed policies."""
    for name, text in list(owner.policies.items()):
        yield parse_policy(text, name, PolicyType.IDENTITY)
    for arn, managed in list(owner.managed_policies.items()):
        yield parse_policy(default_text(managed), arn, PolicyType.IDENTITY)


def _boundary(iam: IAMBackend, arn: str | None) -> Policy | None:
    """A boundary that names a policy that is gone allows nothing."""
    if not arn:
        return None
    managed = iam.managed_policies.get(arn)
    if managed is None:
        return Policy(arn, PolicyType.BOUNDARY, CURRENT_VERSION, ())
    return _in_force(managed, PolicyType.BOUNDARY)


def _in_force(managed: ManagedPolicy, policy_type: PolicyType) -> Policy:
    return parse_policy(default_text(managed), managed.arn, policy_type)


def _session_policies(principal: Principal) -> tuple[Policy, ...] | None:
    session = SESSIONS.get(principal.access_key_id) if principal.access_key_id else None
    if session is None or not session.limited:
        return None
    inline = [parse_policy(session.policy, "session policy", PolicyType.SESSION)] if session.policy else []
    known = iam_backends[principal.account]["aws"].managed_policies
    managed = (known[arn] for arn in session.policy_arns if arn in known)
    return (*inline, *(_in_force(each, PolicyType.SESSION) for each in managed))
