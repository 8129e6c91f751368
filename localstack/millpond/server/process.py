"""The local cloud as a process: in the foreground, in the background, found and ended again.

The server writes `server.json` into its data directory; the lock that it holds there tells
whether that file speaks of a living process, however the process ended.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from millpond.server.data_directory import is_locked
from millpond.server.exceptions import AlreadyRunning, NotRunning, PortTaken, StartFailed, StopFailed
from millpond.server.settings import ServerSettings

_START_TIMEOUT_SECONDS = 60.0
_STOP_TIMEOUT_SECONDS = 10.0
_LOG_TAIL_LINES = 20


@dataclass(frozen=True)
class RunningServer:
    """A server process, as its data directory tells."""

    pid: int
    endpoint_url: str


def serve(settings: ServerSettings, on_ready: Callable[[str], None], end_with_stdin: bool = False) -> None:
    """Run a local cloud in this process until SIGINT or SIGTERM.

    Args:
        settings: What to run.
        on_ready: Called with the endpoint once requests are answered.
        end_with_stdin: End as well when standard input closes: a parent that holds the other end
            of the pipe takes the cloud with it, however it ends.

    Raises:
        AlreadyRunning: A local cloud listens on the port.
        PortTaken: Another program does.
        DataDirectoryInUse: Another local cloud works in the data directory.
    """
    from millpond.server.cloud import LocalCloud

    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, end)
    if end_with_stdin:
        threading.Thread(target=_wait_for_end_of_stdin, args=(ended,), daemon=True).start()
    cloud = LocalCloud(settings)
    try:
        cloud.start()
    except PortTaken as error:
        raise _who_listens(settings) or error from None
    try:
        _state_file(settings.data_dir).write_text(
            json.dumps(asdict(RunningServer(os.getpid(), cloud.endpoint_url)))
        )
        on_ready(cloud.endpoint_url)
        ended.wait()
    finally:
        cloud.stop()
        _state_file(settings.data_dir).unlink(missing_ok=True)
        # The interpreter would look for garbage in all that was ever imported: most of a second.
        gc.freeze()


def start(settings: ServerSettings) -> RunningServer:
    """Run a local cloud in the background and wait until it answers.

    Raises:
        AlreadyRunning: One works in the data directory or listens on the port.
        StartFailed: It ended or was not ready in time; says what it logged.
    """
    running = find(settings.data_dir)
    if running:
        raise AlreadyRunning(settings.host, settings.port, running.pid, str(settings.data_dir))
    log = log_file(settings.data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        child = subprocess.Popen(
            serve_command(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return wait_until_ready(child, settings)


def serve_command(settings: ServerSettings, *options: str) -> list[str]:
    """The command line that serves these settings in a process of its own."""
    address = ["--host", settings.host, "--port", str(settings.port)]
    if settings.s3_endpoint_url:
        address += ["--s3-endpoint", settings.s3_endpoint_url]
    if not settings.enforce_iam:
        address.append("--no-enforce-iam")
    return [
        sys.executable,
        "-m",
        "millpond",
        "serve",
        *address,
        "--data-dir",
        str(settings.data_dir),
        *options,
    ]


def wait_until_ready(child: subprocess.Popen[Any], settings: ServerSettings) -> RunningServer:
    """Wait for a started server to answer.

    Raises:
        StartFailed: It ended or was not ready in time; says what it logged.
    """
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        running = find(settings.data_dir)
        if running and running.pid == child.pid and health(running.endpoint_url):
            return running
        if child.poll() is not None:
            break
        time.sleep(0.02)
    else:
        child.terminate()
    log = log_file(settings.data_dir)
    raise StartFailed(log, "\n".join(log.read_text().splitlines()[-_LOG_TAIL_LINES:]))


def find(data_dir: Path) -> RunningServer | None:
    """The server that works in a data directory, None if there is none."""
    try:
        server = RunningServer(**json.loads(_state_file(data_dir).read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return server if is_locked(data_dir) else None


def stop(data_dir: Path) -> RunningServer:
    """End the server that works in a data directory and wait for its end.

    Raises:
        NotRunning: There is none.
        StopFailed: It did not end.
    """
    running = find(data_dir)
    if running is None:
        raise NotRunning(data_dir)
    os.kill(running.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if find(data_dir) is None:
            return running
        time.sleep(0.02)
    raise StopFailed(running.pid)


def health(endpoint_url: str) -> dict[str, Any] | None:
    """What the server's health page says, None if no local cloud answers there."""
    try:
        with urllib.request.urlopen(f"{endpoint_url}/_millpond/health", timeout=2) as answer:  # noqa: S310 - http only
            content = json.load(answer)
    except (urllib.error.URLError, ValueError, OSError):
        return None
    return content if isinstance(content, dict) and "instance_id" in content else None


def log_file(data_dir: Path) -> Path:
    """Where a server in the background logs."""
    return data_dir / "server.log"


def _state_file(data_dir: Path) -> Path:
    return data_dir / "server.json"


def _who_listens(settings: ServerSettings) -> AlreadyRunning | None:
    other = health(settings.endpoint_url)
    if other is None:
        return None
    return AlreadyRunning(settings.host, settings.port, other["pid"], other["data_dir"])


def _wait_for_end_of_stdin(ended: threading.Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    ended.set()


def log_lines(data_dir: Path, follow: bool) -> Iterator[str]:
    """The lines of the log; with `follow`, also those that come, until the server has ended.

    Raises:
        NotRunning: No server ever ran in the background there.
    """
    try:
        log = log_file(data_dir).open()
    except FileNotFoundError:
        raise NotRunning(data_dir) from None
    with log:
        while True:
            alive = find(data_dir) is not None
            yield from log
            if not (follow and alive):
                return
            time.sleep(0.2)
