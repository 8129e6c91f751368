"""Amazon S3: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html.

Many actions are not named after their operations; which goes with which is in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from urllib.parse import parse_qs, unquote

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.rules import Arns, Need, Row, ServiceTable, also, needing, on
from millpond.iam.enforcement.tables.encryption import decrypting_object, encrypting_object

_BUCKET = "arn:{$partition}:s3:::{Bucket}"

_LISTING = {"s3:prefix": "Prefix", "s3:delimiter": "Delimiter", "s3:max-keys": "MaxKeys"}
_VERSION = {"s3:VersionId": "VersionId"}
_WRITING = {
    "s3:x-amz-acl": "ACL",
    "s3:x-amz-grant-full-control": "GrantFullControl",
    "s3:x-amz-grant-read": "GrantRead",
    "s3:x-amz-grant-read-acp": "GrantReadACP",
    "s3:x-amz-grant-write-acp": "GrantWriteACP",
    "s3:x-amz-server-side-encryption": "ServerSideEncryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId",
    "s3:x-amz-server-side-encryption-customer-algorithm": "SSECustomerAlgorithm",
    "s3:x-amz-storage-class": "StorageClass",
    "s3:x-amz-website-redirect-location": "WebsiteRedirectLocation",
    "s3:object-lock-mode": "ObjectLockMode",
    "s3:object-lock-retain-until-date": "ObjectLockRetainUntilDate",
    "s3:object-lock-legal-hold": "ObjectLockLegalHoldStatus",
    "s3:if-match": "IfMatch",
    "s3:if-none-match": "IfNoneMatch",
}
_COPYING = {
    **_WRITING,
    "s3:x-amz-copy-source": "CopySource",
    "s3:x-amz-metadata-directive": "MetadataDirective",
}


def object_arn(call: ServiceCall) -> tuple[str, ...]:
    """The object that the call names; its key is taken as it is."""
    bucket, key = call.parameters.get("Bucket", "*"), call.parameters.get("Key", "*")
    return (f"arn:{call.partition}:s3:::{bucket}/{key}",)


def _if(*names: str, version: bool | None = None) -> Arns:
    """The object, if the call has one of these parameters, or (not) a version."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        if version is not None and bool(call.parameters.get("VersionId")) is not version:
            return ()
        if names and not any(call.parameters.get(name) for name in names):
            return ()
        return object_arn(call)

    return arns


def _bucket_if(name: str) -> Arns:
    """The bucket, if the call has this parameter and it is not false."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        value = str(call.parameters.get(name) or "").lower()
        return (
            (f"arn:{call.partition}:s3:::{call.parameters['Bucket']}",) if value not in ("", "false") else ()
        )

    return arns


def _of_object(operation: str, action: str, of_version: str, *more: Need) -> Row:
    """An operation on an object or, with another action, on one of its versions."""
    return needing(
        operation,
        also(f"s3:{action}", _if(version=False)),
        also(f"s3:{of_version}", _if(version=True), keys=_VERSION),
        *more,
    )


def _source(version: bool) -> Arns:
    """The object that a copy reads: `bucket/key?versionId=...`, with or without a slash before it."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        path, _, query = str(call.parameters.get("CopySource", "")).partition("?")
        if bool(parse_qs(query).get("versionId")) is not version:
            return ()
        return (f"arn:{call.partition}:s3:::{unquote(path).lstrip('/')}",)

    return arns


def _deleted(version: bool) -> Arns:
    """The objects that DeleteObjects names, with or without a version."""

    def arns(call: ServiceCall) -> tuple[str, ...]:
        bucket = call.parameters.get("Bucket", "*")
        named = (call.parameters.get("Delete") or {}).get("Objects") or []
        return tuple(
            f"arn:{call.partition}:s3:::{bucket}/{item.get('Key', '')}"
            for item in named
            if bool(item.get("VersionId")) is version
        )

    return arns


def _bucket_rows(actions: dict[str, str]) -> tuple[Row, ...]:
    return tuple(
        needing(operation, also(f"s3:{action}", _BUCKET))
        for action, operations in actions.items()
        for operation in operations.split()
    )


