"""Which KMS key something is encrypted with: buckets, objects, queues, topics, streams, secrets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.kinesis.models import kinesis_backends
from moto.kms.models import Key, kms_backends
from moto.s3.models import FakeBucket, FakeKey, s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from millpond.iam.backends import backend_of
from millpond.iam.enforcement.call import ServiceCall


def find_key(named: str, account: str, region: str) -> Key | None:
    """A key by its id, ARN, alias or the alias's ARN; `None` if there is none, or the account made none."""
    if named.startswith("arn:"):
        _, _, _, region, account, named = named.split(":", 5)
        named = named.removeprefix("key/")
    if account not in kms_backends or region not in kms_backends[account]:
        return None
    keys = backend_of(kms_backends, account, region).keys
    if named.startswith("alias/"):
        return next((key for key in list(keys.values()) if named in key.aliases), None)
    return keys.get(named)


def customer_key(named: str | None, call: ServiceCall) -> tuple[str, ...]:
    """The ARN of a key that the account itself manages; none for AWS's own, which let all callers in."""
    if not named or named.removeprefix("arn:").rpartition("alias/")[2].startswith("aws/"):
        return ()
    key = find_key(named, call.account, call.region)
    if key is None or any(alias.startswith("alias/aws/") for alias in key.aliases):
        return ()
    return (str(key.arn),)


def find_bucket(name: str) -> FakeBucket | None:
    """A bucket of whatever account: names are unique in a partition."""
    for account in list(s3_backends.values()):
        bucket: FakeBucket | None = account["aws"].buckets.get(name)
        if bucket is not None:
            return bucket
    return None


def find_object(bucket_name: str, key: str, version_id: str | None) -> FakeKey | None:
    """An object, or one of its versions; `None` if there is none, or it has been deleted."""
    bucket = find_bucket(bucket_name)
    if bucket is None:
        return None
    found = bucket.keys.get(key)
    if version_id is not None:
        versions = bucket.keys.getlist(key, [])
        found = next((one for one in versions if str(one.version_id) == version_id), None)
    return found if isinstance(found, FakeKey) else None


def of_bucket(name: str) -> str | None:
    """The key that a bucket encrypts new objects with, as its default encryption names it."""
    default = _encryption_rule(name).get("ApplyServerSideEncryptionByDefault") or {}
    return default.get("KMSMasterKeyID") if default.get("SSEAlgorithm", "").startswith("aws:kms") else None


def has_bucket_key(name: str) -> bool:
    """Whether a bucket has new objects encrypted by a key of its own, which the KMS key encrypts."""
    return str(_encryption_rule(name).get("BucketKeyEnabled")).lower() == "true"


def _encryption_rule(name: str) -> Mapping[str, Any]:
    bucket = find_bucket(name)
    rule: Any = (bucket.encryption or {}).get("Rule", {}) if bucket is not None else {}
    first: Mapping[str, Any] = rule[0] if isinstance(rule, list) else rule
    return first


def of_object(bucket_name: str, key: str, version_id: str | None) -> str | None:
    """The key that an object is encrypted with."""
    found = find_object(bucket_name, key, version_id)
    if found is None or not (found.encryption or "").startswith("aws:kms"):
        return None
    return found.kms_key_id


def of_queue(call: ServiceCall) -> str | None:
    """The key of the queue that a call names by its URL."""
    name = str(call.parameters.get("QueueUrl", "")).rpartition("/")[2]
    queue = backend_of(sqs_backends, call.account, call.region).queues.get(name)
    return getattr(queue, "kms_master_key_id", None)


def of_topic(call: ServiceCall) -> str | None:
    """The key of the topic that a call names by its ARN."""
    topic = backend_of(sns_backends, call.account, call.region).topics.get(
        str(call.parameters.get("TopicArn", ""))
    )
    return topic.kms_master_key_id if topic is not None else None


def of_stream(call: ServiceCall) -> str | None:
    """The key of the data stream that a call names."""
    name = call.parameters.get("StreamName") or str(call.parameters.get("StreamARN", "")).rpartition("/")[2]
    stream = backend_of(kinesis_backends, call.account, call.region).streams.get(name)
    return stream.key_id if stream is not None and stream.encryption_type == "KMS" else None


def of_secret(call: ServiceCall) -> str | None:
    """The key of the secret that a call names."""
    secrets = backend_of(secretsmanager_backends, call.account, call.region).secrets
    name = str(call.parameters.get("SecretId", ""))
    secret: Any = secrets.get(name) if name in secrets else None
    return getattr(secret, "kms_key_id", None) if secret is not None else call.parameters.get("KmsKeyId")
