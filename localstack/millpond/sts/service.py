"""STS of one account: new sessions, who may have them, and what they may do at most."""

from __future__ import annotations

import base64
import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import moto.sts.models
from moto.iam.models import AccessKey, IAMBackend, Role, iam_backends
from moto.sts.models import AssumedRole, STSBackend

from millpond.iam.enforcement.authorizer import installed
from millpond.iam.evaluation import MalformedPolicyError, PolicyType, Principal, PrincipalKind, parse_policy
from millpond.iam.principals import find_role, role_session
from millpond.iam.sessions import SESSIONS, Session
from millpond.sts import assertions, identity_tokens, trust
from millpond.sts.exceptions import AccessDeniedError, MalformedPolicyDocumentError, ValidationError
from millpond.sts.requests import Limits
from millpond.sts.session_limits import inherited, packed_size, role_seconds, user_seconds

Context = Mapping[str, tuple[str, ...]]

_ARN_PARTS: Final = 6


@dataclass(frozen=True)
class IssuedSession:
    """A session, and how much of the room for policies and tags it takes.

    Attributes:
        session: The session.
        packed_policy_size: In per cent, `None` when nothing was passed.
    """

    session: Session
    packed_policy_size: int | None


class SecurityTokenService(STSBackend):
    """moto's, with sessions that are decided, limited and ended as on AWS."""

    @property
    def _url_module(self) -> Any:
        from millpond.sts import urls

        return urls

    @property
    def iam(self) -> IAMBackend:
        """The account's identities."""
        return iam_backends[self.account_id][self.partition]

    # ---- sessions of roles

    def assume_role_as(
        self,
        caller: Principal,
        role_arn: str,
        session_name: str,
        limits: Limits,
        external_id: str,
        context: Context,
    ) -> IssuedSession:
        """AssumeRole.

        Raises:
            AccessDeniedError: The role does not let the caller in, or there is no such role.
            ValidationError: It would last longer than the role, or a chain of roles, allows.
        """
        chained = caller.kind is PrincipalKind.ASSUMED_ROLE
        asked = inherited(caller, limits)
        role = self._role(role_arn, caller, "sts:AssumeRole")
        keys = {**context, "sts:RoleSessionName": (session_name,)}
        if external_id:
            keys["sts:ExternalId"] = (external_id,)
        if role is not None:
            trust.check(caller, "sts:AssumeRole", role, asked, keys)
        seconds = role_seconds(asked, role, chained=chained)
        return self._issue_for_role(role, role_arn, session_name, asked, seconds, {})

    def assume_role_with_token(
        self, role_arn: str, session_name: str, token: str, limits: Limits, context: Context
    ) -> tuple[IssuedSession, identity_tokens.IdentityToken]:
        """AssumeRoleWithWebIdentity.

        Raises:
            InvalidIdentityTokenError: The token comes from nowhere that the account knows.
            ExpiredTokenError: The token has ended.
            AccessDeniedError: The role does not let its bearer in.
        """
        accepted = identity_tokens.accept(token, self.iam, _now())
        caller = Principal(PrincipalKind.WEB_IDENTITY, accepted.provider, "", name=accepted.subject)
        keys = {**context, **accepted.keys, "sts:RoleSessionName": (session_name,)}
        role = self._role(role_arn, caller, "sts:AssumeRoleWithWebIdentity")
        if role is not None:
            trust.check(caller, "sts:AssumeRoleWithWebIdentity", role, limits, keys)
        seconds = role_seconds(limits, role, chained=False)
        kept = {**accepted.keys, "aws:FederatedProvider": (accepted.provider,)}
        return self._issue_for_role(role, role_arn, session_name, limits, seconds, kept), accepted

    def assume_role_with_assertion(
        self, role_arn: str, provider_arn: str, assertion: str, limits: Limits, context: Context
    ) -> tuple[IssuedSession, assertions.Assertion]:
        """AssumeRoleWithSAML.

        Raises:
            InvalidIdentityTokenError: The assertion is not about this role, or the account does not know the
                provider.
            ExpiredTokenError: The assertion has ended.
            AccessDeniedError: The role does not let its bearer in.
        """
        accepted = assertions.accept(assertion, role_arn, provider_arn, _now())
        self.iam.get_saml_provider(provider_arn)
        asked = Limits(
            limits.duration_seconds or accepted.duration_seconds,
            limits.policy,
            limits.policy_arns,
            accepted.tags,
            accepted.transitive_tag_keys,
            accepted.source_identity,
        )
        caller = Principal(PrincipalKind.SAML, provider_arn, "", name=accepted.subject)
        keys = {**context, **accepted.keys, "sts:RoleSessionName": (accepted.session_name,)}
        role = self._role(role_arn, caller, "sts:AssumeRoleWithSAML")
        if role is not None:
            trust.check(caller, "sts:AssumeRoleWithSAML", role, asked, keys)
        seconds = role_seconds(asked, role, chained=False)
        kept = {**accepted.keys, "aws:FederatedProvider": (provider_arn,)}
        return self._issue_for_role(role, role_arn, accepted.session_name, asked, seconds, kept), accepted

    def assume_role(
        self,
        region_name: str,
        role_session_name: str,
        role_arn: str,
        policy: str,
        duration: int,
        external_id: str,
    ) -> AssumedRole:
        """A session for a service that acts as a role; whether it may is looked at before."""
        owner = service_of(role_arn) or self
        role = find_role(role_arn)
        issued = owner._issue_for_role(role, role_arn, role_session_name, Limits(policy=policy), duration, {})
        key = owner.iam.access_keys[issued.session.access_key_id]
        assumed = AssumedRole(
            owner.account_id, region_name, key, role_session_name, role_arn, policy, duration, external_id
        )
        assumed.session_token = issued.session.session_token
        return assumed

    # ---- sessions of users

    def session_of_user(self, caller: Principal, limits: Limits) -> IssuedSession:
        """GetSessionToken.

        Raises:
            AccessDeniedError: The caller has temporary credentials himself.
        """
        if caller.access_key_id:
            raise AccessDeniedError("Cannot call GetSessionToken with session credentials")
        seconds = user_seconds(limits, is_root=caller.kind is PrincipalKind.ROOT)
        key = self._new_key()
        principal = Principal(
            caller.kind,
            caller.arn,
            caller.account,
            caller.user_id,
            caller.name,
            tags=caller.tags,
            session=_start_keys(),
            access_key_id=key.access_key_id,
        )
        return self._issue(key, principal, Limits(), seconds, limited=False)

    def session_of_federated_user(self, caller: Principal, name: str, limits: Limits) -> IssuedSession:
        """GetFederationToken.

        Raises:
            AccessDeniedError: The caller has temporary credentials himself.
        """
        if caller.access_key_id:
            raise AccessDeniedError("Cannot call GetFederationToken with session credentials")
        seconds = user_seconds(limits, is_root=caller.kind is PrincipalKind.ROOT)
        key = self._new_key()
        principal = Principal(
            PrincipalKind.FEDERATED_USER,
            f"arn:{self.partition}:sts::{self.account_id}:federated-user/{name}",
            self.account_id,
            user_id=f"{self.account_id}:{name}",
            name=name,
            user_arn=caller.arn,
            tags={**caller.tags, **limits.tags},
            session=_start_keys(),
            access_key_id=key.access_key_id,
        )
        return self._issue(key, principal, limits, seconds, limited=True)

    # ---- what all have in common

    def _role(self, role_arn: str, caller: Principal, action: str) -> Role | None:
        """The role. AWS does not tell one that is not there from one that lets nobody in."""
        role = find_role(role_arn)
        if role is None and installed().enforced:
            raise AccessDeniedError(
                f"User: {caller.arn} is not authorized to perform: {action} on resource: {role_arn}"
            )
        return role

    def _new_key(self) -> AccessKey:
        return self.iam.create_temp_access_key()

    def _issue_for_role(
        self,
        role: Role | None,
        role_arn: str,
        session_name: str,
        limits: Limits,
        seconds: int,
        session_keys: Context,
    ) -> IssuedSession:
        key = self._new_key()
        key.role_arn = role_arn
        keys = {**_start_keys(), **session_keys}
        if limits.source_identity:
            keys["aws:SourceIdentity"] = (limits.source_identity,)
        if role is not None:
            principal = role_session(role, session_name, limits.tags, keys, key.access_key_id)
        else:
            name = role_arn.rpartition("/")[2]
            principal = Principal(
                PrincipalKind.ASSUMED_ROLE,
                f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{name}/{session_name}",
                self.account_id,
                user_id=f"AROA{self.account_id}:{session_name}",
                name=session_name,
                role_arn=role_arn,
                session=keys,
                access_key_id=key.access_key_id,
            )
        return self._issue(key, principal, limits, seconds, limited=limits.has_policies)

    def _issue(
        self, key: AccessKey, principal: Principal, limits: Limits, seconds: int, *, limited: bool
    ) -> IssuedSession:
        self._check_policies(limits)
        session = Session(
            key.access_key_id,
            key.secret_access_key,
            _new_token(),
            principal,
            _now().replace(microsecond=0) + datetime.timedelta(seconds=seconds),
            limited,
            limits.policy,
            limits.policy_arns,
            limits.transitive_tag_keys,
        )
        SESSIONS.add(session)
        return IssuedSession(session, packed_size(limits))

    def _check_policies(self, limits: Limits) -> None:
        if limits.policy:
            try:
                parse_policy(limits.policy, "session policy", PolicyType.SESSION)
            except MalformedPolicyError as error:
                raise MalformedPolicyDocumentError(str(error)) from error
        for arn in limits.policy_arns:
            if arn not in self.iam.managed_policies:
                raise ValidationError(f"Policy {arn} does not exist or is not attachable.")


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    moto.sts.models.sts_backends.backend = SecurityTokenService


def service_of(role_arn: str) -> SecurityTokenService | None:
    """The service of the account that a role belongs to; `None` for what is no role's ARN."""
    parts = role_arn.split(":")
    if len(parts) != _ARN_PARTS or not parts[4].isdigit():
        return None
    service = moto.sts.models.sts_backends[parts[4]][parts[1]]
    assert isinstance(service, SecurityTokenService)  # noqa: S101 - install() put the class there
    return service


def _start_keys() -> dict[str, tuple[str, ...]]:
    """The condition keys that every session has from its beginning on."""
    issued = _now().strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"aws:TokenIssueTime": (issued,), "aws:MultiFactorAuthPresent": ("false",)}


def _new_token() -> str:
    return "IQoJb3JpZ2luX2Vj" + base64.b64encode(os.urandom(264)).decode()


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
