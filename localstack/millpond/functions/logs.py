"""The output of functions on its way to CloudWatch Logs."""

from __future__ import annotations

import datetime
import logging
import os
import selectors
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable

from moto.logs.models import LogsBackend, logs_backends

from millpond.functions.definition import FunctionDefinition
from millpond.iam.enforcement import AccessDeniedError

_log = logging.getLogger(__name__)

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
MAX_EVENT_BYTES = 256 * 1024 - 26
TAIL_BYTES = 4096
_CHUNK = 256 * 1024


class LogStream:
    """One environment's log stream, in the function's log group."""

    def __init__(self, definition: FunctionDefinition) -> None:
        day = datetime.datetime.now(datetime.UTC).strftime("%Y/%m/%d")
        self.name = f"{day}/[{definition.version}]{uuid.uuid4().hex}"
        self._group = definition.log_group
        self._account_id = definition.account_id
        self._region = definition.region
        self._actor = definition.actor

    def write(self, messages: list[str]) -> None:
        """Append messages; makes the group and the stream if they are not (or no longer) there.

        What the function's role may not write is lost, as on AWS.
        """
        try:
            self._write(messages)
        except AccessDeniedError as error:
            _log.debug("Nothing is logged for %s: %s", self._group, error)

    def _write(self, messages: list[str]) -> None:
        backend: LogsBackend = logs_backends[self._account_id][self._region]
        now = int(time.time() * 1000)
        group = backend.groups.get(self._group)
        names = {"logGroupName": self._group, "logStreamName": self.name}
        if group is None:
            self._actor.check("logs", "CreateLogGroup", logGroupName=self._group)
            backend.ensure_log_group(self._group)
        if group is None or self.name not in group.streams:
            self._actor.check("logs", "CreateLogStream", **names)
            backend.ensure_log_stream(self._group, self.name)
        self._actor.check("logs", "PutLogEvents", **names)
        backend.put_log_events(
            self._group, self.name, [{"timestamp": now, "message": message} for message in messages]
        )


class FunctionOutput:
    """Reads what a worker prints and writes it, line by line, to its log stream.

    `shown` is how a line reads there. A thread forwards the output as it comes. `drain` takes
    what is in the pipe now: called when an invocation has answered, it puts all that the
    handler printed before END.
    """

    def __init__(self, pipe: int, stream: LogStream, shown: Callable[[bytes], bytes]) -> None:
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._stream = stream
        self._shown = shown
        self._lock = threading.Lock()
        self._unfinished = b""
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self._wake_reader, self._wake_writer = os.pipe()
        self._closed = False
        self._thread = threading.Thread(target=self._forward, name="function-logs", daemon=True)
        self._thread.start()

    def write(self, *messages: str) -> None:
        """Append the platform's own lines (START, END, REPORT)."""
        with self._lock:
            self._emit([message.encode() + b"\n" for message in messages])

    def begin(self) -> None:
        """Forget the tail: an invocation starts."""
        with self._lock:
            self._tail.clear()
            self._tail_size = 0

    def drain(self) -> None:
        """Forward what has been printed up to now, an unfinished line too."""
        with self._lock:
            self._read()
            if self._unfinished:
                line, self._unfinished = self._unfinished, b""
                self._emit([self._shown(line) + b"\n"])

    def tail(self) -> bytes:
        """The last 4 KB since `begin`."""
        with self._lock:
            return b"".join(self._tail)[-TAIL_BYTES:]

    def close(self) -> None:
        """Forward the rest and end the thread; what is written later goes nowhere."""
        self.drain()
        os.write(self._wake_writer, b".")
        self._thread.join()
        with self._lock:
            self._closed = True
        for descriptor in (self._pipe, self._wake_reader, self._wake_writer):
            os.close(descriptor)

    def _forward(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._pipe, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in selector.select()}
                if self._wake_reader in ready:
                    return
                with self._lock:
                    if not self._read():
                        selector.unregister(self._pipe)

    def _read(self) -> bool:
        """Forward complete lines from the pipe; False at its end."""
        while not self._closed:
            try:
                chunk = os.read(self._pipe, _CHUNK)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            *lines, self._unfinished = (self._unfinished + chunk).split(b"\n")
            while len(self._unfinished) > MAX_EVENT_BYTES:
                lines.append(self._unfinished[:MAX_EVENT_BYTES])
                self._unfinished = self._unfinished[MAX_EVENT_BYTES:]
            if lines:
                self._emit([self._shown(line) + b"\n" for line in lines])
        return False

    def _emit(self, lines: list[bytes]) -> None:
        if self._closed:
            return
        for line in lines:
            self._tail.append(line)
            self._tail_size += len(line)
        while self._tail and self._tail_size - len(self._tail[0]) >= TAIL_BYTES:
            self._tail_size -= len(self._tail.popleft())
        # The runtime client separates the lines of one message, a stack trace, by \r.
        messages = [line.decode(errors="replace").replace("\r", "\n") for line in lines]
        self._stream.write([part for message in messages for part in _split(message)])


def _split(message: str) -> list[str]:
    size = MAX_EVENT_BYTES // 4  # a character has at most four bytes
    if len(message) <= size:
        return [message]
    return [message[start : start + size] for start in range(0, len(message), size)]
