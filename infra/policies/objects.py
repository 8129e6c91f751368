"""What a role may do with the objects of a bucket.

The actions are those of https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.naming import Naming
from infra.policies.document import Statement, title


def read_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Read and list what lies under some prefixes; without a prefix, the whole bucket."""
    condition = {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}} if prefixes else {}
    arn = (naming.bucket_arn(bucket),)
    return (
        Statement(title(naming, "Read", bucket), ("s3:GetObject",), _objects(naming, bucket, prefixes)),
        Statement(title(naming, "List", bucket), ("s3:ListBucket",), arn, condition=condition),
    )


def locate_bucket(naming: Naming, bucket: str) -> tuple[Statement, ...]:
    """See in which region a bucket is, as Athena and Firehose do before they write there."""
    arn = (naming.bucket_arn(bucket),)
    return (Statement(title(naming, "Locate", bucket), ("s3:GetBucketLocation",), arn),)


def get_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Read objects whose keys are known, and be told if there is none.

    See `miss_objects` for why the right to list is part of it.
    """
    return (
        Statement(title(naming, "Get", bucket), ("s3:GetObject",), _objects(naming, bucket, prefixes)),
        *miss_objects(naming, bucket),
    )


def miss_objects(naming: Naming, bucket: str) -> tuple[Statement, ...]:
    """Be told that an object is not there.

    Without the right to list, S3 answers 403 and not 404 for an object that is not there. A request for an
    object names no prefix, so a right to list some prefixes only would not do.
    """
    return (Statement(title(naming, "Miss", bucket), ("s3:ListBucket",), (naming.bucket_arn(bucket),)),)


def fetch_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Read objects that are known to be there: code, say."""
    return (Statement(title(naming, "Fetch", bucket), ("s3:GetObject",), _objects(naming, bucket, prefixes)),)


def list_objects(naming: Naming, bucket: str) -> tuple[Statement, ...]:
    """See what lies in a bucket, and read none of it."""
    arn = (naming.bucket_arn(bucket),)
    return (Statement(title(naming, "List", bucket), ("s3:ListBucket",), arn),)


def get_versions(naming: Naming, bucket: str) -> tuple[Statement, ...]:
    """Read objects in the version that an event told of."""
    return (
        Statement(
            title(naming, "GetVersion", bucket), ("s3:GetObjectVersion",), _objects(naming, bucket, ())
        ),
    )


def put_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Write objects under some prefixes, each at once."""
    return (Statement(title(naming, "Put", bucket), ("s3:PutObject",), _objects(naming, bucket, prefixes)),)


def write_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Write under some prefixes, also in parts, as Athena and Firehose do."""
    actions = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
    arn = (naming.bucket_arn(bucket),)
    return (
        Statement(title(naming, "Write", bucket), actions, _objects(naming, bucket, prefixes)),
        Statement(title(naming, "ListUploads", bucket), ("s3:ListBucketMultipartUploads",), arn),
    )


def delete_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Delete under some prefixes."""
    return (
        Statement(title(naming, "Delete", bucket), ("s3:DeleteObject",), _objects(naming, bucket, prefixes)),
    )


def _objects(naming: Naming, bucket: str, prefixes: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{naming.bucket_arn(bucket)}/{prefix}*" for prefix in prefixes or ("",))
