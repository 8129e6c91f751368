"""The process that Airflow's components belong to: it starts them, and none of them outlives it.

Run as `python -m millpond.airflow.supervisor HOME PYTHON URL`. Each component holds one end of a pipe whose
other end is here: when this process ends, however it ends, the pipes close and the components go, with
their children.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final

from millpond.airflow.settings import COMPONENTS, STATE_FILE
from millpond.server import data_directory

_BOOTSTRAP: Final = Path(__file__).with_name("bootstrap.py")
# For tasks that are under way; what is not done then goes with its component.
_PATIENCE_SECONDS: Final = 5.0


def main(home: Path, python: Path, url: str) -> int:
    """Run the components until SIGINT, SIGTERM, the end of standard input or the end of one of them.

    Returns:
        1 if a component ended by itself.
    """
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, end)
    threading.Thread(target=_wait_for_end_of_stdin, args=(ended,), daemon=True).start()
    environment = json.loads((home / "environment.json").read_text())
    lock = data_directory.lock(home)
    state = home / STATE_FILE
    state.write_text(json.dumps({"pid": os.getpid(), "url": url}))
    components: dict[str, subprocess.Popen[bytes]] = {}
    try:
        components = {name: _start(name, home, python, environment) for name in COMPONENTS}
        while not ended.wait(0.5):
            for name, component in components.items():
                if component.poll() is not None:
                    sys.stderr.write(f"{name} ended with exit code {component.returncode}\n")
                    return 1
        return 0
    finally:
        _end(components)
        state.unlink(missing_ok=True)
        lock.close()


def _start(name: str, home: Path, python: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with _log(home, name) as log:
        return subprocess.Popen(
            [str(python), str(_BOOTSTRAP), name, *COMPONENTS[name]],
            env=environment,
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C in a terminal is for the supervisor, which ends them in order.
            start_new_session=True,
        )


def _log(home: Path, name: str) -> IO[Any]:
    return (home / "logs" / f"{name}.log").open("a")


def _end(components: dict[str, subprocess.Popen[bytes]]) -> None:
    for component in components.values():
        component.terminate()
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for component in components.values():
        try:
            component.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            assert component.stdin is not None  # noqa: S101 - a pipe was asked for
            component.stdin.close()
    for component in components.values():
        component.wait()


def _wait_for_end_of_stdin(ended: threading.Event) -> None:
    """Standard input is a lifeline if somebody gave one; the end of `/dev/null` means nothing."""
    if os.fstat(0).st_rdev == Path(os.devnull).stat().st_rdev:
        return
    while os.read(0, 1024):
        pass
    ended.set()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
