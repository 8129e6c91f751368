"""The policies of buckets, queues, topics and the key: what they take from whom, and what from nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from infra.naming import Naming
from infra.policies.document import Statement, policy

_SSE = "s3:x-amz-server-side-encryption"
_SSE_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"

# All that can be done with a key but use it; what AWS's own default policy gives the account with `kms:*`.
_ADMINISTER_KEY = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:ListRetirableGrants",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
_USE_KEY = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom")
# The services that encrypt with the key for a caller who has the right to.
_ENCRYPTING_SERVICES = ("firehose", "glue", "kinesis", "s3", "sns", "sqs")


def data_bucket_policy(naming: Naming, bucket: str, key_arn: str) -> str:
    """Nothing without TLS; and no object that is encrypted otherwise than with the lake's key.

    An object that says nothing gets the bucket's default, which is that key.
    """
    objects = (f"{naming.bucket_arn(bucket)}/*",)
    return policy(
        [
            _deny_insecure_transport(naming, bucket),
            _deny_put("DenyOtherEncryption", objects, _SSE, "aws:kms"),
            _deny_put("DenyOtherKeys", objects, _SSE_KEY, key_arn),
        ]
    )


def log_bucket_policy(naming: Naming, bucket: str, sources: Iterable[str]) -> str:
    """Nothing without TLS; S3 may write the access logs of some buckets."""
    deliver = Statement(
        "AcceptAccessLogs",
        ("s3:PutObject",),
        (f"{naming.bucket_arn(bucket)}/*",),
        principal={"Service": "logging.s3.amazonaws.com"},
        condition={
            "ArnEquals": {"aws:SourceArn": [naming.bucket_arn(source) for source in sources]},
            "StringEquals": {"aws:SourceAccount": naming.account_id},
        },
    )
    return policy([_deny_insecure_transport(naming, bucket), deliver])


def accept_bucket_events(naming: Naming, queue: str, bucket: str) -> str:
    """A queue's policy: S3 may send the events of one bucket of this account; nothing without TLS."""
    arn = naming.arn("sqs", queue)
    accept = Statement(
        "AcceptBucketEvents",
        ("sqs:SendMessage",),
        (arn,),
        principal={"Service": "s3.amazonaws.com"},
        condition={
            "ArnEquals": {"aws:SourceArn": naming.bucket_arn(bucket)},
            "StringEquals": {"aws:SourceAccount": naming.account_id},
        },
    )
    return policy([accept, _deny_insecure_messages(arn)])


def accept_from_account(naming: Naming, queue: str) -> str:
    """A queue's policy that adds no rights to those of the account's roles; nothing without TLS."""
    return policy([_deny_insecure_messages(naming.arn("sqs", queue))])


def accept_alarms(naming: Naming, topic: str) -> str:
    """A topic's policy: alarms, rules and budgets of this account may publish; nothing without TLS."""
    arn = naming.arn("sns", topic)
    own = {"StringEquals": {"aws:SourceAccount": naming.account_id}}
    accept = [
        Statement(
            sid, ("sns:Publish",), (arn,), principal={"Service": f"{service}.amazonaws.com"}, condition=own
        )
        for sid, service in (("AcceptAlarms", "cloudwatch"), ("AcceptBudgets", "budgets"))
    ]
    # EventBridge says for which rule it publishes, and not for which account.
    rules = Statement(
        "AcceptFailures",
        ("sns:Publish",),
        (arn,),
        principal={"Service": "events.amazonaws.com"},
        condition={"ArnLike": {"aws:SourceArn": naming.arn("events", f"rule/{naming.name('*')}")}},
    )
    insecure = Statement(
        "DenyInsecureTransport",
        ("sns:Publish",),
        (arn,),
        effect="Deny",
        principal="*",
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )
    return policy([*accept, rules, insecure])


def key_policy(naming: Naming) -> str:
    """The account decides by its roles' policies who uses the key, and through which services alone.

    In a key's policy `*` is the key itself.
    """
    account = {"AWS": f"arn:{naming.partition}:iam::{naming.account_id}:root"}
    return policy(
        [
            Statement("AdministerByAccount", _ADMINISTER_KEY, ("*",), principal=account),
            Statement(
                "UseByAccountThroughServices",
                _USE_KEY,
                ("*",),
                principal=account,
                condition={
                    "StringEquals": {
                        "kms:ViaService": [naming.endpoint(service) for service in _ENCRYPTING_SERVICES]
                    }
                },
            ),
            _use_by_logs(naming),
            _use_by_services(naming, "events", "cloudwatch", "budgets"),
        ]
    )


def _use_by_logs(naming: Naming) -> Statement:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html."""
    log_groups = naming.arn("logs", "log-group:*")
    return Statement(
        "UseByLogs",
        ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
        ("*",),
        principal={"Service": naming.endpoint("logs")},
        condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
    )


def _use_by_services(naming: Naming, *services: str) -> Statement:
    """What publishes to the encrypted topic does so in its own name."""
    names: Sequence[str] = [f"{service}.amazonaws.com" for service in services]
    return Statement(
        "UseByPublishers",
        ("kms:Decrypt", "kms:GenerateDataKey"),
        ("*",),
        principal={"Service": names},
        condition={"StringEquals": {"aws:SourceAccount": naming.account_id}},
    )


def _deny_put(sid: str, objects: Sequence[str], key: str, wanted: str) -> Statement:
    # A condition that something differs holds too when it is not there at all: so say that it is.
    return Statement(
        sid,
        ("s3:PutObject",),
        objects,
        effect="Deny",
        principal="*",
        condition={"Null": {key: "false"}, "StringNotEquals": {key: wanted}},
    )


def _deny_insecure_transport(naming: Naming, bucket: str) -> Statement:
    arn = naming.bucket_arn(bucket)
    return Statement(
        "DenyInsecureTransport",
        ("s3:*",),
        (arn, f"{arn}/*"),
        effect="Deny",
        principal="*",
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )


def _deny_insecure_messages(arn: str) -> Statement:
    return Statement(
        "DenyInsecureTransport",
        ("sqs:*",),
        (arn,),
        effect="Deny",
        principal="*",
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )
