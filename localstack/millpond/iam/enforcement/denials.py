"""How each service says no: the code, the status and the shape of its answer.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.post_policy import Broken
from millpond.iam.evaluation import Decision
from millpond.iam.exceptions import CredentialsError, ExpiredSessionError, InvalidSessionTokenError

_JSON_TYPE = "application/x-amz-json-1.1"
_REASONS = {400: "400 Bad Request", 403: "403 Forbidden"}

# Services whose requests are forms and answers are XML; all that are neither these nor S3 answer JSON.
_QUERY_SERVICES = frozenset({"iam", "sts", "sns", "ec2", "autoscaling", "rds", "elasticloadbalancing", "ses"})
_REST_JSON_SERVICES = frozenset(
    {"airflow", "apigateway", "batch", "eks", "execute-api", "kafka", "lakeformation", "lambda", "scheduler"}
)
_CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError", "sqs": "AccessDenied"}


@dataclass(frozen=True)
class Refusal:
    """An answer that lets a request go no further."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def denied(service: str, environ: Mapping[str, Any], decision: Decision) -> Refusal:
    """The answer to a call that a decision has denied."""
    if service in ("s3", "s3control"):
        return _s3(environ, 403, "AccessDenied", decision.message(quote_resource=True))
    message = decision.message()
    if decision.request.action.startswith("sqs:"):  # SQS spells actions so
        message = message.replace(decision.request.action, decision.request.action.lower())
    if service == "ec2":
        message = f"You are not authorized to perform this operation. {message}"
    return _answer(service, environ, 403, "AccessDenied", message)


def unauthenticated(service: str, environ: Mapping[str, Any], error: CredentialsError) -> Refusal:
    """The answer to a request whose credentials are not good."""
    expired = isinstance(error, ExpiredSessionError)
    if service in ("s3", "s3control"):
        if expired:
            return _s3(environ, 400, "ExpiredToken", "The provided token has expired.")
        if isinstance(error, InvalidSessionTokenError):
            message = "The provided token is malformed or otherwise invalid."
            return _s3(environ, 400, "InvalidToken", message)
        message = "The AWS Access Key Id you provided does not exist in our records."
        return _s3(environ, 403, "InvalidAccessKeyId", message)
    if _speaks_query(service, environ):
        code = "ExpiredToken" if expired else "InvalidClientTokenId"
    else:
        code = "ExpiredTokenException" if expired else "UnrecognizedClientException"
    return _answer(service, environ, 403, code, str(error))


def not_with_session(call: ServiceCall, environ: Mapping[str, Any]) -> Refusal:
    """The answer to a call for which the caller's kind of temporary credentials is never good."""
    if call.service == "iam":
        message = "The security token included in the request is invalid"
        return _answer("iam", environ, 403, "InvalidClientTokenId", message)
    message = f"Cannot call {call.operation} with session credentials"
    return _answer(call.service, environ, 403, "AccessDenied", message)


def unknown_operation(call: ServiceCall, environ: Mapping[str, Any]) -> Refusal:
    """The answer to a request for an operation that the service does not have."""
    if _speaks_query(call.service, environ):
        message = f"The action {call.operation} is not valid for this web service."
        return _answer(call.service, environ, 400, "InvalidAction", message)
    message = f"{call.service} has no operation {call.operation!r}"
    return _answer(call.service, environ, 400, "UnknownOperationException", message)


def answer_in_xml(body: bytes) -> Refusal:
    """The answer to a request for several things, each of which was denied: that it was is told in it."""
    return Refusal("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))], body)


def malformed_xml(environ: Mapping[str, Any]) -> Refusal:
    """The answer of S3 to a body that does not say what is to be done."""
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return _s3(environ, 400, "MalformedXML", message)


def broken_policy(environ: Mapping[str, Any], broken: Broken) -> Refusal:
    """The answer to an upload by a form that is not what was signed."""
    return _s3(environ, broken.status, broken.code, broken.message)


def unsigned(service: str, environ: Mapping[str, Any]) -> Refusal:
    """The answer to a request without a signature, at a service that lets nobody in without one."""
    return _answer(service, environ, 403, "MissingAuthenticationToken", "Missing Authentication Token")


def _answer(service: str, environ: Mapping[str, Any], status: int, code: str, message: str) -> Refusal:
    if service == "ec2":
        code = _CODES["ec2"] if code == "AccessDenied" else code
        errors = f"<Errors><Error>{_xml_error(code, message)}</Error></Errors>"
        body = f"<Response>{errors}<RequestID>{_id()}</RequestID></Response>"
        return _refusal(status, "text/xml", body)
    if _speaks_query(service, environ):
        code = _CODES.get(service, code) if code == "AccessDenied" else code
        error = f"<Error><Type>Sender</Type>{_xml_error(code, message)}</Error>"
        body = f"<ErrorResponse>{error}<RequestId>{_id()}</RequestId></ErrorResponse>"
        return _refusal(status, "text/xml", body)
    if code == "AccessDenied":
        code = _CODES.get(service, "AccessDeniedException")
    body = json.dumps({"__type": code, "Message": message, "message": message})
    if service in _REST_JSON_SERVICES:
        return _refusal(status, "application/json", body, ("x-amzn-ErrorType", code))
    if service == "sqs":
        return _refusal(status, "application/x-amz-json-1.0", body, ("x-amzn-query-error", f"{code};Sender"))
    return _refusal(400, _JSON_TYPE, body, ("x-amzn-ErrorType", code))


def _speaks_query(service: str, environ: Mapping[str, Any]) -> bool:
    content_type: str = environ.get("CONTENT_TYPE") or ""
    return service in _QUERY_SERVICES or content_type.startswith("application/x-www-form-urlencoded")


def _s3(environ: Mapping[str, Any], status: int, code: str, message: str) -> Refusal:
    if environ["REQUEST_METHOD"] == "HEAD":  # whose answers have no body
        return _refusal(status, "application/xml", "")
    request_id = _id()
    ids = f"<RequestId>{request_id}</RequestId><HostId>{request_id}</HostId>"
    body = f"<Error>{_xml_error(code, message)}{ids}</Error>"
    return _refusal(status, "application/xml", body)


def _refusal(status: int, content_type: str, text: str, *headers: tuple[str, str]) -> Refusal:
    is_xml = content_type.endswith("xml") and text
    body = ('<?xml version="1.0" encoding="UTF-8"?>\n' + text if is_xml else text).encode()
    length = ("Content-Length", str(len(body)))
    return Refusal(
        _REASONS[status],
        [("Content-Type", content_type), ("x-amzn-RequestId", _id()), *headers, length],
        body,
    )


def _xml_error(code: str, message: str) -> str:
    return f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"


def _id() -> str:
    return str(uuid.uuid4())
