"""How measurements are taken and shown: medians and 95th percentiles, never assertions about time."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

import psutil
import pytest
from rich.console import Console

_console = Console(highlight=False)


class Bench:
    """Takes and prints figures; every line names what was measured, and in which unit."""

    def milliseconds(self, name: str, call: Callable[[int], object], times: int, target: float) -> None:
        """Call `times` times after a warm-up; prints the median and the 95th percentile."""
        call(-1)
        taken = []
        for number in range(times):
            began = time.perf_counter()
            call(number)
            taken.append((time.perf_counter() - began) * 1000)
        p95 = statistics.quantiles(taken, n=20)[-1] if times > 1 else taken[0]
        self.line(name, f"median {statistics.median(taken):8.2f} ms   p95 {p95:8.2f} ms", f"{target:g} ms")

    def line(self, name: str, figure: str, target: str, limit: str = "at most") -> None:
        promised = "" if target == "-" else f"   (target: {limit} {target})"
        _console.print(f"{name:<58} {figure}{promised}", soft_wrap=True)


class MemoryWatch:
    """The highest sum of the resident memory of a process and all its descendants, in MiB.

    Pages that processes share are counted once for each of them, so the true figure is lower.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_mib = 0.0

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.1):
            total = 0
            try:
                for process in [self._process, *self._process.children(recursive=True)]:
                    total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
            self.peak_mib = max(self.peak_mib, total / 2**20)


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()
