"""What a job prints, on its way to CloudWatch Logs while the job runs."""

from __future__ import annotations

import logging
import os
import threading
import time
from dataclasses import dataclass
from typing import Final

from moto.logs.models import LogsBackend, logs_backends

_log = logging.getLogger(__name__)

_CHUNK: Final = 256 * 1024
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
_LONGEST_LINE: Final = 64 * 1024
"""In characters, of which each has at most four bytes."""


@dataclass(frozen=True)
class LogStream:
    """A stream of a log group; both are made when something is written."""

    account_id: str
    region: str
    group: str
    name: str

    def write(self, lines: list[str]) -> None:
        """Append an event per line."""
        backend: LogsBackend = logs_backends[self.account_id][self.region]
        now = int(time.time() * 1000)
        backend.ensure_log_group(self.group)
        backend.ensure_log_stream(self.group, self.name)
        pieces = [piece for line in lines for piece in _pieces(line)]
        events = [{"timestamp": now, "message": piece} for piece in pieces]
        backend.put_log_events(self.group, self.name, events)


class OutputForwarder:
    """Writes what comes out of a pipe, line by line, to log streams.

    Args:
        streams: Each gets everything.
    """

    def __init__(self, *streams: LogStream) -> None:
        self._streams = streams
        self._reader, self.writer = os.pipe()
        self._thread = threading.Thread(target=self._forward, name="glue-job-logs", daemon=True)

    def start(self) -> None:
        """Begin; the process has the other end now, and this one lets go of it."""
        os.close(self.writer)
        self._thread.start()

    def discard(self) -> None:
        """Let go of a pipe that no process ever wrote to."""
        os.close(self.writer)
        os.close(self._reader)

    def finish(self, seconds: float) -> None:
        """Wait for the end of the output: that of the last process that has the pipe."""
        self._thread.join(seconds)

    def _forward(self) -> None:
        unfinished = b""
        with os.fdopen(self._reader, "rb", buffering=0) as pipe:
            while chunk := pipe.read(_CHUNK):
                *lines, unfinished = (unfinished + chunk).split(b"\n")
                self._write(lines)
        self._write([unfinished] if unfinished else [])

    def _write(self, lines: list[bytes]) -> None:
        texts = [line.decode(errors="replace") for line in lines]
        if texts:
            for stream in self._streams:
                try:
                    stream.write(texts)
                except Exception:  # a job that nobody listens to would wait for ever
                    _log.exception("A job's output could not be written to %s", stream.group)


def _pieces(line: str) -> list[str]:
    # An empty message is no event.
    starts = range(0, max(1, len(line)), _LONGEST_LINE)
    return [line[start : start + _LONGEST_LINE] or " " for start in starts]
