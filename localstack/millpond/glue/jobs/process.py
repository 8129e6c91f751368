"""One run's process, with everything that it starts."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from millpond.glue.jobs.output import OutputForwarder
from millpond.glue.jobs.workspace import MARK, Launch
from millpond.lifeline import end_family

_POLL_SECONDS: Final = 0.05
_OUTPUT_SECONDS: Final = 5.0
"""How long a process that left the group may keep the output open."""


@dataclass(frozen=True)
class ProcessEnd:
    """How a process ended.

    Attributes:
        error: The script's last exception, as one line; None if it ended well.
    """

    exit_code: int
    error: str | None


class JobProcess:
    """A started run. Its standard input is the lifeline: it is never written to, and closes with us."""

    def __init__(self, launch: Launch, output: OutputForwarder, errors: OutputForwarder) -> None:
        self._launch = launch
        self._forwarders = (output, errors)
        try:
            self._process = subprocess.Popen(
                launch.command,
                env=launch.variables,
                cwd=launch.working_directory,
                stdin=subprocess.PIPE,
                stdout=output.writer,
                stderr=errors.writer,
                start_new_session=True,
            )
        except OSError:
            for forwarder in self._forwarders:
                forwarder.discard()
            raise
        for forwarder in self._forwarders:
            forwarder.start()

    def wait(self, interrupted: Callable[[float], bool]) -> ProcessEnd | None:
        """Wait for the end; None once `interrupted`, given the seconds that have passed, says so."""
        started = time.monotonic()
        while True:
            try:
                self._process.wait(_POLL_SECONDS)
                return self._end()
            except subprocess.TimeoutExpired:
                if interrupted(time.monotonic() - started):
                    return None

    def stop(self) -> None:
        """End the process and everything that it started, and let the rest of its output through."""
        end_family(self._process.pid, MARK, self._launch.variables[MARK])
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        for forwarder in self._forwarders:
            forwarder.finish(_OUTPUT_SECONDS)

    def _end(self) -> ProcessEnd:
        code = self._process.returncode
        try:
            outcome = json.loads(self._launch.outcome.read_text())
        except (FileNotFoundError, ValueError):
            # Nobody was left to write it: os._exit, a signal, a crash. Shells count signals from 128.
            status = 128 - code if code < 0 else code
            return ProcessEnd(status, f"Command failed with exit code {status}")
        error = outcome.get("error")
        if code and not error:
            error = f"Command failed with exit code {code}"
        return ProcessEnd(code, error)
