"""The HTTP server: threads, keep-alive, and the WSGI environment as moto's services expect it."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from cheroot.wsgi import Gateway_10, Server
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)

from millpond.server.exceptions import PortTaken

# A query's client, a function's worker and a browser's tab each hold a connection; a thread is
# busy only while a request runs.
_THREADS = 32
_QUEUED_CONNECTIONS = 512
# How long a request that still runs may take to end when the server does.
_GRACE_SECONDS = 1
# What fits into a processor's cache and a socket's buffer.
_PIECE_BYTES = 256 * 1024


class HttpServer:
    """Serves one WSGI application on one address until it is stopped."""

    def __init__(self, host: str, port: int, application: Callable[..., Any]) -> None:
        self._server = Server(
            (host, port),
            application,
            numthreads=_THREADS,
            request_queue_size=_QUEUED_CONNECTIONS,
            timeout=60,
            shutdown_timeout=_GRACE_SECONDS,
        )
        self._server.gateway = _Gateway
        self._server.keep_alive_conn_limit = _QUEUED_CONNECTIONS

    def bind(self) -> int:
        """Take the address and start to accept connections; returns the port (if 0 was asked for).

        Raises:
            PortTaken: Somebody else listens there.
        """
        host, port = self._server.bind_addr
        try:
            _as_daemon(self._server.prepare)
        except OSError as error:
            if error.errno == errno.EADDRINUSE or "already in use" in str(error):
                raise PortTaken(host, port) from None
            raise
        return int(self._server.bind_addr[1])

    def serve(self) -> None:
        """Answer requests until `stop` is called from another thread."""
        self._server.serve()

    def stop(self) -> None:
        """End `serve`; requests that still run have a second to end.

        Those that do not are left alone: they wait for something behind the endpoint (a function, a message),
        which is to be ended next.
        """
        ending = threading.Thread(target=self._server.stop, name="http-end", daemon=True)
        ending.start()
        ending.join(_GRACE_SECONDS)


class _Gateway(Gateway_10):
    """What moto reads from the environment beyond WSGI."""

    def respond(self) -> None:
        """Answer a request; one of a length below zero, which cheroot would read for ever, is refused."""
        if int(self.req.inheaders.get(b"Content-Length", 0)) < 0:
            self.req.close_connection = True
            self.req.simple_response("400 Bad Request", "Malformed Content-Length Header.")
            return
        super().respond()

    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]  # cheroot's base is annotated None
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]  # as above
        # Keys with an encoded slash are told apart only by the path as it was sent.
        environ["RAW_URI"] = environ["REQUEST_URI"]
        # WSGI cannot tell `x-amz-meta-a_b` from `x-amz-meta-a-b`; S3 can.
        names = (name.decode("latin-1") for name in self.req.inheaders)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
            environ_key_for_header(name): name for name in names if should_preserve_original_header_name(name)
        }
        return environ

    def write(self, chunk: bytes) -> None:
        """Send a part of the answer; a long one in pieces: cheroot copies what is left at every send."""
        rest = memoryview(chunk)
        while len(rest) > _PIECE_BYTES:
            super().write(rest[:_PIECE_BYTES])
            rest = rest[_PIECE_BYTES:]
        super().write(rest)


def _as_daemon(action: Callable[[], None]) -> None:
    """Call something in a daemon thread, so that the threads that it starts are daemons, too.

    The process can end then while a request waits for a message that does not come.
    """
    done: Future[None] = Future()

    def call() -> None:
        try:
            action()
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=call, name="http-start", daemon=True).start()
    done.result()
