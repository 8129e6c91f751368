"""Environments end with their function, and with their server, however that ends."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from function_factory import Functions
from millpond.functions import FunctionSettings
from millpond.server import process
from millpond.server.settings import ServerSettings

DAEMON = """
import subprocess
def handler(event, context):
    return subprocess.Popen(["sleep", "600"], start_new_session=True).pid
"""
PID = "import os\ndef handler(event, context): return os.getpid()"


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(pid: int, seconds: float = 2) -> bool:
    end = time.monotonic() + seconds
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


def test_deleted_functions_environments_end(functions: Functions) -> None:
    name = functions.create(PID)
    pid = functions.invoke(name).value
    assert is_running(pid)
    functions.client.delete_function(FunctionName=name)
    functions.names.remove(name)
    assert wait_for_end(pid)


@pytest.mark.parametrize("in_own_session", [False, True])
@pytest.mark.parametrize("end", ["time.sleep(60)", "sys.exit(1)"], ids=["ran-out-of-time", "exits"])
def test_children_of_a_function_end_with_it(functions: Functions, end: str, in_own_session: bool) -> None:
    source = f"""
        import subprocess, sys, time
        def handler(event, context):
            child = subprocess.Popen(["sleep", "60"], start_new_session={in_own_session})
            print("child", child.pid, flush=True)
            {end}
    """
    log = functions.run(source, Timeout=1).log
    [child] = re.findall(r"child (\d+)", log)
    assert wait_for_end(int(child))


ENDLESS = "import time\ndef handler(event, context): time.sleep(600)"


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_environments_end_with_their_server(tmp_path: Path, kill: signal.Signals) -> None:
    with _serving(tmp_path) as (server, functions):
        busy = functions.create(ENDLESS, Timeout=900)
        functions.client.invoke(FunctionName=busy, InvocationType="Event")
        idle = functions.invoke(functions.create(PID)).value
        children = _children(server.pid)
        assert idle in children
        assert len(children) == 2
        children.append(functions.invoke(functions.create(DAEMON)).value)
        server.send_signal(kill)
        server.wait(timeout=60)
        assert all(wait_for_end(child, seconds=20) for child in children)


def test_a_server_ends_while_a_caller_waits_for_a_function(tmp_path: Path) -> None:
    with _serving(tmp_path) as (server, functions):
        busy = functions.create(ENDLESS, Timeout=900)
        assert functions.invoke(functions.create(PID)).value
        caller = threading.Thread(target=_invoke_until_disconnected, args=(functions, busy))
        caller.start()
        _wait_until(lambda: len(_children(server.pid)) == 2)
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0
        caller.join(timeout=20)
        assert not caller.is_alive()


def _wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _invoke_until_disconnected(functions: Functions, name: str) -> None:
    with contextlib.suppress(ClientError, BotoCoreError):
        functions.client.invoke(FunctionName=name)


@contextlib.contextmanager
def _serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Functions]]:
    settings = ServerSettings(data_dir=folder / "data", port=0)
    with subprocess.Popen(process.serve_command(settings), stderr=subprocess.DEVNULL) as server:
        try:
            running = process.wait_until_ready(server, settings)
            yield server, Functions(_Cloud(running.endpoint_url))
        finally:
            server.kill()


class _Cloud:
    """What `Functions` needs of a cloud that runs in another process."""

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self.session = boto3.Session("test", "test", region_name="us-east-1")

    def client(self, service: str) -> object:
        return self.session.client(service, endpoint_url=self.endpoint_url)


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children()]


def test_defaults_leave_room_for_waiting_callers(tmp_path: Path) -> None:
    settings = FunctionSettings(tmp_path, "http://127.0.0.1:1", max_environments=3)
    assert settings.most_environments == 12
