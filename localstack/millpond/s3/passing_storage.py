"""An object storage in front of another one, to be made of by what changes some of its answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from millpond.s3.storage import ObjectEncryption, ObjectStorage, S3Location, StoredObjectHandle


class PassingObjectStorage:
    """An `ObjectStorage` that passes everything on to another one."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage

    @property
    def files_directory(self) -> Path:
        """See `ObjectStorage`."""
        return self._storage.files_directory

    def new_staging_path(self, suffix: str = "") -> Path:
        """See `ObjectStorage`."""
        return self._storage.new_staging_path(suffix)

    def has_bucket(self, name: str) -> bool:
        """See `ObjectStorage`."""
        return self._storage.has_bucket(name)

    def get(self, location: S3Location, version_id: str | None = None) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        return self._storage.get(location, version_id)

    def read(self, location: S3Location) -> bytes:
        """See `ObjectStorage`."""
        return self._storage.read(location)

    def list(self, prefix: S3Location) -> list[StoredObjectHandle]:
        """See `ObjectStorage`."""
        return self._storage.list(prefix)

    def put(
        self, location: S3Location, value: bytes | Path, encryption: ObjectEncryption | None = None
    ) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        return self._storage.put(location, value, encryption)

    def delete(self, locations: Iterable[S3Location]) -> None:
        """See `ObjectStorage`."""
        self._storage.delete(locations)
