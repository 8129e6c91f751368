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


class ObjectChanged(StorageError):
    """An object was replaced or deleted between the moment that it was looked up and its being read."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(f"The object was replaced while it was about to be read: s3://{bucket}/{key}")
        self.bucket = bucket
        self.key = key


class StorageRefused(StorageError):
    """The S3 that keeps the objects refuses a request, or does not answer it."""

    def __init__(self, endpoint_url: str, reason: str) -> None:
        super().__init__(f"The S3 at {endpoint_url} that this local cloud works over: {reason}")
        self.endpoint_url = endpoint_url
