"""The encryption of what a query writes: results, and the files of tables.

https://docs.aws.amazon.com/athena/latest/ug/encrypting-query-results-stored-in-s3.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from millpond.athena.exceptions import InvalidRequest
from millpond.s3 import ObjectEncryption, ObjectStorage, S3Location, StoredObjectHandle

_ALGORITHMS = {"SSE_S3": "AES256", "SSE_KMS": "aws:kms"}


def object_encryption(configuration: Mapping[str, Any]) -> ObjectEncryption | None:
    """What an `EncryptionConfiguration` asks of each object, None if it asks nothing.

    Raises:
        InvalidRequest: A key is missing, or the option is the client's own encryption (CSE_KMS).
    """
    option = configuration.get("EncryptionOption")
    if option is None:
        return None
    if option not in _ALGORITHMS:
        raise InvalidRequest(
            f"The encryption option {option} is not supported locally; use SSE_S3 or SSE_KMS."
        )
    key = configuration.get("KmsKey")
    if option == "SSE_KMS" and not key:
        raise InvalidRequest("KmsKey is required for the encryption option SSE_KMS")
    return ObjectEncryption(_ALGORITHMS[option], key if option == "SSE_KMS" else None)


class EncryptingObjectStorage:
    """An `ObjectStorage` that encrypts each object that is put into it."""

    def __init__(self, storage: ObjectStorage, encryption: ObjectEncryption) -> None:
        self._storage = storage
        self._encryption = encryption

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
        return self._storage.put(location, value, encryption or self._encryption)

    def delete(self, locations: Iterable[S3Location]) -> None:
        """See `ObjectStorage`."""
        self._storage.delete(locations)
