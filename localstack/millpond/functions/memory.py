"""How much memory a worker uses, and the end of those that use too much.

Limits of the address space (RLIMIT_AS) would stop numpy and pyarrow, which reserve far more
than they use. So the resident size is what counts, as in Lambda's own reports.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024 * 1024
_LINUX = sys.platform == "linux"
# Reading /proc takes microseconds, `ps` takes milliseconds.
_INTERVAL = 0.025 if _LINUX else 0.5


def peak_memory(pid: int) -> int:
    """The most bytes that a process ever had resident; 0 if it is gone."""
    if not _LINUX:
        return resident_memory(pid)
    return _status_field(pid, "VmHWM:")


def resident_memory(pid: int) -> int:
    """The bytes that a process has resident; 0 if it is gone."""
    if _LINUX:
        return _status_field(pid, "VmRSS:")
    answer = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False)
    return int(answer.stdout or 0) * 1024


@dataclass
class _Watch:
    limit: int
    on_excess: Callable[[], None]
    seen: int = 0
    exceeded: bool = False


class MemoryGuard:
    """Watches running workers; one thread for all of them, asleep while none runs."""

    def __init__(self) -> None:
        self._watched: dict[int, _Watch] = {}
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._watch, name="function-memory", daemon=True)
        self._thread.start()

    def watch(self, pid: int, limit: int, on_excess: Callable[[], None]) -> None:
        """Call `on_excess` once if the process has more than `limit` bytes resident."""
        with self._changed:
            self._watched[pid] = _Watch(limit, on_excess)
            if len(self._watched) == 1:
                self._changed.notify()

    def forget(self, pid: int) -> int:
        """Watch a process no longer; returns the most bytes it was seen to have resident."""
        with self._changed:
            watch = self._watched.pop(pid, None)
        return max(watch.seen if watch else 0, peak_memory(pid))

    def stop(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._watched or self._stopped)
                if self._stopped:
                    return
                watched = list(self._watched.items())
            for pid, watch in watched:
                resident = resident_memory(pid)
                watch.seen = max(watch.seen, resident)
                if resident > watch.limit and not watch.exceeded:
                    watch.exceeded = True
                    watch.on_excess()
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, timeout=_INTERVAL)


def _status_field(pid: int, name: str) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    for line in status.splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0
