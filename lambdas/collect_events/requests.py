"""A request of an HTTP API (payload format 2.0), and what is answered.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from collect_events.exceptions import RequestRefused

MAX_EVENTS: Final = 500
"""As many as one call of Kinesis takes."""

_TOO_LARGE: Final = 413
_BAD_REQUEST: Final = 400


def request_id(request: Mapping[str, Any]) -> str:
    """The identifier that API Gateway gave the request."""
    return str(request["requestContext"]["requestId"])


def events_of(request: Mapping[str, Any]) -> list[Any]:
    """The events of a request: a JSON list of them, or a single one.

    Raises:
        RequestRefused: The body is no JSON, has no events or too many.
    """
    body = _body(request)
    try:
        # Numbers as they are written: a price must not pass through a float.
        content = json.loads(body, parse_float=str, parse_int=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RequestRefused(_BAD_REQUEST, f"the body is no JSON: {error}") from error
    events = content if isinstance(content, list) else [content]
    if not events:
        raise RequestRefused(_BAD_REQUEST, "the body has no events")
    if len(events) > MAX_EVENTS:
        raise RequestRefused(_TOO_LARGE, f"the body has {len(events)} events; send at most {MAX_EVENTS}")
    return events


def answer(status: int, content: Mapping[str, Any]) -> dict[str, Any]:
    """An answer in JSON."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(content),
    }


def rejected(reasons: Mapping[int, Sequence[str]]) -> list[dict[str, Any]]:
    """The rejected events, as the answer names them: by their place in the request."""
    return [{"event": at, "reasons": list(found)} for at, found in sorted(reasons.items())]


def _body(request: Mapping[str, Any]) -> str:
    body = request.get("body") or ""
    if not request.get("isBase64Encoded"):
        return str(body)
    try:
        return base64.b64decode(body, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RequestRefused(_BAD_REQUEST, f"the body is no UTF-8 text: {error}") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
