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

from millpond.datagen import DatagenSettings, generate

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


def kill_demo_in(step: str, project: Path) -> None:
    """Kill a demo in one of its steps; nothing that it started may be left."""
    killed = start_demo(project)
    wait_for_step(killed, f"▸ {step}")
    time.sleep(0.5)
    children = psutil.Process(killed.pid).children(recursive=True)
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    # dbt ends when it wants to say something and nobody listens, which on a busy machine takes its time.
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive


def test_a_demo_works_after_some_that_were_killed(project):
    for step in ("compact and crawl", "dbt build"):
        kill_demo_in(step, project)
    output, errors = (demo := start_demo(project)).communicate()
    assert demo.returncode == 0, errors
    report = json.loads(output)
    assert report["order_lines"] == next(s["loaded"] for s in report["sources"] if s["source"] == "sales")
    events = report["events"]
    assert events["in_sessions"] == events["distinct"] == events["posted"]["distinct"]
    [compacted] = [table for table in report["compacted"] if table["table"] == "events"]
    assert compacted["before"]["rows"] == events["posted"]["accepted"]
    assert compacted["after"] == {"files": 1, "rows": events["distinct"]}
    assert_roles_have_what_they_need_and_no_more(project)


def test_a_demo_of_given_sales_alone_uses_all_that_such_a_run_can(project, tmp_path):
    generated = generate(DatagenSettings(tmp_path / "shop", days=2, orders_per_day=10))
    given = generated.source("sales").files[0].parent
    output, errors = (demo := start_demo(project, "--data", str(given))).communicate()
    assert demo.returncode == 0, errors
    assert [source["source"] for source in json.loads(output)["sources"]] == ["sales"]
    assert_roles_have_what_they_need_and_no_more(project)


def assert_roles_have_what_they_need_and_no_more(project: Path) -> None:
    reasons = PROJECT / "docs" / "roles" / "unused-grants.yaml"
    command = [sys.executable, "-m", "millpond", "access", "--check", "--json", "--reasons", str(reasons)]
    checked = subprocess.run(command, cwd=project, capture_output=True, text=True)
    loose = [unused for unused in json.loads(checked.stdout)["unused"] if not unused["reason"]]
    assert checked.returncode == 0, (checked.stderr, loose)


def test_a_folder_without_sales_files_is_a_clear_error(project, tmp_path):
    output, errors = (demo := start_demo(project, "--data", str(tmp_path))).communicate()
    assert demo.returncode == 1
    assert "No sales files" in errors
    assert output == ""
