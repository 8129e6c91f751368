"""How an object's bytes are kept: one immutable file each, as long as anybody holds the object.

moto keeps values in memory. Athena's engine reads files, and a lake does not fit into memory,
so `StoredObject` replaces moto's key class. Its file is written once, never changed (a new
version is a new object), and goes away with the last reference: a query that holds the
objects it reads is not disturbed by a writer that replaces them.
"""

from __future__ import annotations

import hashlib
import shutil
import uuid
import weakref
from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey

_BLOCK = 16 * 1024 * 1024


class ObjectFiles:
    """The folder with the objects' files, and the folder for files about to become objects.

    Both lie under `directory`, on one file system, so that taking a file over is a rename.
    What an earlier process left there is removed: the objects' names lived in its memory.
    """

    def __init__(self, directory: Path) -> None:
        self._objects = directory / "objects"
        self._staging = directory / "staging"
        for folder in (self._objects, self._staging):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)

    @property
    def directory(self) -> Path:
        """The folder that holds every object's file."""
        return self._objects

    def new_staging_path(self, suffix: str = "") -> Path:
        """A path that nothing else uses, for a file or folder to be written and then put."""
        return self._staging / f"{uuid.uuid4().hex}{suffix}"

    def store(self, value: bytes | Path) -> Path:
        """Keep bytes, or take over the file at a path; returns where the value now lies."""
        target = self._objects / uuid.uuid4().hex
        if isinstance(value, Path):
            value.rename(target)
        else:
            target.write_bytes(value)
        return target


class StoredObject(FakeKey):
    """One version of one object; `files` is set by the service when it is installed."""

    files: ObjectFiles

    def __init__(self, name: str, value: bytes | Path, *arguments: Any, **options: Any) -> None:
        super().__init__(name, b"", *arguments, **options)
        self._value_buffer.close()
        self.path = self.files.store(value)
        self.contentsize = self.path.stat().st_size
        self._remove = weakref.finalize(self, _unlink, self.path)

    @property
    def value(self) -> bytes:
        """The whole content."""
        return self.path.read_bytes()

    @value.setter
    def value(self, new_value: bytes) -> None:
        """moto's constructor sets an empty value first; the file is written once, after it."""

    @property
    def etag(self) -> str:
        """The entity tag in quotes: the MD5 of the content unless a multipart upload gave one."""
        if self._etag is None:
            digest = hashlib.md5(usedforsecurity=False)
            with self.path.open("rb") as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
            self._etag = digest.hexdigest()
        return f'"{self._etag}"'

    def dispose(self, garbage: bool = False) -> None:
        """Forget the parts of an upload; the file itself lives as long as this object."""
        if self.multipart and not garbage:
            self.multipart.dispose()
        self.disposed = True


def _unlink(path: Path) -> None:
    path.unlink(missing_ok=True)
