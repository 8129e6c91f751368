"""S3: moto's buckets and API, with every object kept as a file that engines can read in place."""

from millpond.s3.storage import ObjectStorage, S3Location, StoredObjectHandle

__all__ = ["ObjectStorage", "S3Location", "StoredObjectHandle"]
