"""Files that were fetched once and may be read again, as many as a limit of bytes allows.

A file goes away when the cache has let go of it and nobody else holds it: a query that reads it is
not disturbed by another one that needs the room.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

from millpond.s3.objects import ObjectFiles


class CachedFile:
    """A file that lives as long as this is held, by the cache or by anybody else."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = path.stat().st_size
        weakref.finalize(self, path.unlink, missing_ok=True)


class FileCache:
    """The files that were used last, by the version of the object that they are.

    Args:
        files: Where they lie.
        capacity: The bytes that the cache itself holds; what others hold comes on top.
    """

    def __init__(self, files: ObjectFiles, capacity: int) -> None:
        self._files = files
        self._capacity = capacity
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, CachedFile] = OrderedDict()  # the one used last at the end
        self._held_bytes = 0
        self._fetching: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, fetch: Callable[[Path], None]) -> CachedFile:
        """The file of a key; `fetch` writes it if it is not there, once for all who wait for it."""
        with self._lock:
            fetching = self._fetching.setdefault(key, threading.Lock())
        with fetching:
            file = self._find(key)
            if file is None:
                path = self._files.new_staging_path()
                try:
                    fetch(path)
                    file = self.add(key, path)
                finally:
                    path.unlink(missing_ok=True)
        with self._lock:
            self._fetching.pop(key, None)
        return file

    def add(self, key: Hashable, value: bytes | Path) -> CachedFile:
        """Keep bytes, or take over the file at a path."""
        file = CachedFile(self._files.store(value))
        with self._lock:
            replaced = self._held.pop(key, None)
            self._held[key] = file
            self._held_bytes += file.size - (replaced.size if replaced else 0)
            while self._held_bytes > self._capacity:
                _, oldest = self._held.popitem(last=False)
                self._held_bytes -= oldest.size
        return file

    def _find(self, key: Hashable) -> CachedFile | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)
