"""The Lambda Runtime API: what AWS's runtime client talks to, one small HTTP server per worker.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from millpond.functions.definition import Invocation

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_RESPONSE_BYTES = 6_291_556

_ANSWER = re.compile(r"/2018-06-01/runtime/invocation/(?P<request_id>[^/]+)/(?P<kind>response|error)")


class RuntimeEvents(Protocol):
    """What the runtime client tells; called from the API's threads."""

    def next_invocation(self) -> tuple[Invocation, int] | None:
        """Wait for an invocation; with it comes its deadline in milliseconds. None: the end."""

    def invocation_answered(self, request_id: str, payload: bytes, *, failed: bool) -> None:
        """The handler returned or raised."""

    def initialization_failed(self, payload: bytes) -> None:
        """The handler's module could not be imported."""


class RuntimeApi:
    """Listens on a free loopback port until it is closed."""

    def __init__(self, events: RuntimeEvents) -> None:
        self._events = events
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=8)
        host, port = self._socket.getsockname()
        self.address = f"{host}:{port}"
        self._closed = threading.Event()
        threading.Thread(target=self._accept, name="runtime-api", daemon=True).start()

    def close(self) -> None:
        """Accept no more connections; those that are open end with the worker's process."""
        self._closed.set()
        # A blocked accept() is woken by a connection on every platform, by close() on few.
        with contextlib.suppress(OSError):
            socket.create_connection(self._socket.getsockname(), timeout=1).close()
        self._socket.close()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, address = self._socket.accept()
            except OSError:
                return
            if self._closed.is_set():
                connection.close()
                return
            threading.Thread(
                target=self._converse, args=(connection, address), name="runtime-api", daemon=True
            ).start()

    def _converse(self, connection: socket.socket, address: Any) -> None:
        with connection:
            try:
                _Conversation(connection, address, self._events)
            except OSError:
                return  # the worker has ended; its exit is noticed elsewhere


class _Conversation(BaseHTTPRequestHandler):
    """One connection of the runtime client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def __init__(self, connection: socket.socket, address: Any, events: RuntimeEvents) -> None:
        self._events = events
        super().__init__(connection, address, None)  # type: ignore[arg-type]  # it has no need of its server

    def do_GET(self) -> None:
        """Only one question: what to run next."""
        if self.path != "/2018-06-01/runtime/invocation/next":
            self._answer(404)
            return
        following = self._events.next_invocation()
        if following is None:
            self.close_connection = True
            return
        invocation, deadline_ms = following
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
            "Lambda-Runtime-Trace-Id": invocation.trace_id,
        }
        if invocation.client_context:
            headers["Lambda-Runtime-Client-Context"] = invocation.client_context
        self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        """An answer, or the failure to start."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/2018-06-01/runtime/init/error":
            self._events.initialization_failed(body)
            self._answer(202)
            return
        match = _ANSWER.fullmatch(self.path)
        if match is None:
            self._answer(404)
            return
        self._events.invocation_answered(match["request_id"], body, failed=match["kind"] == "error")
        self._answer(202)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests of the runtime client are nobody's log."""

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
