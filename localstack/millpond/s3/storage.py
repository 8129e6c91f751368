"""The objects as the other services see them; where they are kept is not their business.

Engines read files, so every object that is read has a path on this machine. `local` keeps the
objects themselves as files, `remote` fetches them from another S3 when their path is first asked for.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from millpond.s3.exceptions import InvalidLocation


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
class ObjectEncryption:
    """How an object is encrypted at rest.

    Attributes:
        algorithm: `AES256` or `aws:kms`.
        key: The KMS key, by its id, ARN or alias.
    """

    algorithm: str
    key: str | None = None


class StoredObjectHandle(Protocol):
    """An object as it was when it was looked up."""

    @property
    def location(self) -> S3Location:
        """Where it is."""

    @property
    def size(self) -> int:
        """Its bytes."""

    @property
    def last_modified(self) -> datetime.datetime:
        """When it was written."""

    @property
    def etag(self) -> str:
        """The entity tag, in quotes."""

    @property
    def path(self) -> Path:
        """A file with its content, which can be read as long as the handle is held.

        Raises:
            ObjectChanged: It is kept elsewhere, and was replaced before it was fetched.
        """


class ObjectStorage(Protocol):
    """Reads and writes objects, as S3's own API would show them.

    Where the objects are kept elsewhere, every method raises `StorageRefused` if that S3 does not answer.
    """

    @property
    def files_directory(self) -> Path:
        """The folder that holds the objects' files: all that an engine may read."""

    def new_staging_path(self, suffix: str = "") -> Path:
        """A path for a file or folder that will be put; on the file system of the objects' files."""

    def has_bucket(self, name: str) -> bool:
        """Whether a bucket exists."""

    def get(self, location: S3Location, version_id: str | None = None) -> StoredObjectHandle:
        """A version of an object, the current one unless another one is named.

        Raises:
            BucketNotFound: There is no such bucket.
            ObjectNotFound: The bucket has no such key, or the key no such version.
        """

    def read(self, location: S3Location) -> bytes:
        """The content of an object; raises as `get` does."""

    def list(self, prefix: S3Location) -> list[StoredObjectHandle]:
        """The objects whose keys begin with a prefix, in the order of their keys.

        Raises:
            BucketNotFound: There is no such bucket.
        """

    def put(
        self, location: S3Location, value: bytes | Path, encryption: ObjectEncryption | None = None
    ) -> StoredObjectHandle:
        """Write an object; a path must come from `new_staging_path` and is taken over.

        Raises:
            BucketNotFound: There is no such bucket.
        """

    def delete(self, locations: Iterable[S3Location]) -> None:
        """Delete objects, as DeleteObjects does: those that do not exist are no error.

        Raises:
            BucketNotFound: There is no such bucket.
        """
