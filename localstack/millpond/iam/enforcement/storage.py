"""Objects as one caller may use them: every use is decided first, as if it had come through S3's API."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from pathlib import Path

from millpond.iam.enforcement.actor import Actor
from millpond.s3 import ObjectEncryption, ObjectStorage, PassingObjectStorage, S3Location, StoredObjectHandle
from millpond.s3.exceptions import ObjectNotFound


class AuthorizedObjectStorage(PassingObjectStorage):
    """An `ObjectStorage` with the rights of an actor; its methods raise `AccessDeniedError` besides.

    To look an object up and to list a bucket does not read objects: the right to do so is asked for when the
    handle's path is.
    """

    def __init__(self, storage: ObjectStorage, actor: Actor) -> None:
        super().__init__(storage)
        self._actor = actor

    def get(self, location: S3Location, version_id: str | None = None) -> StoredObjectHandle:
        """See `ObjectStorage`; that there is no such object is told only to those who may list the bucket."""
        try:
            found = self._storage.get(location, version_id)
        except ObjectNotFound:
            self._actor.check("s3", "GetObject", Bucket=location.bucket, Key=location.key)
            self._actor.check("s3", "ListObjectsV2", Bucket=location.bucket, Prefix=location.key)
            raise
        return AuthorizedHandle(found, self._actor, version_id)

    def read(self, location: S3Location) -> bytes:
        """See `ObjectStorage`."""
        return self.get(location).path.read_bytes()

    def list(self, prefix: S3Location) -> list[StoredObjectHandle]:
        """See `ObjectStorage`."""
        self._actor.check("s3", "ListObjectsV2", Bucket=prefix.bucket, Prefix=prefix.key)
        return [AuthorizedHandle(found, self._actor) for found in self._storage.list(prefix)]

    def put(
        self, location: S3Location, value: bytes | Path, encryption: ObjectEncryption | None = None
    ) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        headers = {}
        if encryption is not None:
            headers["ServerSideEncryption"] = encryption.algorithm
            if encryption.key is not None:
                headers["SSEKMSKeyId"] = encryption.key
        self._actor.check("s3", "PutObject", Bucket=location.bucket, Key=location.key, **headers)
        return self._storage.put(location, value, encryption)

    def delete(self, locations: Iterable[S3Location]) -> None:
        """See `ObjectStorage`."""
        named = list(locations)
        for location in named:
            self._actor.check("s3", "DeleteObject", Bucket=location.bucket, Key=location.key)
        self._storage.delete(named)


class AuthorizedHandle:
    """A `StoredObjectHandle` whose content needs the right to read the object."""

    def __init__(self, found: StoredObjectHandle, actor: Actor, version_id: str | None = None) -> None:
        self._found = found
        self._actor = actor
        self._version_id = version_id
        self._allowed = False

    @property
    def location(self) -> S3Location:
        """See `StoredObjectHandle`."""
        return self._found.location

    @property
    def size(self) -> int:
        """See `StoredObjectHandle`."""
        return self._found.size

    @property
    def last_modified(self) -> datetime.datetime:
        """See `StoredObjectHandle`."""
        return self._found.last_modified

    @property
    def etag(self) -> str:
        """See `StoredObjectHandle`."""
        return self._found.etag

    @property
    def path(self) -> Path:
        """See `StoredObjectHandle`."""
        if not self._allowed:
            location = self.location
            version = {"VersionId": self._version_id} if self._version_id else {}
            self._actor.check("s3", "GetObject", Bucket=location.bucket, Key=location.key, **version)
            self._allowed = True
        return self._found.path