S3 = ServiceTable(
    "s3",
    on(
        "DeleteBucket DeleteBucketPolicy DeleteBucketWebsite GetBucketAcl GetBucketLocation GetBucketLogging "
        "GetBucketOwnershipControls GetBucketPolicy GetBucketPolicyStatus GetBucketRequestPayment "
        "GetBucketTagging GetBucketVersioning GetBucketWebsite PutBucketAcl PutBucketLogging "
        "PutBucketOwnershipControls PutBucketPolicy PutBucketRequestPayment PutBucketTagging "
        "PutBucketVersioning PutBucketWebsite GetBucketAbac PutBucketAbac",
        _BUCKET,
    ),
    *_bucket_rows(
        {
            "GetAccelerateConfiguration": "GetBucketAccelerateConfiguration",
            "GetAnalyticsConfiguration": "GetBucketAnalyticsConfiguration ListBucketAnalyticsConfigurations",
            "GetBucketCORS": "GetBucketCors",
            "GetBucketNotification": "GetBucketNotification GetBucketNotificationConfiguration",
            "GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
            "GetBucketPublicAccessBlock": "GetPublicAccessBlock",
            "GetEncryptionConfiguration": "GetBucketEncryption",
            "GetIntelligentTieringConfiguration": (
                "GetBucketIntelligentTieringConfiguration ListBucketIntelligentTieringConfigurations"
            ),
            "GetInventoryConfiguration": "GetBucketInventoryConfiguration ListBucketInventoryConfigurations",
            "GetLifecycleConfiguration": "GetBucketLifecycle GetBucketLifecycleConfiguration",
            "GetMetricsConfiguration": "GetBucketMetricsConfiguration ListBucketMetricsConfigurations",
            "GetReplicationConfiguration": "GetBucketReplication",
            "ListBucketMultipartUploads": "ListMultipartUploads",
            "PutAccelerateConfiguration": "PutBucketAccelerateConfiguration",
            "PutAnalyticsConfiguration": "PutBucketAnalyticsConfiguration DeleteBucketAnalyticsConfiguration",
            "PutBucketCORS": "PutBucketCors DeleteBucketCors",
            "PutBucketNotification": "PutBucketNotification PutBucketNotificationConfiguration",
            "PutBucketObjectLockConfiguration": "PutObjectLockConfiguration",
            "PutBucketOwnershipControls": "DeleteBucketOwnershipControls",
            "PutBucketPublicAccessBlock": "PutPublicAccessBlock DeletePublicAccessBlock",
            "PutBucketTagging": "DeleteBucketTagging",
            "PutEncryptionConfiguration": "PutBucketEncryption DeleteBucketEncryption",
            "PutIntelligentTieringConfiguration": (
                "PutBucketIntelligentTieringConfiguration DeleteBucketIntelligentTieringConfiguration"
            ),
            "PutInventoryConfiguration": "PutBucketInventoryConfiguration DeleteBucketInventoryConfiguration",
            "PutLifecycleConfiguration": (
                "PutBucketLifecycle PutBucketLifecycleConfiguration DeleteBucketLifecycle"
            ),
            "PutMetricsConfiguration": "PutBucketMetricsConfiguration DeleteBucketMetricsConfiguration",
            "PutReplicationConfiguration": "PutBucketReplication DeleteBucketReplication",
        }
    ),
    needing("ListBuckets", also("s3:ListAllMyBuckets")),
    needing("HeadBucket", also("s3:ListBucket", _BUCKET)),
    needing("ListObjects ListObjectsV2", also("s3:ListBucket", _BUCKET, keys=_LISTING)),
    needing("ListObjectVersions", also("s3:ListBucketVersions", _BUCKET, keys=_LISTING)),
    needing(
        "CreateBucket",
        also(
            "s3:CreateBucket",
            _BUCKET,
            keys={"s3:x-amz-acl": "ACL", "s3:x-amz-object-ownership": "ObjectOwnership"},
        ),
        also("s3:PutBucketAcl", _bucket_if("ACL")),
        also("s3:PutBucketOwnershipControls", _bucket_if("ObjectOwnership")),
        also("s3:PutBucketVersioning", _bucket_if("ObjectLockEnabledForBucket")),
        also("s3:PutBucketObjectLockConfiguration", _bucket_if("ObjectLockEnabledForBucket")),
    ),
    # Objects
    _of_object("GetObject", "GetObject", "GetObjectVersion", decrypting_object()),
    _of_object("HeadObject", "GetObject", "GetObjectVersion", decrypting_object()),
    _of_object("SelectObjectContent", "GetObject", "GetObjectVersion", decrypting_object()),
    needing(
        "GetObjectAttributes",
        also("s3:GetObject", _if(version=False)),
        also("s3:GetObjectAttributes", _if(version=False)),
        also("s3:GetObjectVersion", _if(version=True), keys=_VERSION),
        also("s3:GetObjectVersionAttributes", _if(version=True), keys=_VERSION),
    ),
    _of_object("GetObjectAcl", "GetObjectAcl", "GetObjectVersionAcl"),
    _of_object("PutObjectAcl", "PutObjectAcl", "PutObjectVersionAcl"),
    _of_object("GetObjectTagging", "GetObjectTagging", "GetObjectVersionTagging"),
    _of_object("PutObjectTagging", "PutObjectTagging", "PutObjectVersionTagging"),
    _of_object("DeleteObjectTagging", "DeleteObjectTagging", "DeleteObjectVersionTagging"),
    _of_object("GetObjectTorrent", "GetObjectTorrent", "GetObjectVersionTorrent"),
    _of_object("DeleteObject", "DeleteObject", "DeleteObjectVersion"),
    needing(
        "DeleteObjects",
        also("s3:DeleteObject", _deleted(version=False)),
        also("s3:DeleteObjectVersion", _deleted(version=True)),
    ),
    on(
        "GetObjectLegalHold GetObjectRetention PutObjectLegalHold PutObjectRetention RestoreObject "
        "AbortMultipartUpload",
        object_arn,
    ),
    needing("ListParts", also("s3:ListMultipartUploadParts", object_arn)),
    needing(
        "PutObject CreateMultipartUpload",
        also("s3:PutObject", object_arn, keys=_WRITING),
        also("s3:PutObjectTagging", _if("Tagging")),
        also("s3:PutObjectAcl", _if("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")),
        also("s3:PutObjectRetention", _if("ObjectLockMode")),
        also("s3:PutObjectLegalHold", _if("ObjectLockLegalHoldStatus")),
        encrypting_object(),
    ),
    # A browser's upload by a form.
    needing("PostObject", also("s3:PutObject", object_arn, keys=_WRITING), encrypting_object()),
    needing("UploadPart", also("s3:PutObject", object_arn), encrypting_object()),
    needing("CompleteMultipartUpload", also("s3:PutObject", object_arn), decrypting_object(upload=True)),
    needing(
        "UploadPartCopy",
        also("s3:PutObject", object_arn, keys={"s3:x-amz-copy-source": "CopySource"}),
        also("s3:GetObject", _source(version=False)),
        also("s3:GetObjectVersion", _source(version=True)),
        decrypting_object(copied=True),
        encrypting_object(),
    ),
    needing(
        "CopyObject",
        also("s3:PutObject", object_arn, keys=_COPYING),
        also("s3:GetObject", _source(version=False)),
        also("s3:GetObjectVersion", _source(version=True)),
        also("s3:PutObjectTagging", _if("Tagging")),
        also("s3:PutObjectAcl", _if("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")),
        decrypting_object(copied=True),
        encrypting_object(),
    ),
)

S3_CONTROL = ServiceTable(
    "s3",
    on(
        "CreateAccessPoint DeleteAccessPoint GetAccessPoint DeleteAccessPointPolicy GetAccessPointPolicy "
        "GetAccessPointPolicyStatus PutAccessPointPolicy",
        "arn:{$partition}:s3:{$region}:{$account}:accesspoint/{Name}",
    ),
    on(
        "ListTagsForResource TagResource UntagResource",
        "{resourceArn|ResourceArn}",
    ),
    needing("GetPublicAccessBlock", also("s3:GetAccountPublicAccessBlock")),
    needing("PutPublicAccessBlock DeletePublicAccessBlock", also("s3:PutAccountPublicAccessBlock")),
)
