"""The server as a process: it starts, is found, ends, and takes nothing with it that it should not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from millpond.server import process
from millpond.server.exceptions import AlreadyRunning, NotRunning, StartFailed
from millpond.server.settings import ServerSettings


@pytest.fixture
def settings(tmp_path):
    settings = ServerSettings(data_dir=tmp_path / "data", port=0)
    yield settings
    running = process.find(settings.data_dir)
    if running:
        os.kill(running.pid, signal.SIGKILL)


def wait_for_end(pid: int) -> None:
    """Wait until a process has ended; fails if it does not."""
    psutil.Process(pid).wait(timeout=30)


def test_a_started_server_answers_until_it_is_stopped(settings):
    running = process.start(settings)
    assert process.health(running.endpoint_url)["pid"] == running.pid
    process.stop(settings.data_dir)
    assert process.find(settings.data_dir) is None
    assert process.health(running.endpoint_url) is None


def test_starting_twice_in_one_data_directory_is_refused(settings):
    process.start(settings)
    with pytest.raises(AlreadyRunning, match="millpond stop"):
        process.start(settings)


def test_a_server_that_cannot_start_says_why(settings):
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = ServerSettings(data_dir=settings.data_dir, port=other.getsockname()[1])
        with pytest.raises(StartFailed, match="taken by another program"):
            process.start(taken)


def test_stopping_what_does_not_run_says_so(settings):
    with pytest.raises(NotRunning, match="millpond start"):
        process.stop(settings.data_dir)


def test_a_killed_server_is_not_found_and_another_can_start(settings):
    killed = process.start(settings)
    os.kill(killed.pid, signal.SIGKILL)
    wait_for_end(killed.pid)
    assert process.find(settings.data_dir) is None
    assert process.start(settings).pid != killed.pid


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_with_exit_code_0(settings, name):
    child = subprocess.Popen(process.serve_command(settings), stderr=subprocess.DEVNULL)
    while not process.find(settings.data_dir):
        time.sleep(0.02)
    child.send_signal(name)
    assert child.wait(timeout=30) == 0


def test_a_server_that_a_killed_parent_started_ends_with_it(settings):
    command = process.serve_command(settings, "--end-with-stdin")
    script = f"import subprocess, time; subprocess.Popen({command!r}, stdin=subprocess.PIPE); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while not (running := process.find(settings.data_dir)):
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    wait_for_end(running.pid)
    assert process.find(settings.data_dir) is None
