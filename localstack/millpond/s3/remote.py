"""The objects of another S3, LocalStack's for one: listed and written there, read from copies here.

An object is fetched when its path is first asked for, in the version that was looked up, and kept
in a cache by that version. What is written goes there first, and then into the cache.
"""

from __future__ import annotations

import datetime
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from millpond.s3.exceptions import BucketNotFound, ObjectChanged, ObjectNotFound, StorageError, StorageRefused
from millpond.s3.file_cache import CachedFile, FileCache
from millpond.s3.objects import ObjectFiles
from millpond.s3.storage import ObjectEncryption, S3Location, StoredObjectHandle

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        GetObjectRequestTypeDef,
        HeadObjectRequestTypeDef,
        ObjectIdentifierTypeDef,
    )

CACHE_BYTES = 4 * 2**30
"""How much of what was read or written is kept for the next query."""

_BLOCK = 8 * 2**20
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_MAX_DELETIONS = 1000
_NOT_THERE = frozenset({"404", "NoSuchKey", "NoSuchVersion"})
_REPLACED = _NOT_THERE | {"412", "PreconditionFailed"}


@dataclass(frozen=True)
class RemoteObjectHandle:
    """See `StoredObjectHandle`; holding it keeps the copy once there is one."""

    location: S3Location
    size: int
    last_modified: datetime.datetime
    etag: str
    _fetch: Callable[[RemoteObjectHandle], CachedFile] = field(repr=False, compare=False)
    version_id: str | None = None

    @property
    def path(self) -> Path:
        """See `StoredObjectHandle`."""
        return self._copy.path

    @cached_property
    def _copy(self) -> CachedFile:
        return self._fetch(self)


