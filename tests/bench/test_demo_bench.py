"""The main job from start to end, as a user runs it.

`MILLPOND_BENCH_DATA` may name a folder of daily sales files to run it on as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.conftest import Bench, MemoryWatch

pytestmark = pytest.mark.bench

PROJECT = Path(__file__).resolve().parents[2]


def run_demo(bench: Bench, name: str, folder: Path, seconds: int, *options: str) -> None:
    command = [sys.executable, "-m", "millpond", "demo", "--json", "--port", "0", "--data-dir", str(folder)]
    began = time.monotonic()
    demo = subprocess.Popen(
        [*command, "--project", str(PROJECT), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with MemoryWatch(demo.pid) as memory:
        output, _ = demo.communicate()
    taken = time.monotonic() - began
    assert demo.returncode == 0
    report = json.loads(output)
    lines = sum(source["lines"] for source in report["sources"])
    events = report["events"]["posted"]["sent"]
    what = f"{name}: {lines:,} lines, {events:,} web events, net {report['net']}"
    bench.line(what, f"{taken:8.1f} s", f"{seconds} s")
    for step, step_seconds in report["seconds"].items():
        bench.line(f"    {step}", f"{step_seconds:8.1f} s", "-")
    bench.line("    peak memory of all processes", f"{memory.peak_mib:8.0f} MiB", "2048 MiB")


def test_demo_on_generated_data(bench, tmp_path):
    run_demo(bench, "demo, generated data", tmp_path, 60)


def test_demo_on_given_data(bench, tmp_path):
    data = os.environ.get("MILLPOND_BENCH_DATA")
    if not data:
        pytest.skip("MILLPOND_BENCH_DATA names no folder of daily sales files")
    run_demo(bench, "demo, given data", tmp_path, 180, "--data", str(Path(data).resolve()))
