"""What enforcement costs in the main job: the demo with it and without, in turn, on the same days."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.conftest import Bench

pytestmark = pytest.mark.bench

PROJECT = Path(__file__).resolve().parents[2]
DAYS, TURNS = 7, 2


@dataclass(frozen=True)
class Taken:
    """Seconds of one run.

    Attributes:
        wall: From start to end.
        cpu: Of all its processes.
    """

    wall: float
    cpu: float


def demo(folder: Path, *options: str) -> Taken:
    command = [sys.executable, "-m", "millpond", "demo", "--json", "--port", "0", "--days", str(DAYS)]
    folder.mkdir()
    began, used = time.monotonic(), _cpu_of_children()
    done = subprocess.run(
        [*command, "--project", str(PROJECT), "--data-dir", str(folder), *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = Taken(time.monotonic() - began, _cpu_of_children() - used)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sources"]
    return taken


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_demo_with_and_without_enforcement(bench: Bench, tmp_path: Path) -> None:
    modes: dict[str, tuple[str, ...]] = {"enforced": (), "not": ("--no-enforce-iam",)}
    runs: dict[str, list[Taken]] = {mode: [] for mode in modes}
    for turn in range(TURNS):
        for mode in sorted(modes, reverse=bool(turn % 2)):
            runs[mode].append(demo(tmp_path / f"{mode}-{turn}", *modes[mode]))
    # What disturbs a run makes it longer, never shorter.
    for name, target in (("wall", "1.1"), ("cpu", "-")):
        enforced, free = (min(getattr(taken, name) for taken in runs[mode]) for mode in modes)
        figure = f"{enforced:6.1f} s enforced, {free:6.1f} s not, ratio {enforced / free:5.2f}"
        bench.line(f"demo of {DAYS} days, {name}", figure, target)
