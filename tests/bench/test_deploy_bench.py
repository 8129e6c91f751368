"""What deploying the lakehouse costs, each command a process of its own, as a user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.conftest import Bench
from millpond.testing import RunningCloud

pytestmark = pytest.mark.bench

PROJECT = Path(__file__).resolve().parents[2]

# A copy, so that the state of whoever works in this folder stays as it is.
PARTS = ("Pulumi.yaml", "Pulumi.local.yaml", "infra", "lambdas")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for part in PARTS:
        (tmp_path / part).symlink_to(PROJECT / part)
    return tmp_path


def run(project: Path, cloud: RunningCloud, *words: str) -> tuple[dict[str, int], float]:
    """Run a command; returns how many resources it did what to, and the seconds that it took."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "millpond", *words, "--json", "--project", str(project)],
        env={**os.environ, **cloud.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["summary"], time.perf_counter() - began


def test_deploying_the_lakehouse(fresh_cloud: RunningCloud, project: Path, bench: Bench) -> None:
    made, cold = run(project, fresh_cloud, "up")
    bench.line(f"millpond up, cold: {made['created']} resources", f"{cold:8.1f} s", "8 s")
    left, unchanged = run(project, fresh_cloud, "up")
    assert left["unchanged"] == made["created"]
    bench.line("millpond up, no change", f"{unchanged:8.1f} s", "3 s")
    _, previewed = run(project, fresh_cloud, "preview")
    bench.line("millpond preview, no change", f"{previewed:8.1f} s", "-")
    _, refreshed = run(project, fresh_cloud, "refresh")
    bench.line("millpond refresh, no change", f"{refreshed:8.1f} s", "-")
    gone, destroyed = run(project, fresh_cloud, "destroy")
    assert gone["deleted"] == made["created"]
    bench.line("millpond destroy", f"{destroyed:8.1f} s", "5 s")
