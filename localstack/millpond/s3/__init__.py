"""S3: moto's buckets and API, with every object kept as a file that engines can read in place.

The other services know `ObjectStorage` only: what they read and write lies in this process (`local`)
or in another S3 (`remote`).
"""

from millpond.s3.passing_storage import PassingObjectStorage
from millpond.s3.storage import ObjectEncryption, ObjectStorage, S3Location, StoredObjectHandle

__all__ = ["ObjectEncryption", "ObjectStorage", "PassingObjectStorage", "S3Location", "StoredObjectHandle"]
