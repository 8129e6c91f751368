"""Sessions of roles that services act with: a function's, a job's, a crawler's, a delivery stream's.

A service that runs something under a role calls `service_session` and gives the credentials to what it runs;
every call that is made with them is then decided by the role's policies.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from moto.iam.models import Role
from moto.sts.models import sts_backends

from millpond import ACCOUNT_ID, DEFAULT_REGION
from millpond.iam.enforcement.actor import Actor
from millpond.iam.enforcement.authorizer import installed
from millpond.iam.enforcement.exceptions import AccessDeniedError, RoleNotAssumableError
from millpond.iam.evaluation import Principal, PrincipalKind
from millpond.iam.principals import find_role, role_session, service_principal

_DEFAULT_SECONDS = 12 * 3600


@dataclass(frozen=True)
class RoleCredentials:
    """Credentials of a role's session, as AssumeRole gives them."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    expiration: datetime.datetime

    @property
    def environment(self) -> dict[str, str]:
        """The variables in which every AWS SDK looks for them."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }


def service_session(
    role_arn: str,
    service: str,
    session_name: str,
    *,
    source_arn: str | None = None,
    duration_seconds: int = _DEFAULT_SECONDS,
) -> RoleCredentials:
    """A new session of a role for a service, which its trust policy must let in.

    Args:
        role_arn: The role.
        service: The service's principal, as `glue.amazonaws.com`.
        session_name: What the session is called: a function's name, a job run's id, ...
        source_arn: What the service acts for (`aws:SourceArn`), such as the function or job.
        duration_seconds: How long the credentials are good.

    Raises:
        RoleNotAssumableError: There is no such role, or it does not trust the service.
    """
    check_trust(role_arn, service, source_arn=source_arn)
    account_id = role_arn.split(":")[4]
    session = sts_backends[account_id]["aws"].assume_role(
        region_name=DEFAULT_REGION,
        role_session_name=session_name,
        role_arn=role_arn,
        policy="",
        duration=duration_seconds,
        external_id="",
    )
    return RoleCredentials(
        session.access_key_id,
        session.secret_access_key,
        session.session_token,
        session.expiration.replace(tzinfo=datetime.UTC),
    )


def check_trust(role_arn: str, service: str, *, source_arn: str | None = None) -> None:
    """Make sure that a service may take on a role, as services do when they are given one.

    With IAM not enforced a role need not even exist, as clouds without enforcement have always had it.

    Raises:
        RoleNotAssumableError: There is no such role, or it does not trust the service.
    """
    authorizer = installed()
    if not authorizer.enforced:
        return
    account_id = _role(role_arn, service).arn.split(":")[4]
    context = {"aws:SourceAccount": (account_id,)}
    if source_arn:
        context["aws:SourceArn"] = (source_arn,)
    try:
        authorizer.check(service_principal(service), "sts:AssumeRole", role_arn, context)
    except AccessDeniedError as error:
        raise RoleNotAssumableError(role_arn, service, str(error)) from error


def service_actor(principal: str, source_arn: str, account: str = "") -> Actor:
    """A service that acts for itself, because of something in a customer's account.

    Args:
        principal: The service's, as `s3.amazonaws.com`.
        source_arn: What it acts for (`aws:SourceArn`), as a bucket, topic or rule.
        account: The account of that (`aws:SourceAccount`), where the ARN does not tell.
    """
    segments = source_arn.split(":")
    owner = segments[4] or account or ACCOUNT_ID
    context = {"aws:SourceArn": (source_arn,), "aws:SourceAccount": (owner,)}
    region = segments[3] or DEFAULT_REGION
    return Actor(service_principal(principal), installed(), account=owner, region=region, context=context)


def role_actor(role_arn: str, session_name: str, region: str) -> Actor:
    """A service that acts under a role inside the process, without credentials.

    Args:
        role_arn: The role; one that does not exist may do nothing.
        session_name: What its session is called, such as a function's name.
        region: Where it acts.
    """
    account = role_arn.split(":")[4]
    try:
        principal = role_session(_role(role_arn, session_name), session_name)
    except RoleNotAssumableError:
        name = role_arn.rpartition("/")[2]
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session_name}"
        principal = Principal(PrincipalKind.ASSUMED_ROLE, arn, account, name=session_name, role_arn=role_arn)
    return Actor(principal, installed(), account=account, region=region)


def _role(role_arn: str, service: str) -> Role:
    role = find_role(role_arn)
    if role is None:
        raise RoleNotAssumableError(role_arn, service, "there is no such role")
    return role
