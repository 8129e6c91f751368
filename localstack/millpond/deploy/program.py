"""Runs the user's program in a child process and waits for its end."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from millpond.deploy.exceptions import ProgramFailed
from millpond.deploy.project import Project, StackSettings

PARALLEL: Final = 64
_HOST: Final = Path(__file__).with_name("language_host.py")


@dataclass(frozen=True)
class ProgramRun:
    """One run of the program: which, with which settings, against which monitor."""

    project: Project
    settings: StackSettings
    monitor_address: str
    dry_run: bool
    environment: Mapping[str, str]

    def execute(self) -> list[str]:
        """Run to the end; returns the lines that it printed, raises `ProgramFailed` with its traceback."""
        with tempfile.TemporaryDirectory(prefix="millpond-program-") as folder:
            printed, errors = Path(folder, "stdout"), Path(folder, "stderr")
            files = {name: str(Path(folder, name)) for name in ("stdout", "stderr", "used")}
            order = self._order() | files
            with _host(_interpreter(self.project)) as host:
                status = host.run(order)
            complaints = errors.read_text(errors="replace").strip() if errors.exists() else ""
            if status != 0:
                raise ProgramFailed(complaints or f"the program ended with status {status}")
            return [*printed.read_text(errors="replace").splitlines(), *complaints.splitlines()]

    def _order(self) -> dict[str, Any]:
        return {
            "program": str(self.project.program),
            "project": self.project.name,
            "stack": self.settings.stack,
            "monitor": self.monitor_address,
            "parallel": PARALLEL,
            "dry_run": self.dry_run,
            "root_directory": str(self.project.directory),
            "working_directory": str(self.project.working_directory),
            "environment": dict(self.environment),
            "config": dict(self.settings.config),
            "secret_keys": sorted(self.settings.secret_keys),
        }


def get_ready(project: Project, packages: Iterable[str] = ()) -> None:
    """Start importing what a program needs, while the engine does other things.

    `packages` are those of the provider's SDK that the program is likely to use. The engine may call this
    before it knows them, and again when it does.
    """
    interpreter = _interpreter(project)
    with _idle_lock:
        waiting = _idle.setdefault(interpreter, [])
        if not waiting:
            waiting.append(_Host(interpreter))
        waiting[-1].prepare(packages)


def _interpreter(project: Project) -> Path:
    if project.virtualenv is None:
        return Path(sys.executable)
    interpreter = project.virtualenv / "bin" / "python"
    # A checkout that runs with the tool's own environment need not build the one Pulumi.yaml names.
    return interpreter if interpreter.exists() else Path(sys.executable)


class _Host:
    """A language host: a process that has imported Pulumi and waits for programs to run."""

    def __init__(self, interpreter: Path) -> None:
        # In a session of its own, so that Ctrl-C reaches the engine first, which then ends both.
        self._process = subprocess.Popen(
            [str(interpreter), str(_HOST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # How its connection to the engine ends is nothing to tell a user of.
            env={"GRPC_VERBOSITY": "NONE", **os.environ},
        )

    def prepare(self, packages: Iterable[str]) -> None:
        """Import packages of the SDK; does not wait until that is done."""
        # If the process has ended, whoever runs a program is told.
        with contextlib.suppress(BrokenPipeError):
            self._order({"packages": list(packages)})

    def run(self, order: Mapping[str, Any]) -> int:
        """Run a program to its end; returns its exit status."""
        try:
            self._order(order)
            answer = self._pipe(self._process.stdout).readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise ProgramFailed("the process that runs Pulumi programs ended; what it wrote is above")
        return int(answer)

    def _order(self, order: Mapping[str, Any]) -> None:
        print(json.dumps(order), file=self._pipe(self._process.stdin), flush=True)

    @staticmethod
    def _pipe(end: IO[str] | None) -> IO[str]:
        if end is None:
            raise ProgramFailed("the language host has no pipes")
        return end

    def end(self) -> None:
        """End the process and whatever program it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


_idle: Final[dict[Path, list[_Host]]] = {}
_idle_lock: Final = threading.Lock()


@contextlib.contextmanager
def _host(interpreter: Path) -> Iterator[_Host]:
    """A host that nobody else uses now; it is kept for the next run unless this one was broken off."""
    with _idle_lock:
        waiting = _idle.setdefault(interpreter, [])
        host = waiting.pop() if waiting else None
    host = host or _Host(interpreter)
    try:
        yield host
    except BaseException:
        host.end()
        raise
    with _idle_lock:
        _idle[interpreter].append(host)


@atexit.register
def _end_hosts() -> None:
    for hosts in _idle.values():
        for host in hosts:
            host.end()
