"""The encryption of what a query writes: results, and the files of tables.

https://docs.aws.amazon.com/athena/latest/ug/encrypting-query-results-stored-in-s3.html
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from millpond.athena.exceptions import InvalidRequest
from millpond.s3 import ObjectEncryption, ObjectStorage, PassingObjectStorage, S3Location, StoredObjectHandle

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


class EncryptingObjectStorage(PassingObjectStorage):
    """An `ObjectStorage` that encrypts each object that is put into it."""

    def __init__(self, storage: ObjectStorage, encryption: ObjectEncryption) -> None:
        super().__init__(storage)
        self._encryption = encryption

    def put(
        self, location: S3Location, value: bytes | Path, encryption: ObjectEncryption | None = None
    ) -> StoredObjectHandle:
        """See `ObjectStorage`."""
        return self._storage.put(location, value, encryption or self._encryption)
