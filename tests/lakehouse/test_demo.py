"""The demo as a user runs it: it reaches its end, also after a run that did not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    """The project's folder as the demo sees it, with a state of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.local.yaml", "infra", "lambdas", "glue_jobs", "dbt_athena"):
        (folder / name).symlink_to(PROJECT / name)
    return folder


def start_demo(project: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "millpond", "demo", "--json", "--port", "0", "--days", "3"]
    return subprocess.Popen(
        [*command, "--orders-per-day", "10", *options],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_step(demo: subprocess.Popen[str], step: str) -> None:
    said = []
    for line in demo.stderr:
        said.append(line)
        if step in line:
            return
    pytest.fail(f"the demo ended before the step {step!r}:\n{''.join(said)}")


@pytest.mark.parametrize("step", ["ingest", "dbt build"])
def test_a_demo_works_after_one_that_was_killed(project, step):
    killed = start_demo(project)
    wait_for_step(killed, f"▸ {step}")
    time.sleep(0.5)
    children = psutil.Process(killed.pid).children(recursive=True)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive
    output, errors = (demo := start_demo(project)).communicate()
    assert demo.returncode == 0, errors
    report = json.loads(output)
    assert report["order_lines"] == next(s["loaded"] for s in report["sources"] if s["source"] == "sales")


def test_a_folder_without_sales_files_is_a_clear_error(project, tmp_path):
    output, errors = (demo := start_demo(project, "--data", str(tmp_path))).communicate()
    assert demo.returncode == 1
    assert "No sales files" in errors
    assert output == ""
