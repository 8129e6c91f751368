"""Whether a caller may take a route, and what is known of him then.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from moto.apigatewayv2.models import Authorizer

from millpond.apigateway.exceptions import RequestRefused, Unsupported
from millpond.apigateway.integrations import Integrations, request_value, source_arn
from millpond.apigateway.payloads import Routed, event_1_0, event_2_0
from millpond.iam.enforcement import AccessDeniedError, installed
from millpond.iam.exceptions import CredentialsError
from millpond.iam.principals import ANONYMOUS, principal_of

_SECONDS = 10.0
_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)")


def authorize(
    kind: str | None, authorizer: Authorizer | None, routed: Routed, integrations: Integrations
) -> Mapping[str, Any]:
    """Let a request through; returns what stands in its event's `authorizer`.

    Args:
        kind: The route's authorization type.
        authorizer: The route's authorizer, if it has one.
        routed: The request.
        integrations: Calls a function that is asked.

    Raises:
        RequestRefused: The caller may not, or the local cloud does not do this kind of authorization.
    """
    if kind in (None, "NONE"):
        return {}
    if kind == "AWS_IAM":
        return by_signature(routed)
    if kind == "CUSTOM" and authorizer is not None and authorizer.authorizer_type == "REQUEST":
        return _by_function(authorizer, routed, integrations)
    raise Unsupported(f"the authorization type {kind} (it does AWS_IAM and functions of type REQUEST)")


def by_signature(routed: Routed) -> Mapping[str, Any]:
    """Authorize by IAM: the caller's policies must allow `execute-api:Invoke`.

    Raises:
        RequestRefused: They do not, or the request is not signed.
    """
    header = routed.request.header("authorization")
    token = routed.request.header("x-amz-security-token") or None
    found = _CREDENTIAL.search(header)
    try:
        caller = principal_of(found[1], token) if found else ANONYMOUS
        installed().check(caller, "execute-api:Invoke", source_arn(routed))
    except (AccessDeniedError, CredentialsError):
        raise _forbidden() from None
    if found is None:
        raise RequestRefused(403, "Missing Authentication Token", "MissingAuthenticationTokenException")
    return {
        "iam": {
            "accessKey": found[1],
            "accountId": caller.account,
            "callerId": caller.user_id,
            "userArn": caller.arn,
            "userId": caller.user_id,
        }
    }


def _by_function(authorizer: Authorizer, routed: Routed, integrations: Integrations) -> Mapping[str, Any]:
    sources: list[str] = [source for source in authorizer.identity_source or () if source]
    if not all(request_value(source, routed) for source in sources):
        raise RequestRefused(401, "Unauthorized")
    simple = bool(authorizer.enable_simple_response)
    second_format = authorizer.auth_payload_format_version == "2.0"
    event = event_2_0(routed) if second_format else event_1_0(routed, http_api=True)
    values = [request_value(source, routed) for source in sources]
    event |= {
        "type": "REQUEST",
        "routeArn" if second_format else "methodArn": source_arn(routed),
        "identitySource": values if second_format else ",".join(values),
    }
    payload = integrations.invoke_function(
        authorizer.authorizer_uri, event, routed, authorizer.auth_creds_arn, _SECONDS
    )
    answer = json.loads(payload)
    allowed = answer.get("isAuthorized") is True if simple else _allows(answer.get("policyDocument") or {})
    if not allowed:
        raise _forbidden()
    context = answer.get("context") or {}
    return {"lambda": context} if second_format else {"principalId": answer.get("principalId"), **context}


def _allows(document: Mapping[str, Any]) -> bool:
    """Whether a policy lets its bearer in: such policies allow or deny the whole call."""
    statements = document.get("Statement") or ()
    effects = [statement.get("Effect") for statement in statements]
    return "Deny" not in effects and "Allow" in effects


def _forbidden() -> RequestRefused:
    return RequestRefused(403, "Forbidden", "ForbiddenException")
