"""Who a request comes from, and which policies he has: reads moto's IAM and STS."""

from __future__ import annotations

from datetime import datetime

from millpond.iam.evaluation.request import PolicySet, Principal, PrincipalKind

ADMINISTRATOR_KEY = "test"


class UnknownAccessKeyError(LookupError):
    """Nobody has this access key: `InvalidClientTokenId`, `InvalidAccessKeyId`, ... by service."""


class InvalidSessionTokenError(LookupError):
    """The session token is not the one that belongs to the access key: `InvalidToken`, ... by service."""


class ExpiredSessionError(LookupError):
    """The session is over: `ExpiredToken`, `ExpiredTokenException` by service."""


ANONYMOUS = Principal(PrincipalKind.ANONYMOUS, "*", "")


def account_root(account: str) -> Principal:
    """The account's administrator."""
    arn = f"arn:aws:iam::{account}:root"
    return Principal(PrincipalKind.ROOT, arn, account, user_id=account)


def service_principal(host_name: str) -> Principal:
    """An AWS service that acts on its own, such as `s3.amazonaws.com`."""
    return Principal(PrincipalKind.SERVICE, host_name, "", name=host_name)


def principal_of(access_key_id: str, session_token: str | None, now: datetime | None = None) -> Principal:
    """Whose credentials these are.

    Raises:
        UnknownAccessKeyError: Nobody's.
        InvalidSessionTokenError: The token is not the key's, or is missing.
        ExpiredSessionError: They were a session's that is over.
    """
    raise NotImplementedError


def policies_of(principal: Principal) -> PolicySet:
    """The policies of a caller: identity, boundary and session; `with_resource` adds the resource's."""
    raise NotImplementedError


def session_of_role(role_arn: str, session_name: str) -> Principal:
    """The session that a service acts with when it acts as a role without credentials."""
    raise NotImplementedError
