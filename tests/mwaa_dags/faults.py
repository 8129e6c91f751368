"""A proxy between the DAGs and the cloud, which answers some calls as a service in trouble does.

Clients cannot tell: AWS's own error bodies, over HTTP, where the endpoint is expected. All else passes.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True)
class Answer:
    """What a service in trouble answers in JSON 1.1, the protocol of Athena and Glue."""

    status: int
    code: str
    message: str


THROTTLED = Answer(400, "ThrottlingException", "Rate exceeded")
BUSY = Answer(
    400,
    "TooManyRequestsException",
    "You have exceeded the limit for the number of queries you can run concurrently.",
)
BROKEN = Answer(500, "InternalServerException", "Internal server error")


@dataclass
class Faults:
    """The proxy.

    Attributes:
        url: Where it listens.
        calls: How often each operation (`AmazonAthena.StartQueryExecution`) was called, answered so or so.
    """

    url: str
    calls: Counter[str] = field(default_factory=Counter)
    _troubles: dict[str, list[Answer]] = field(default_factory=dict)
    _lasting: dict[str, Answer] = field(default_factory=dict)
    _held: dict[str, tuple[bytes, threading.Event, threading.Event]] = field(default_factory=dict)

    def answer(self, operation: str, answer: Answer, times: int | None = None) -> None:
        """Answer an operation's next calls so; all of them without a number."""
        if times is None:
            self._lasting[operation] = answer
        else:
            self._troubles.setdefault(operation, []).extend([answer] * times)

    def hold(self, operation: str, words: bytes) -> threading.Event:
        """Keep the answer to the first call with these words in its body from the caller, until `release`.

        The cloud has the call by then, and goes on with it. Returns what is set when the call has come.
        """
        arrived = threading.Event()
        self._held[operation] = (words, arrived, threading.Event())
        return arrived

    def release(self) -> None:
        """Let what is held go."""
        for _, _, released in self._held.values():
            released.set()

    def trouble(self, operation: str) -> Answer | None:
        """The answer in place of the cloud's, if there is one."""
        self.calls[operation] += 1
        left = self._troubles.get(operation)
        return left.pop(0) if left else self._lasting.get(operation)

    def wait(self, operation: str, body: bytes) -> None:
        """Wait if the answer to this call is held."""
        words, arrived, released = self._held.get(operation, (b"", None, None))
        if arrived is None or released is None or words not in body or arrived.is_set():
            return
        arrived.set()
        released.wait(120)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed hangs up in the middle of what it says."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def between(endpoint_url: str) -> Iterator[Faults]:
    """A proxy in front of an endpoint, on a free port."""
    target = urlsplit(endpoint_url)
    assert target.hostname is not None

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            operation = self.headers.get("X-Amz-Target", "")
            trouble = faults.trouble(operation)
            if trouble is not None:
                content = json.dumps({"__type": trouble.code, "message": trouble.message}).encode()
                self._answer(trouble.status, {"Content-Type": "application/x-amz-json-1.1"}, content)
                return
            cloud = http.client.HTTPConnection(target.hostname or "", target.port, timeout=300)
            try:
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() != "connection"
                }
                cloud.request(self.command, self.path, body, headers)
                answer = cloud.getresponse()
                content = answer.read()
                faults.wait(operation, body)
                self._answer(answer.status, dict(answer.getheaders()), content)
            finally:
                cloud.close()

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", headers.get("Content-Length", str(len(content))))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """The cloud has a log of its own."""

    for method in ("DELETE", "GET", "HEAD", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler._pass_on)
    server = _Server(("127.0.0.1", 0), Handler)
    faults = Faults(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield faults
    finally:
        faults.release()
        server.shutdown()
        server.server_close()
        thread.join()
