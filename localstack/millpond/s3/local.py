"""The objects of this process: no HTTP, no copy of the bytes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from moto.s3.exceptions import MissingBucket
from moto.s3.models import FakeBucket, S3Backend, s3_backends

from millpond.s3.exceptions import BucketNotFound, ObjectNotFound
from millpond.s3.objects import ObjectFiles, StoredObject
from millpond.s3.storage import ObjectEncryption, S3Location, StoredObjectHandle


@dataclass(frozen=True)
class LocalObjectHandle:
    """See `StoredObjectHandle`; holding the object keeps its file."""

    location: S3Location
    size: int
    last_modified: datetime.datetime
    path: Path
    _object: StoredObject = field(repr=False, compare=False)

    @property
    def etag(self) -> str:
        """See `StoredObjectHandle`; computed when it is first asked for."""
        return str(self._object.etag)


class LocalObjectStorage:
    """The objects of one account's partition in moto's S3; see `ObjectStorage`.

    Writes send the bucket's event notifications, like a request over HTTP.
    """

    def __init__(self, files: ObjectFiles, account_id: str, partition: str = "aws") -> None:
        self._files = files
        self._account_id = account_id
        self._partition = partition

    @property
    def files_directory(self) -> Path:
        """See `ObjectStorage`."""
        return self._files.directory

    def new_staging_path(self, suffix: str = "") -> Path:
        """See `ObjectStorage`."""
        return self._files.new_staging_path(suffix)

    def has_bucket(self, name: str) -> bool:
        """See `ObjectStorage`."""
        return name in self._backend.buckets

    def get(self, location: S3Location, version_id: str | None = None) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        keys = self._bucket(location.bucket).keys
        found = keys.get(location.key)
        if version_id is not None:
            versions = keys.getlist(location.key, [])
            found = next((version for version in versions if str(version.version_id) == version_id), None)
        if not isinstance(found, StoredObject):
            raise ObjectNotFound(location.bucket, location.key)
        return _handle(location, found)

    def read(self, location: S3Location) -> bytes:
        """See `ObjectStorage`."""
        return self.get(location).path.read_bytes()

    def list(self, prefix: S3Location) -> list[StoredObjectHandle]:
        """See `ObjectStorage`."""
        objects = self._bucket(prefix.bucket).keys.items()
        return [
            _handle(S3Location(prefix.bucket, key), current)
            for key, current in sorted(objects, key=lambda item: item[0])
            if key.startswith(prefix.key) and isinstance(current, StoredObject)
        ]

    def put(
        self, location: S3Location, value: bytes | Path, encryption: ObjectEncryption | None = None
    ) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        self._bucket(location.bucket)
        stored = self._backend.put_object(
            location.bucket,
            location.key,
            cast("bytes", value),
            encryption=encryption.algorithm if encryption else None,
            kms_key_id=encryption.key if encryption else None,
        )
        return _handle(location, cast("StoredObject", stored))

    def delete(self, locations: Iterable[S3Location]) -> None:
        """See `ObjectStorage`."""
        for location in locations:
            self._bucket(location.bucket)
            self._backend.delete_object(location.bucket, location.key)

    @property
    def _backend(self) -> S3Backend:
        return s3_backends[self._account_id][self._partition]

    def _bucket(self, name: str) -> FakeBucket:
        try:
            return self._backend.get_bucket(name)
        except MissingBucket:
            raise BucketNotFound(name) from None


def _handle(location: S3Location, stored: StoredObject) -> LocalObjectHandle:
    return LocalObjectHandle(location, stored.contentsize, stored.last_modified, stored.path, stored)
