"""The gate of the endpoint: every request's caller and rights are looked at before any service sees it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from millpond import ACCOUNT_ID, DEFAULT_REGION
from millpond.iam.enforcement import denials
from millpond.iam.enforcement.authorizer import Authorizer
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.denials import Refusal
from millpond.iam.enforcement.exceptions import AccessDeniedError
from millpond.iam.enforcement.object_deletions import (
    DeniedDeletion,
    denied_deletions,
    leave_out,
    names_objects,
    with_errors,
)
from millpond.iam.enforcement.post_policy import Upload, why_not_signed
from millpond.iam.enforcement.request_body import Environ, browsers_form, size_of_upload
from millpond.iam.enforcement.request_context import Context, request_context
from millpond.iam.enforcement.requests import FORM, Signature, call_of, is_unknown, signature_of
from millpond.iam.enforcement.session_credentials import may_call
from millpond.iam.enforcement.tables.registry import TABLES
from millpond.iam.evaluation import AuthorizationRequest, Principal
from millpond.iam.exceptions import CredentialsError
from millpond.iam.principals import ANONYMOUS, account_root, principal_of

# Paths that are no service's: moto's own, and what an instance asks about itself.
_OPEN_PATHS = ("/moto-api", "/favicon.ico", "/latest/meta-data", "/latest/api", "/_aws/")


@dataclass(frozen=True)
class Admission:
    """A request that may go on.

    Attributes:
        caller: Who sent it.
        call: What it asks for; `None` where nothing was decided.
        denied: What of it was left out, and is to be told with the answer.
    """

    caller: Principal
    call: ServiceCall | None = None
    denied: tuple[DeniedDeletion, ...] = ()

    @property
    def may_show_absence(self) -> bool:
        """Whether the answer may say that something is not there, whatever the caller's other rights."""
        call = self.call
        return call is None or call.service != "s3" or call.operation not in ("GetObject", "HeadObject")


class Gate:
    """Lets requests through to the services, or not."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def admit(self, environ: Environ) -> Admission | Refusal:
        """Decide on a request."""
        if environ["PATH_INFO"].startswith(_OPEN_PATHS) or environ["REQUEST_METHOD"] == "OPTIONS":
            return Admission(account_root(ACCOUNT_ID))
        signature = signature_of(environ)
        if signature is None:
            return self._admit_unsigned(environ)
        # What is dispatched by the header must be what was decided, however oddly the header was spelt.
        environ["HTTP_AUTHORIZATION"] = signature.header
        try:
            caller = principal_of(signature.access_key_id, signature.session_token)
        except CredentialsError as error:
            if self._authorizer.enforced:
                return denials.unauthenticated(signature.service, environ, error)
            caller = account_root(ACCOUNT_ID)
        if not self._authorizer.enforced:
            return Admission(caller)
        call = call_of(environ, signature, caller, caller.account or ACCOUNT_ID)
        if call.service in TABLES and is_unknown(call, environ):
            return denials.unknown_operation(call, environ)
        if not may_call(caller, call):
            return denials.not_with_session(call, environ)
        return self._decide(call, environ)

    def refusal_of_absence(self, admitted: Admission, environ: Environ) -> Refusal | None:
        """What to answer in place of "not found": only who may list a bucket learns what is not in it.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        """
        call = admitted.call
        if call is None:
            return None
        resource = f"arn:{call.partition}:s3:::{call.parameters.get('Bucket', '')}"
        decision = self._authorizer.decide(
            AuthorizationRequest(call.caller, "s3:ListBucket", resource, request_context(call, environ))
        )
        return None if decision.allowed else denials.denied("s3", environ, decision)

    def _admit_unsigned(self, environ: Environ) -> Admission | Refusal:
        """Requests of nobody in particular: those to S3 may be public, others come to take up an identity."""
        if not self._authorizer.enforced:
            return Admission(account_root(ACCOUNT_ID))
        content_type: str = environ.get("CONTENT_TYPE") or ""
        if environ.get("HTTP_X_AMZ_TARGET"):
            return denials.unsigned("", environ)
        if content_type.startswith("application/x-www-form-urlencoded"):
            call = call_of(environ, _unsigned("sts"), ANONYMOUS, ACCOUNT_ID)
            free = call.operation.startswith("AssumeRoleWith")
            return Admission(ANONYMOUS, call) if free else denials.unsigned("sts", environ)
        # moto lets nobody without a signature in; whether he may come in is decided here.
        environ["HTTP_AUTHORIZATION"] = _unsigned("s3").header
        call = call_of(environ, _unsigned("s3"), ANONYMOUS, ACCOUNT_ID)
        return self._decide(call, environ)

    def _decide(self, call: ServiceCall, environ: Environ) -> Admission | Refusal:
        context = request_context(call, environ)
        if call.service == "s3" and call.operation == "DeleteObjects":
            return self._decide_each(call, context, environ)
        if call.operation == "PostObject" and call.authentication == FORM:
            broken = why_not_signed(_upload(call, environ), datetime.datetime.now(datetime.UTC))
            if broken is not None:
                return denials.broken_policy(environ, broken)
        try:
            self._authorizer.check_call(call, context)
        except AccessDeniedError as error:
            return denials.denied(call.service, environ, error.decision)
        return Admission(call.caller, call)

    def _decide_each(self, call: ServiceCall, context: Context, environ: Environ) -> Admission | Refusal:
        """Decide object by object: what is denied keeps nothing else from being deleted."""
        if not names_objects(call):
            return denials.malformed_xml(environ)
        denied = denied_deletions(call, self._authorizer.denials_of_call(call, context))
        if denied and not leave_out(denied, call, environ):
            return denials.answer_in_xml(with_errors(b"", denied))
        return Admission(call.caller, call, denied)


def _upload(call: ServiceCall, environ: Environ) -> Upload:
    """What a browser's form brings."""
    return Upload(str(call.parameters.get("Bucket", "")), browsers_form(environ), size_of_upload(environ))


def _unsigned(service: str) -> Signature:
    return Signature("anonymous", None, service, DEFAULT_REGION, place="")
