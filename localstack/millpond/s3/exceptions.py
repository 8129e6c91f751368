"""What can go wrong between the other services and the objects that they use."""

from __future__ import annotations


class StorageError(Exception):
    """An object or bucket cannot be used as asked."""


class ObjectNotFound(StorageError):
    """The bucket has no such object (S3's `NoSuchKey`)."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(f"The specified key does not exist: s3://{bucket}/{key}")
        self.bucket = bucket
        self.key = key


class BucketNotFound(StorageError):
    """There is no such bucket (S3's `NoSuchBucket`)."""

    def __init__(self, bucket: str) -> None:
        super().__init__(f"The specified bucket does not exist: {bucket}")
        self.bucket = bucket


class InvalidLocation(StorageError):
    """A text is no `s3://bucket/key`."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"Not an S3 location: '{uri}' (expected s3://bucket/prefix)")
        self.uri = uri
