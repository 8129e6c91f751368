"""The events that functions get of a request, and the answers that they may give.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import binascii
import json
import urllib.parse
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from millpond.apigateway.exceptions import RequestRefused
from millpond.apigateway.requests import ApiAnswer, ApiRequest


@dataclass(frozen=True)
class Routed:
    """A request with the route that it takes.

    Attributes:
        account_id: Of the API.
        stage: The stage's name.
        route_key: Of an HTTP API, `POST /events`; of a REST API the resource's path.
        path: The request's path below the stage, quoted.
        variables: Of the route's path.
        stage_variables: Of the stage.
        authorizer: What the authorizer has found out about the caller.
        resource_id: Of the resource, in a REST API.
        deployment_id: Of the deployment that the stage of a REST API serves.
    """

    request: ApiRequest
    account_id: str
    region: str
    stage: str
    route_key: str
    path: str
    variables: Mapping[str, str]
    stage_variables: Mapping[str, str]
    authorizer: Mapping[str, Any] = field(default_factory=dict)
    resource_id: str | None = None
    deployment_id: str | None = None


_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


def event_2_0(routed: Routed) -> dict[str, Any]:
    """The event of payload format 2.0; what there is nothing of is left out."""
    request = routed.request
    cookies = [part.strip() for part in request.header("cookie").split(";") if part.strip()]
    parameters: dict[str, str] = {}
    for name, value in request.parameters:
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    content_type = request.header("content-type")
    is_text = not content_type or content_type.startswith(_TEXT_TYPES) or "+json" in content_type
    optional = {
        "cookies": cookies,
        "queryStringParameters": parameters,
        "pathParameters": dict(routed.variables),
        "stageVariables": dict(routed.stage_variables),
    }
    raw_path = urllib.parse.unquote(request.path)
    event = {
        "version": "2.0",
        "routeKey": routed.route_key,
        "rawPath": raw_path,
        "rawQueryString": request.query,
        "headers": {name: ",".join(values) for name, values in request.headers.items() if name != "cookie"},
        **{name: value for name, value in optional.items() if value},
        "requestContext": {
            "accountId": routed.account_id,
            "apiId": request.api_id,
            **({"authorizer": dict(routed.authorizer)} if routed.authorizer else {}),
            "domainName": request.domain_name,
            "domainPrefix": request.api_id,
            "http": {
                "method": request.method,
                "path": raw_path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent"),
            },
            "requestId": request.id,
            "routeKey": routed.route_key,
            "stage": routed.stage,
            "time": _clf_time(request),
            "timeEpoch": int(request.time.timestamp() * 1000),
        },
        "isBase64Encoded": False,
    }
    if request.body:
        event |= _body(request.body, is_text=is_text)
    return event


def event_1_0(routed: Routed, http_api: bool, binary_types: Collection[str] = ()) -> dict[str, Any]:
    """The event of payload format 1.0; what there is nothing of is null.

    Args:
        routed: The request.
        http_api: Whether an HTTP API sends it; these are told apart by a version.
        binary_types: The media types that a REST API takes for binary.
    """
    request = routed.request
    several: dict[str, list[str]] = {}
    for name, value in request.parameters:
        several.setdefault(name, []).append(value)
    resource = routed.route_key.rpartition(" ")[2]
    headers = {
        _spelled(name): list(values)
        for name, values in request.headers.items()
        if http_api or name != "content-length"
    }
    event: dict[str, Any] = {
        **({"version": "1.0"} if http_api else {}),
        "resource": resource,
        "path": urllib.parse.unquote(request.path if http_api else routed.path),
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()},
        "multiValueHeaders": headers,
        "queryStringParameters": {name: values[-1] for name, values in several.items()} or None,
        "multiValueQueryStringParameters": several or None,
        "requestContext": {
            "accountId": routed.account_id,
            "apiId": request.api_id,
            **({"authorizer": dict(routed.authorizer)} if routed.authorizer else {}),
            **({"deploymentId": routed.deployment_id} if routed.deployment_id else {}),
            "domainName": request.domain_name,
            "domainPrefix": request.api_id,
            "extendedRequestId": request.id,
            "httpMethod": request.method,
            "identity": {
                **_NOBODY,
                "sourceIp": request.source_ip,
                "userAgent": request.header("user-agent"),
            },
            "path": urllib.parse.unquote(request.path),
            "protocol": request.protocol,
            "requestId": request.id,
            "requestTime": _clf_time(request),
            "requestTimeEpoch": int(request.time.timestamp() * 1000),
            "resourceId": routed.resource_id,
            "resourcePath": resource,
            "stage": routed.stage,
        },
        "pathParameters": dict(routed.variables) or None,
        "stageVariables": dict(routed.stage_variables) or None,
        "body": None,
        "isBase64Encoded": False,
    }
    if request.body:
        content_type = request.header("content-type")
        if http_api:
            is_text = not content_type or content_type.startswith(_TEXT_TYPES)
        else:
            is_text = not is_binary(content_type, binary_types)
        event |= _body(request.body, is_text=is_text)
    return event


# What payload format 1.0 says of callers who have not signed their request.
_NOBODY = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)


def _spelled(header: str) -> str:
    """A header's name as most clients write it, and format 1.0 passes it on."""
    return "-".join(part.capitalize() for part in header.split("-"))


