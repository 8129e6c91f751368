"""Answers for requests that no service could handle, in the protocol that the client speaks.

botocore retries 5xx answers for seconds, and a page of HTML tells a user nothing, so whatever
goes wrong below is a 4xx with a code and a message that an AWS client shows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

_CREDENTIAL_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]*/(?P<service>[^/]+)/aws4_request")


@dataclass(frozen=True)
class ErrorAnswer:
    """A status line, headers and a body."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


def signing_service(environ: Mapping[str, Any]) -> str | None:
    """The service in the request's credential scope (`s3`, `athena`), None if it is not signed."""
    match = _CREDENTIAL_SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return match["service"] if match else None


def operation_name(environ: Mapping[str, Any]) -> str:
    """The operation that a request asks for, as far as its head tells."""
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rpartition(".")[2]
    return f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"


def error_answer(environ: Mapping[str, Any], code: str, message: str) -> ErrorAnswer:
    """An error with status 400 in the protocol of the request: JSON, query or REST XML."""
    if "HTTP_X_AMZ_TARGET" in environ or signing_service(environ) in _REST_JSON_SERVICES:
        body = json.dumps({"__type": code, "message": message}).encode()
        headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-ErrorType", code)]
    elif signing_service(environ) in ("s3", None):
        body = _xml(("Error",), code, message)
        headers = [("Content-Type", "application/xml")]
    else:
        body = _xml(("ErrorResponse", "Error"), code, message)
        headers = [("Content-Type", "text/xml")]
    return ErrorAnswer("400 Bad Request", [*headers, ("Content-Length", str(len(body)))], body)


_REST_JSON_SERVICES = frozenset(
    {"lambda", "apigateway", "execute-api", "airflow", "scheduler", "lakeformation", "kafka"}
)


def _xml(elements: Iterable[str], code: str, message: str) -> bytes:
    text = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    for element in reversed(list(elements)):
        text = f"<{element}>{text}</{element}>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
