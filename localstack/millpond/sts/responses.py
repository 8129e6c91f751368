"""STS's wire format in and out, and whose credentials a request carries."""

from __future__ import annotations

import datetime
import re
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from millpond import ACCOUNT_ID
from millpond.iam.enforcement.authorizer import installed
from millpond.iam.evaluation import Principal
from millpond.iam.exceptions import ExpiredSessionError, InvalidSessionTokenError, UnknownAccessKeyError
from millpond.iam.principals import account_root, principal_of
from millpond.iam.sessions import Session
from millpond.sts.exceptions import ExpiredCredentialsError, InvalidClientTokenIdError, UnsupportedError
from millpond.sts.requests import Limits, validate
from millpond.sts.service import IssuedSession, SecurityTokenService, service_of

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/")
_UNSUPPORTED = {
    "SerialNumber": "multi-factor authentication",
    "ProviderId": "access tokens of OAuth 2.0",
    "ProvidedContexts": "trusted identity propagation",
}
_FORBIDDEN = ("AccessDenied", "ExpiredToken", "InvalidClientTokenId")


class SecurityTokenApi(TokenResponse):
    """The operations."""

    @property
    def backend(self) -> SecurityTokenService:
        """The service of the caller's account."""
        service = sts_backends[self.current_account][self.partition]
        assert isinstance(service, SecurityTokenService)  # noqa: S101 - install() put the class there
        return service

    def setup_class(
        self, request: Any, full_url: str | None = None, headers: Any = None, use_raw_body: bool | None = None
    ) -> None:
        """Read the request; without a connection, as under `mock_aws`, it comes from this machine."""
        super().setup_class(request, full_url, headers, use_raw_body)
        self._source_address = getattr(request, "remote_addr", None) or "127.0.0.1"

    def call_action(self) -> TYPE_RESPONSE:
        """Answer; errors that AWS's model of the service does not list are forbidden, not bad requests."""
        status, headers, body = super().call_action()
        text = body if isinstance(body, str) else body.decode()
        if status == 400 and any(f"<Code>{code}</Code>" in text for code in _FORBIDDEN):
            status = 403
        return status, headers, body

    def assume_role(self) -> ActionResult:
        """A session of a role for whoever the role trusts."""
        parameters = self._checked("AssumeRole")
        issued = self._service_of(parameters["RoleArn"]).assume_role_as(
            self._caller(),
            parameters["RoleArn"],
            parameters["RoleSessionName"],
            Limits.of(parameters),
            parameters.get("ExternalId") or "",
            self._context(),
        )
        source = issued.session.principal.session.get("aws:SourceIdentity")
        extra = {"SourceIdentity": source[0]} if source else {}
        return ActionResult({**_role_answer(issued), **extra})

    def assume_role_with_web_identity(self) -> ActionResult:
        """A session of a role for the bearer of a token."""
        parameters = self._checked("AssumeRoleWithWebIdentity")
        issued, token = self._service_of(parameters["RoleArn"]).assume_role_with_token(
            parameters["RoleArn"],
            parameters["RoleSessionName"],
            parameters["WebIdentityToken"],
            Limits.of(parameters),
            self._context(),
        )
        return ActionResult(
            {
                **_role_answer(issued),
                "SubjectFromWebIdentityToken": token.subject,
                "Provider": token.provider,
                "Audience": token.audience,
            }
        )

    def assume_role_with_saml(self) -> ActionResult:
        """A session of a role for whom an identity provider vouches for."""
        parameters = self._checked("AssumeRoleWithSAML")
        issued, assertion = self._service_of(parameters["RoleArn"]).assume_role_with_assertion(
            parameters["RoleArn"],
            parameters["PrincipalArn"],
            parameters["SAMLAssertion"],
            Limits.of(parameters),
            self._context(),
        )
        return ActionResult(
            {
                **_role_answer(issued),
                "Subject": assertion.subject,
                "SubjectType": assertion.subject_type,
                "Issuer": assertion.issuer,
                "Audience": assertion.audience,
            }
        )

    def get_session_token(self) -> ActionResult:
        """Temporary credentials of the caller himself."""
        parameters = self._checked("GetSessionToken")
        issued = self.backend.session_of_user(self._caller(), Limits.of(parameters))
        return ActionResult({"Credentials": _credentials(issued.session)})

    def get_federation_token(self) -> ActionResult:
        """Temporary credentials of somebody whom the caller vouches for."""
        parameters = self._checked("GetFederationToken")
        issued = self.backend.session_of_federated_user(
            self._caller(), parameters["Name"], Limits.of(parameters)
        )
        principal = issued.session.principal
        user = {"FederatedUserId": principal.user_id, "Arn": principal.arn}
        return ActionResult(
            {"Credentials": _credentials(issued.session), "FederatedUser": user, **_packed(issued)}
        )

    def get_caller_identity(self) -> ActionResult:
        """Who the caller is."""
        caller = self._caller()
        return ActionResult({"UserId": caller.user_id, "Account": caller.account, "Arn": caller.arn})

    # ---- requests

    def _checked(self, operation: str) -> dict[str, Any]:
        parameters = dict(self.params)
        validate(operation, parameters)
        for name, feature in _UNSUPPORTED.items():
            if parameters.get(name):
                raise UnsupportedError(f"The local cloud does not support {feature} ({name}).")
        return parameters

    def _service_of(self, role_arn: str) -> SecurityTokenService:
        """The service of the role's account."""
        return service_of(role_arn) or self.backend

    def _caller(self) -> Principal:
        """Whose credentials these are; who does not enforce IAM knows no strangers.

        Raises:
            InvalidClientTokenIdError: Nobody's.
            ExpiredCredentialsError: They were a session's that is over.
        """
        try:
            return principal_of(*self._presented_credentials())
        except ExpiredSessionError as error:
            raise ExpiredCredentialsError from error
        except (UnknownAccessKeyError, InvalidSessionTokenError) as error:
            if not installed().enforced and isinstance(error, UnknownAccessKeyError):
                return account_root(ACCOUNT_ID)
            raise InvalidClientTokenIdError from error

    def _presented_credentials(self) -> tuple[str, str | None]:
        """The access key and session token, of the signature in the headers or the one in the address."""
        signed = _CREDENTIAL.search(self.headers.get("Authorization", ""))
        if signed:
            return signed["key"], self.headers.get("X-Amz-Security-Token")
        presigned = self.querystring.get("X-Amz-Credential", [""])[0]
        token = self.querystring.get("X-Amz-Security-Token", [None])[0]
        return presigned.partition("/")[0], token

    def _context(self) -> dict[str, tuple[str, ...]]:
        """The condition keys of the request itself."""
        now = datetime.datetime.now(datetime.UTC)
        return {
            "aws:CurrentTime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
            "aws:EpochTime": (str(int(now.timestamp())),),
            "aws:RequestedRegion": (self.region,),
            "aws:SecureTransport": ("true" if self.uri.startswith("https://") else "false",),
            "aws:SourceIp": (self._source_address,),
            "aws:UserAgent": (self.headers.get("User-Agent", ""),),
        }


def _role_answer(issued: IssuedSession) -> dict[str, Any]:
    principal = issued.session.principal
    return {
        "Credentials": _credentials(issued.session),
        "AssumedRoleUser": {"AssumedRoleId": principal.user_id, "Arn": principal.arn},
        **_packed(issued),
    }


def _packed(issued: IssuedSession) -> dict[str, int]:
    return {} if issued.packed_policy_size is None else {"PackedPolicySize": issued.packed_policy_size}


def _credentials(session: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": session.expiration,
    }