class RemoteObjectStorage:
    """The objects behind an S3 endpoint; see `ObjectStorage`.

    The requests are signed with `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or with `test` and
    `test`, and never with what a profile of this machine's user holds.

    Args:
        endpoint_url: Where the S3 answers.
        region: The region to sign for.
        files: Where the copies lie.
        cache_bytes: See `CACHE_BYTES`.
    """

    def __init__(
        self, endpoint_url: str, region: str, files: ObjectFiles, cache_bytes: int = CACHE_BYTES
    ) -> None:
        self._endpoint_url = endpoint_url
        self._files = files
        self._cache = FileCache(files, cache_bytes)
        self._s3: S3Client = boto3.Session(
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
            region_name=region,
        ).client("s3", endpoint_url=endpoint_url, config=_CONFIG)

    @property
    def files_directory(self) -> Path:
        """See `ObjectStorage`."""
        return self._files.directory

    def new_staging_path(self, suffix: str = "") -> Path:
        """See `ObjectStorage`."""
        return self._files.new_staging_path(suffix)

    def has_bucket(self, name: str) -> bool:
        """See `ObjectStorage`."""
        try:
            with self._asking(S3Location(name, "")):
                self._s3.head_bucket(Bucket=name)
        except (BucketNotFound, ObjectNotFound):
            return False
        return True

    def get(self, location: S3Location, version_id: str | None = None) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        request: HeadObjectRequestTypeDef = {"Bucket": location.bucket, "Key": location.key}
        if version_id is not None:
            request["VersionId"] = version_id
        try:
            with self._asking(location):
                found = self._s3.head_object(**request)
        except ObjectNotFound:
            # The answer to a HEAD has no body that would say what it is that is missing.
            if not self.has_bucket(location.bucket):
                raise BucketNotFound(location.bucket) from None
            raise
        return self._handle(
            location, found["ContentLength"], found["LastModified"], found["ETag"], found.get("VersionId")
        )

    def read(self, location: S3Location) -> bytes:
        """See `ObjectStorage`."""
        return self.get(location).path.read_bytes()

    def list(self, prefix: S3Location) -> list[StoredObjectHandle]:
        """See `ObjectStorage`."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=prefix.bucket, Prefix=prefix.key)
        with self._asking(prefix):
            return [
                self._handle(
                    S3Location(prefix.bucket, found["Key"]),
                    found["Size"],
                    found["LastModified"],
                    found["ETag"],
                )
                for page in pages
                for found in page.get("Contents", ())
            ]

    def put(
        self, location: S3Location, value: bytes | Path, encryption: ObjectEncryption | None = None
    ) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        headers: dict[str, Any] = {}
        if encryption is not None:
            headers["ServerSideEncryption"] = encryption.algorithm
            if encryption.key is not None:
                headers["SSEKMSKeyId"] = encryption.key
        with self._asking(location):
            if isinstance(value, Path):
                with value.open("rb") as body:
                    answer = self._s3.put_object(
                        Bucket=location.bucket, Key=location.key, Body=body, **headers
                    )
            else:
                answer = self._s3.put_object(Bucket=location.bucket, Key=location.key, Body=value, **headers)
        now = datetime.datetime.now(datetime.UTC)
        size = value.stat().st_size if isinstance(value, Path) else len(value)
        handle = self._handle(location, size, now, answer["ETag"], answer.get("VersionId"))
        self._cache.add(_cache_key(handle), value)
        return handle

    def delete(self, locations: Iterable[S3Location]) -> None:
        """See `ObjectStorage`."""
        by_bucket: dict[str, list[ObjectIdentifierTypeDef]] = defaultdict(list)
        for location in locations:
            by_bucket[location.bucket].append({"Key": location.key})
        for bucket, objects in by_bucket.items():
            for start in range(0, len(objects), _MAX_DELETIONS):
                some = objects[start : start + _MAX_DELETIONS]
                with self._asking(S3Location(bucket, "")):
                    answer = self._s3.delete_objects(Bucket=bucket, Delete={"Objects": some, "Quiet": True})
                for error in answer.get("Errors", ()):
                    raise StorageRefused(
                        self._endpoint_url, f"cannot delete s3://{bucket}/{error['Key']}: {error['Message']}"
                    )

    def _handle(
        self,
        location: S3Location,
        size: int,
        last_modified: datetime.datetime,
        etag: str,
        version_id: str | None = None,
    ) -> RemoteObjectHandle:
        return RemoteObjectHandle(location, size, last_modified, etag, self._copy_of, version_id)

    def _copy_of(self, handle: RemoteObjectHandle) -> CachedFile:
        return self._cache.get(_cache_key(handle), lambda path: self._download(handle, path))

    def _download(self, handle: RemoteObjectHandle, path: Path) -> None:
        location = handle.location
        request: GetObjectRequestTypeDef = {
            "Bucket": location.bucket,
            "Key": location.key,
            "IfMatch": handle.etag,
        }
        if handle.version_id is not None:
            request["VersionId"] = handle.version_id
        with self._asking(location, gone=ObjectChanged(location.bucket, location.key), codes=_REPLACED):
            body = self._s3.get_object(**request)["Body"]
            with path.open("wb") as file:
                for block in body.iter_chunks(_BLOCK):
                    file.write(block)

    @contextmanager
    def _asking(
        self, location: S3Location, gone: StorageError | None = None, codes: frozenset[str] = _NOT_THERE
    ) -> Iterator[None]:
        """Put what the other S3 answers into this package's words."""
        try:
            yield
        except ClientError as error:
            details = error.response.get("Error", {})
            code = details.get("Code", "Unknown")
            if code == "NoSuchBucket":
                raise BucketNotFound(location.bucket) from None
            if code in codes:
                raise gone or ObjectNotFound(location.bucket, location.key) from None
            raise StorageRefused(self._endpoint_url, f"{code}: {details.get('Message', '')}") from error
        except BotoCoreError as error:
            raise StorageRefused(self._endpoint_url, str(error)) from error


_CONFIG = Config(
    connect_timeout=5,
    max_pool_connections=32,
    retries={"mode": "standard", "max_attempts": 3},
    s3={"addressing_style": "path"},
)


def _cache_key(handle: RemoteObjectHandle) -> tuple[S3Location, str]:
    """What tells one content of an object from another; a listing gives no version."""
    return handle.location, handle.etag
