"""The deployer's rights over what data lies in: buckets, the key, the code that is run from a bucket."""

from __future__ import annotations

from collections.abc import Sequence

from infra.naming import Naming
from infra.policies.document import Statement

_BUCKETS = (
    "s3:CreateBucket",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:GetAccelerateConfiguration",
    "s3:GetBucketAcl",
    "s3:GetBucketCORS",
    "s3:GetBucketLocation",
    "s3:GetBucketLogging",
    "s3:GetBucketNotification",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetBucketWebsite",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListBucket",
    "s3:ListTagsForResource",
    "s3:PutBucketLogging",
    "s3:PutBucketNotification",
    "s3:PutBucketOwnershipControls",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:TagResource",
    "s3:UntagResource",
)
_CODE = (
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:PutObject",
    "s3:PutObjectTagging",
)
_KEYS = (
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)


def storage_statements(naming: Naming, code_prefixes: Sequence[str]) -> tuple[Statement, ...]:
    """Make and change the buckets and the key, lay down code; read no data."""
    bucket = naming.bucket_arn(naming.bucket("*"))
    artifacts = naming.bucket_arn(naming.bucket("artifacts"))
    code = tuple(f"{artifacts}/{prefix}*" for prefix in code_prefixes)
    alias = naming.arn("kms", f"alias/{naming.name('*')}")
    key = naming.arn("kms", "key/*")
    return (
        Statement("Buckets", _BUCKETS, (bucket,)),
        Statement("Code", _CODE, code),
        # Files that go are gone in all their versions.
        Statement("FindCode", ("s3:ListBucketVersions",), (artifacts,)),
        # A key has no name before it is there: its tags say whose it is.
        Statement(
            "NewKeys",
            ("kms:CreateKey",),
            ("*",),
            condition={"StringEquals": {"aws:RequestTag/environment": naming.stack}},
        ),
        Statement("FindKeys", ("kms:ListAliases", "kms:ListKeys"), ("*",)),
        Statement(
            "Keys", _KEYS, (key,), condition={"StringEquals": {"aws:ResourceTag/environment": naming.stack}}
        ),
        Statement("Aliases", ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"), (alias,)),
        # The deployer encrypts what it deploys, and reads nothing else that is encrypted.
        Statement(
            "EncryptCode",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            (key,),
            condition={
                "StringEquals": {
                    "aws:ResourceTag/environment": naming.stack,
                    "kms:ViaService": naming.endpoint("s3"),
                }
            },
        ),
        Statement(
            "GrantKeyToServices",
            ("kms:CreateGrant",),
            (key,),
            condition={
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "StringEquals": {"aws:ResourceTag/environment": naming.stack},
            },
        ),
    )
