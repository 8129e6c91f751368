"""Environments end with their function, and with their server, however that ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import psutil
import pytest

from function_factory import Functions
from millpond.functions import FunctionSettings

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


def test_children_of_a_function_that_ran_out_of_time_end_with_it(
    functions: Functions, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    source = f"""
        import subprocess, time
        def handler(event, context):
            child = subprocess.Popen(["sleep", "60"])
            with open({str(note)!r}, "w") as file:
                file.write(str(child.pid))
            time.sleep(60)
    """
    functions.run(source, Timeout=1)
    assert wait_for_end(int(note.read_text()))


def test_children_of_a_function_that_exits_end_with_it(functions: Functions, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    source = f"""
        import subprocess, sys
        def handler(event, context):
            child = subprocess.Popen(["sleep", "60"])
            with open({str(note)!r}, "w") as file:
                file.write(str(child.pid))
            sys.exit(1)
    """
    functions.run(source)
    assert wait_for_end(int(note.read_text()))


SERVER = """
import sys, time
from pathlib import Path
from millpond.server.cloud import LocalCloud
from millpond.server.settings import ServerSettings
cloud = LocalCloud(ServerSettings(data_dir=Path(sys.argv[1]), port=0))
cloud.start()
print(cloud.endpoint_url, flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    cloud.stop()
"""


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_environments_end_with_their_server(tmp_path: Path, kill: signal.Signals) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        cloud = _Cloud(server.stdout.readline().strip())
        functions = Functions(cloud)
        busy = functions.create("import time\ndef handler(event, context): time.sleep(30)", Timeout=60)
        functions.client.invoke(FunctionName=busy, InvocationType="Event")
        pid = functions.invoke(functions.create(PID)).value
        children = _children(server.pid)
        assert pid in children
        assert len(children) == 2
        begun = time.monotonic()
        server.send_signal(kill)
        server.wait(timeout=5)
        assert all(wait_for_end(child) for child in children)
        assert time.monotonic() - begun < 3
    finally:
        server.kill()
        server.wait()


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
