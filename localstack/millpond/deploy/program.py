"""Starts the user's program in a child process and waits for its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

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

    def execute(self, on_output: Callable[[str], None]) -> None:
        """Run to the end; raises `ProgramFailed` with what the program wrote to stderr."""
        process = subprocess.Popen(
            [str(self._interpreter()), str(_HOST), self._order()],
            cwd=self.project.working_directory,
            env=os.environ | dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            errors: list[str] = []
            readers = [
                _read_lines(process.stdout, on_output),
                _read_lines(process.stderr, errors.append),
            ]
            process.wait()
            for reader in readers:
                reader.join()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            raise ProgramFailed("\n".join(errors) or f"the program ended with status {process.returncode}")
        for line in errors:
            on_output(line)

    def _order(self) -> str:
        return json.dumps(
            {
                "program": str(self.project.program),
                "project": self.project.name,
                "stack": self.settings.stack,
                "monitor": self.monitor_address,
                "parallel": PARALLEL,
                "dry_run": self.dry_run,
                "root_directory": str(self.project.directory),
                "config": dict(self.settings.config),
                "secret_keys": sorted(self.settings.secret_keys),
            }
        )

    def _interpreter(self) -> Path:
        if self.project.virtualenv is None:
            return Path(sys.executable)
        interpreter = self.project.virtualenv / "bin" / "python"
        # A checkout that runs with the tool's own environment need not build the one Pulumi.yaml names.
        return interpreter if interpreter.exists() else Path(sys.executable)


def _read_lines(stream: IO[str] | None, take: Callable[[str], None]) -> threading.Thread:
    def read() -> None:
        for line in stream or ():
            take(line.rstrip("\n"))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
