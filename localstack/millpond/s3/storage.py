"""The objects, for the services of the same process: no HTTP, no copy of the bytes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from moto.s3.exceptions import MissingBucket
from moto.s3.models import FakeBucket, S3Backend, s3_backends

from millpond.s3.exceptions import BucketNotFound, InvalidLocation, ObjectNotFound
from millpond.s3.objects import ObjectFiles, StoredObject


@dataclass(frozen=True)
class S3Location:
    """A bucket and a key or prefix."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, uri: str) -> S3Location:
        """Read `s3://bucket/key`; `s3a` and `s3n`, as Hadoop writes them, mean the same.

        Raises:
            InvalidLocation: It is no such text.
        """
        scheme, separator, rest = uri.partition("://")
        bucket, _, key = rest.partition("/")
        if not separator or scheme not in ("s3", "s3a", "s3n") or not bucket:
            raise InvalidLocation(uri)
        return cls(bucket, key)

    @property
    def as_folder(self) -> S3Location:
        """The same with a slash at the end, so that `a/b` does not match `a/bc`."""
        return self if not self.key or self.key.endswith("/") else S3Location(self.bucket, self.key + "/")

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class StoredObjectHandle:
    """An object as it was when it was looked up; `path` can be read as long as this is held."""

    location: S3Location
    size: int
    last_modified: datetime.datetime
    path: Path
    _object: StoredObject = field(repr=False, compare=False)

    @property
    def etag(self) -> str:
        """The entity tag, in quotes."""
        return str(self._object.etag)


class ObjectStorage:
    """Reads and writes the objects of one account's partition, as S3's own API would show them.

    Writes send the bucket's event notifications, like a request over HTTP.
    """

    def __init__(self, files: ObjectFiles, account_id: str, partition: str = "aws") -> None:
        self._files = files
        self._account_id = account_id
        self._partition = partition

    @property
    def files_directory(self) -> Path:
        """The folder that holds the objects' files: all that an engine may read."""
        return self._files.directory

    def new_staging_path(self, suffix: str = "") -> Path:
        """A path for a file or folder that will be put; on the objects' file system."""
        return self._files.new_staging_path(suffix)

    def has_bucket(self, name: str) -> bool:
        """Whether a bucket exists."""
        return name in self._backend.buckets

    def get(self, location: S3Location) -> StoredObjectHandle:
        """The current version of an object.

        Raises:
            BucketNotFound: There is no such bucket.
            ObjectNotFound: The bucket has no such key.
        """
        current = self._bucket(location.bucket).keys.get(location.key)
        if not isinstance(current, StoredObject):
            raise ObjectNotFound(location.bucket, location.key)
        return _handle(location, current)

    def read(self, location: S3Location) -> bytes:
        """The content of an object; raises as `get` does."""
        return self.get(location).path.read_bytes()

    def list(self, prefix: S3Location) -> list[StoredObjectHandle]:
        """The objects whose keys begin with a prefix, in the order of their keys.

        Raises:
            BucketNotFound: There is no such bucket.
        """
        objects = self._bucket(prefix.bucket).keys.items()
        return [
            _handle(S3Location(prefix.bucket, key), current)
            for key, current in sorted(objects, key=lambda item: item[0])
            if key.startswith(prefix.key) and isinstance(current, StoredObject)
        ]

    def put(self, location: S3Location, value: bytes | Path) -> StoredObjectHandle:
        """Write an object; a path must come from `new_staging_path` and is taken over.

        Raises:
            BucketNotFound: There is no such bucket.
        """
        self._bucket(location.bucket)
        stored = self._backend.put_object(location.bucket, location.key, cast("bytes", value))
        return _handle(location, cast("StoredObject", stored))

    def delete(self, locations: Iterable[S3Location]) -> None:
        """Delete objects, as DeleteObjects does: those that do not exist are no error.

        Raises:
            BucketNotFound: There is no such bucket.
        """
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


def _handle(location: S3Location, stored: StoredObject) -> StoredObjectHandle:
    return StoredObjectHandle(location, stored.contentsize, stored.last_modified, stored.path, stored)