def _body(body: bytes, *, is_text: bool) -> dict[str, Any]:
    if is_text:
        try:
            return {"body": body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _clf_time(request: ApiRequest) -> str:
    return request.time.strftime("%d/%b/%Y:%H:%M:%S +0000")


def answer_2_0(payload: bytes) -> ApiAnswer:
    """The answer in what a function has returned; without a status it is all body.

    Raises:
        RequestRefused: It is none.
    """
    returned = _returned(payload)
    if isinstance(returned, dict) and "statusCode" in returned:
        return _answer(returned)
    body = returned if isinstance(returned, str) else json.dumps(returned, separators=(",", ":"))
    return ApiAnswer(200, (("Content-Type", "application/json"),), body.encode())


def answer_1_0(payload: bytes) -> ApiAnswer:
    """The answer in what a function has returned, which must have a status.

    Raises:
        RequestRefused: It has none.
    """
    returned = _returned(payload)
    if not isinstance(returned, dict) or "statusCode" not in returned:
        raise _malformed()
    return _answer(returned)


def answer_of_rest(payload: bytes, binary: bool) -> ApiAnswer:
    """The answer in what the function behind a REST API has returned, where everything must be as documented.

    Args:
        payload: What it returned.
        binary: Whether the caller takes, and the API gives, binary answers; else base64 stays what it is.

    Raises:
        RequestRefused: It has members that an answer has not, or a body that is no text.
    """
    returned = _returned(payload)
    if not isinstance(returned, dict) or not returned.keys() <= _OF_ANSWER:
        raise _malformed()
    if not isinstance(returned.get("body"), str | None):
        raise _malformed()
    encoded = bool(returned.get("isBase64Encoded")) and binary
    answer = {"statusCode": 200, **returned, "isBase64Encoded": encoded}
    return _answer(answer, content_type="application/json")


_OF_ANSWER = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}


def is_binary(media_types: str, binary_types: Collection[str]) -> bool:
    """Whether what a header names first is one of the types that an API takes for binary.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
    """
    first = media_types.partition(",")[0].partition(";")[0].strip()
    return "*/*" in binary_types or first in binary_types


def _returned(payload: bytes) -> Any:
    return json.loads(payload) if payload else None


def _answer(returned: Mapping[str, Any], content_type: str = "text/plain; charset=utf-8") -> ApiAnswer:
    body = returned.get("body")
    text = "" if body is None else body if isinstance(body, str) else json.dumps(body)
    try:
        status = int(returned["statusCode"])
        content = base64.b64decode(text, validate=True) if returned.get("isBase64Encoded") else text.encode()
        headers = [(name, _text(value)) for name, value in (returned.get("headers") or {}).items()]
        for name, values in (returned.get("multiValueHeaders") or {}).items():
            headers += [(name, _text(value)) for value in values]
    except (TypeError, ValueError, AttributeError, binascii.Error):
        raise _malformed() from None
    headers += [("Set-Cookie", cookie) for cookie in returned.get("cookies") or ()]
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", content_type))
    return ApiAnswer(status, tuple(headers), content)


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _malformed() -> RequestRefused:
    return RequestRefused(502, "Internal server error", "InternalServerErrorException")


EventOf = Callable[[Routed], dict[str, Any]]
