"""A local cloud's data directory: the lock that keeps it to one cloud, and tells whether that one lives."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

from millpond.server.exceptions import DataDirectoryInUse

# Whoever asks `is_locked` holds the lock for an instant, which must not stop a cloud from starting.
_PATIENCE_SECONDS = 1.0


def lock(data_dir: Path) -> IO[str]:
    """Hold a directory until the file is closed or the process ends, however it ends.

    Raises:
        DataDirectoryInUse: Another process holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    file = _lock_file(data_dir).open("w")
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            file.close()
            raise DataDirectoryInUse(data_dir) from None
        return file


def is_locked(data_dir: Path) -> bool:
    """Whether a living process holds the directory."""
    try:
        with _lock_file(data_dir).open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def access_record(data_dir: Path) -> Path:
    """Where a local cloud leaves its record of decisions when it ends."""
    return data_dir / "access.json"


def _lock_file(data_dir: Path) -> Path:
    return data_dir / "lock"
