"""What encrypting with a customer's key adds to an operation: the caller's own right to use the key.

The service calls KMS with the caller's rights (`kms:ViaService`), so that a role which may read an object and
not use its key cannot read it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html.
The keys that AWS manages (`alias/aws/s3`, ...) let every caller of the account in, so they add nothing.
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote

from millpond.iam.enforcement import keys
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.rules import Need, also


def encrypting_object() -> Need:
    """What writing an object needs: a data key of the key that the request, or else the bucket, names."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        algorithm = call.parameters.get("ServerSideEncryption")
        if algorithm is not None and not str(algorithm).startswith("aws:kms"):
            return ()
        named = call.parameters.get("SSEKMSKeyId") or keys.of_bucket(str(call.parameters.get("Bucket", "")))
        return keys.customer_key(named, call)

    return also("kms:GenerateDataKey", arns, via="s3")


def decrypting_object(*, copied: bool = False, upload: bool = False) -> Need:
    """What reading an object needs: to decrypt with the key that it was encrypted with.

    Args:
        copied: The object is the source of a copy.
        upload: The object is about to be put together from parts, which are read for that.
    """

    def arns(call: ServiceCall) -> tuple[str, ...]:
        bucket, key = str(call.parameters.get("Bucket", "")), str(call.parameters.get("Key", ""))
        version = call.parameters.get("VersionId")
        if upload:
            return keys.customer_key(keys.of_bucket(bucket), call)
        if copied:
            path, _, query = str(call.parameters.get("CopySource", "")).partition("?")
            bucket, _, key = unquote(path).lstrip("/").partition("/")
            version = next(iter(parse_qs(query).get("versionId", [])), None)
        return keys.customer_key(keys.of_object(bucket, key, version), call)

    return also("kms:Decrypt", arns, via="s3")


def with_queue_key(action: str) -> Need:
    """What sending to an encrypted queue (`GenerateDataKey`), or receiving from it (`Decrypt`), needs."""
    return also(f"kms:{action}", lambda call: keys.customer_key(keys.of_queue(call), call), via="sqs")


def with_topic_key(action: str) -> Need:
    """What publishing to an encrypted topic needs."""
    return also(f"kms:{action}", lambda call: keys.customer_key(keys.of_topic(call), call), via="sns")


def with_stream_key(action: str) -> Need:
    """What putting records to an encrypted stream, or getting them, needs."""
    return also(f"kms:{action}", lambda call: keys.customer_key(keys.of_stream(call), call), via="kinesis")


def with_secret_key(action: str) -> Need:
    """What reading or writing a secret needs."""
    return also(
        f"kms:{action}", lambda call: keys.customer_key(keys.of_secret(call), call), via="secretsmanager"
    )
