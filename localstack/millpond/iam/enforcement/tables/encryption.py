"""What encrypting with a customer's key adds to an operation: the caller's own right to use the key.

The service calls KMS with the caller's rights (`kms:ViaService`), so that a role which may read an object and
not use its key cannot read it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html.
The keys that AWS manages (`alias/aws/s3`, ...) let every caller of the account in, so they add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote

from millpond.iam.enforcement import keys, lookups
from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.rules import Need, also
from millpond.iam.enforcement.templates import as_text, template

_STREAM = "arn:{$partition}:kinesis:{$region}:{$account}:stream/{StreamARN|StreamName}"


def encryption_context(pairs: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The condition keys of an encryption context.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
    """
    context = {f"kms:EncryptionContext:{name}": (value,) for name, value in pairs.items()}
    return {**context, "kms:EncryptionContextKeys": tuple(pairs)} if pairs else {}


def encrypting_object() -> Need:
    """What writing an object needs: a data key of the key that the request, or else the bucket, names."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        algorithm = call.parameters.get("ServerSideEncryption")
        if algorithm is not None and not str(algorithm).startswith("aws:kms"):
            return ()
        named = call.parameters.get("SSEKMSKeyId") or keys.of_bucket(str(call.parameters.get("Bucket", "")))
        return keys.customer_key(named, call)

    def derived(call: ServiceCall) -> Mapping[str, tuple[str, ...]]:
        bucket, key = str(call.parameters.get("Bucket", "")), str(call.parameters.get("Key", ""))
        asked = call.parameters.get("BucketKeyEnabled")
        by_bucket = keys.has_bucket_key(bucket) if asked is None else as_text(asked).lower() == "true"
        return _of_object(call, bucket, key, by_bucket)

    return also("kms:GenerateDataKey", arns, via="s3", derived=derived)


def decrypting_object(*, copied: bool = False, upload: bool = False) -> Need:
    """What reading an object needs: to decrypt with the key that it was encrypted with.

    Args:
        copied: The object is the source of a copy.
        upload: The object is about to be put together from parts, which are read for that.
    """

    def named(call: ServiceCall) -> tuple[str, str, str | None]:
        if not copied:
            bucket, key = call.parameters.get("Bucket", ""), call.parameters.get("Key", "")
            return str(bucket), str(key), call.parameters.get("VersionId")
        path, _, query = str(call.parameters.get("CopySource", "")).partition("?")
        source, _, source_key = unquote(path).lstrip("/").partition("/")
        return source, source_key, next(iter(parse_qs(query).get("versionId", [])), None)

    def arns(call: ServiceCall) -> tuple[str, ...]:
        bucket, key, version = named(call)
        return keys.customer_key(
            keys.of_bucket(bucket) if upload else keys.of_object(bucket, key, version), call
        )

    def derived(call: ServiceCall) -> Mapping[str, tuple[str, ...]]:
        bucket, key, version = named(call)
        if upload:
            return _of_object(call, bucket, key, keys.has_bucket_key(bucket))
        found = keys.find_object(bucket, key, version)
        by_bucket = found is not None and as_text(found.bucket_key_enabled).lower() == "true"
        return _of_object(call, bucket, key, by_bucket)

    return also("kms:Decrypt", arns, via="s3", derived=derived)


def with_queue_key(action: str) -> Need:
    """What sending to an encrypted queue (`GenerateDataKey`), or receiving from it (`Decrypt`), needs."""
    return _with_key(action, "sqs", keys.of_queue, "aws:sqs:arn", lookups.queue)


def with_topic_key(action: str) -> Need:
    """What publishing to an encrypted topic needs."""
    return _with_key(action, "sns", keys.of_topic, "aws:sns:topicArn", template("{TopicArn}"))


def with_stream_key(action: str) -> Need:
    """What putting records to an encrypted stream, or getting them, needs."""
    return _with_key(action, "kinesis", keys.of_stream, "aws:kinesis:arn", template(_STREAM))


def with_secret_key(action: str) -> Need:
    """What reading or writing a secret needs."""
    return _with_key(action, "secretsmanager", keys.of_secret, "SecretARN", lookups.secret)


def with_variables_key(action: str) -> Need:
    """What giving a function variables that are encrypted with a customer's key needs.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
    """

    def named(call: ServiceCall) -> str | None:
        return str(call.parameters["KMSKeyArn"]) if call.parameters.get("KMSKeyArn") else None

    return _with_key(action, "lambda", named, "aws:lambda:FunctionArn", lookups.unqualified_function)


def _with_key(
    action: str,
    service: str,
    named: Callable[[ServiceCall], str | None],
    context_key: str,
    resource: Callable[[ServiceCall], tuple[str, ...]],
) -> Need:
    """The use of a key for a resource, by whose ARN the service has it noted in the encryption context."""

    def derived(call: ServiceCall) -> Mapping[str, tuple[str, ...]]:
        return encryption_context({context_key: next(iter(resource(call)), "*")})

    return also(
        f"kms:{action}",
        lambda call: keys.customer_key(named(call), call),
        via=service,
        derived=derived,
    )


def _of_object(call: ServiceCall, bucket: str, key: str, by_bucket: bool) -> Mapping[str, tuple[str, ...]]:
    """With a bucket key it is the bucket that a data key is made for, else each object."""
    arn = f"arn:{call.partition}:s3:::{bucket}"
    return encryption_context({"aws:s3:arn": arn if by_bucket else f"{arn}/{key}"})
