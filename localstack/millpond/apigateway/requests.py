"""A request to an API, and an answer, apart from how they come over the wire."""

from __future__ import annotations

import json
import time
import urllib.parse
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from millpond.apigateway.exceptions import RequestRefused

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MOST_BODY_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True)
class ApiRequest:
    """A request.

    Attributes:
        api_id: Whose API it is for.
        path: As it was sent, still quoted, from the stage on; begins with a slash.
        query: As it was sent, without the question mark.
        headers: Names in lower case, and every value that was given.
    """

    api_id: str
    method: str
    path: str
    query: str
    headers: Mapping[str, tuple[str, ...]]
    body: bytes
    source_ip: str
    protocol: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    time: datetime = field(default_factory=lambda: datetime.now(UTC))

    def header(self, name: str) -> str:
        """The values of a header, joined as one; empty if there is none."""
        return ",".join(self.headers.get(name, ()))

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query's parameters in their order, unquoted."""
        return urllib.parse.parse_qsl(self.query, keep_blank_values=True)

    @property
    def domain_name(self) -> str:
        """The host that was asked for, or the one that AWS would have."""
        return self.header("host").partition(":")[0]


@dataclass(frozen=True)
class ApiAnswer:
    """An answer."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def with_headers(self, headers: Iterable[tuple[str, str]]) -> ApiAnswer:
        """The same with more headers; one that is there already is replaced."""
        added = tuple(headers)
        names = {name.lower() for name, _ in added}
        kept = tuple((name, value) for name, value in self.headers if name.lower() not in names)
        return ApiAnswer(self.status, kept + added, self.body)


def request_of(environ: Mapping[str, Any], api_id: str, path: str) -> ApiRequest:
    """The request in a WSGI environment.

    Args:
        environ: The environment.
        api_id: Whose API it is for.
        path: See `ApiRequest`.

    Raises:
        RequestRefused: The body is longer than API Gateway takes.
    """
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > MOST_BODY_BYTES:
        raise RequestRefused(413, "Request Entity Too Large", "RequestTooLargeException")
    stream = environ["wsgi.input"]
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    body = stream.read() if chunked else stream.read(length)
    headers: dict[str, tuple[str, ...]] = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): (value,)
        for name, value in environ.items()
        if name.startswith("HTTP_") and name not in _OF_THE_CONNECTION
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = (environ[name],)
    headers |= _added(environ)
    return ApiRequest(
        api_id,
        environ["REQUEST_METHOD"],
        path,
        environ.get("QUERY_STRING", ""),
        headers,
        body,
        environ.get("REMOTE_ADDR", "127.0.0.1"),
        environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
    )


def _added(environ: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What API Gateway says of a request before it passes it on."""
    came_by = environ.get("HTTP_X_FORWARDED_FOR")
    address = environ.get("REMOTE_ADDR", "127.0.0.1")
    trace = environ.get("HTTP_X_AMZN_TRACE_ID") or f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"
    return {
        "x-amzn-trace-id": (trace,),
        "x-forwarded-for": (f"{came_by}, {address}" if came_by else address,),
        "x-forwarded-port": (str(environ.get("SERVER_PORT", "")),),
        "x-forwarded-proto": (environ.get("wsgi.url_scheme", "http"),),
    }


# These end at API Gateway.
_OF_THE_CONNECTION = {"HTTP_CONNECTION", "HTTP_KEEP_ALIVE", "HTTP_TRANSFER_ENCODING"}


def refusal(error: RequestRefused) -> ApiAnswer:
    """The answer to a request that did not come through."""
    headers = [("Content-Type", "application/json")]
    if error.error_type:
        headers.append(("x-amzn-ErrorType", error.error_type))
    return ApiAnswer(error.status, tuple(headers), json.dumps({"message": error.message}).encode())
