"""Buckets, what is configured on them one by one, and objects."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs, tag_list
from millpond.deploy.providers.aws.mapping import Renames
from millpond.deploy.providers.aws.s3_inline import INLINE_PROPERTIES, put_inline
from millpond.deploy.providers.aws.s3_outputs import HOSTED_ZONES, PARTS, new_bucket, present_bucket
from millpond.deploy.providers.aws.s3_part import BucketPart
from millpond.deploy.providers.aws.s3_settings import (
    BucketAccelerateConfiguration,
    BucketAcl,
    BucketObjectLockConfiguration,
    BucketRequestPaymentConfiguration,
)
from millpond.deploy.values import Blob

_NO_WEBSITE: Final = {"websiteDomain": "", "websiteEndpoint": ""}
_DELETE_AT_ONCE: Final = 1000
_CHECKSUMS: Final[Mapping[str, str]] = {
    "checksumCrc32": "ChecksumCRC32",
    "checksumCrc32c": "ChecksumCRC32C",
    "checksumCrc64nvme": "ChecksumCRC64NVME",
    "checksumSha1": "ChecksumSHA1",
    "checksumSha256": "ChecksumSHA256",
}


class Bucket(AwsResource):
    """A bucket; `forceDestroy` empties it, all versions, before it is deleted."""

    type = "aws:s3/bucket:Bucket"
    older_types = ("aws:s3/bucketV2:BucketV2",)
    properties = INLINE_PROPERTIES | {"bucket", "bucketPrefix", "forceDestroy", "objectLockEnabled"}
    replaces = frozenset({"bucket", "bucketPrefix", "objectLockEnabled"})
    reuses = True
    naming = Naming("bucket", "bucketPrefix", longest=63, lowercase=True)
    tagged = True
    echoes = PARTS
    # The provider does not read which list of grants has the name of a canned one.
    unset: ClassVar[Outputs] = {"acl": None, "bucketNamespace": "global", "objectLockEnabled": False}

    def create(self, api: Api, inputs: Inputs) -> str:
        request: dict[str, Any] = {"Bucket": inputs["bucket"]}
        if api.region != "us-east-1":
            request["CreateBucketConfiguration"] = {"LocationConstraint": api.region}
        if inputs.get("objectLockEnabled"):
            request["ObjectLockEnabledForBucket"] = True
        api.client("s3").create_bucket(**request)
        return str(inputs["bucket"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self.update(api, id_, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        s3 = api.client("s3")
        s3.head_bucket(Bucket=id_)
        return {
            **(_website(api, id_) if "website" in inputs else _NO_WEBSITE),
            "arn": f"arn:{api.partition}:s3:::{id_}",
            "bucket": id_,
            "bucketRegion": api.region,
            **({"hostedZoneId": HOSTED_ZONES[api.region]} if api.region in HOSTED_ZONES else {}),
            "bucketDomainName": f"{id_}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{id_}.s3.{api.region}.amazonaws.com",
        }

    def as_new(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        return new_bucket(api, inputs)

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        return present_bucket(api, id_, inputs)

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self._tag(api, new)
        put_inline(api.client("s3"), id_, old, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        s3 = api.client("s3")
        if inputs.get("forceDestroy"):
            _empty(s3, id_)
        s3.delete_bucket(Bucket=id_)

    def _tag(self, api: Api, inputs: Inputs) -> None:
        s3 = api.client("s3")
        if tags := tag_list(inputs):
            s3.put_bucket_tagging(Bucket=inputs["bucket"], Tagging={"TagSet": tags})
        else:
            s3.delete_bucket_tagging(Bucket=inputs["bucket"])


class BucketVersioning(BucketPart):
    """Versioning; deleting the resource suspends it, as it cannot be taken off a bucket."""

    type = "aws:s3/bucketVersioning:BucketVersioning"
    older_types = ("aws:s3/bucketVersioningV2:BucketVersioningV2",)
    properties = frozenset({"bucket", "versioningConfiguration"})
    operation = "BucketVersioning"
    parameter = "VersioningConfiguration"

    def content(self, inputs: Inputs) -> Any:
        configuration = inputs["versioningConfiguration"]
        # A bucket that never had versioning has no status to set.
        return {} if configuration["status"] == "Disabled" else configuration

    def put(self, api: Api, inputs: Inputs) -> None:
        if self.content(inputs):
            super().put(api, inputs)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if inputs["versioningConfiguration"]["status"] == "Enabled":
            suspended = {"Status": "Suspended"}
            api.client("s3").put_bucket_versioning(Bucket=id_, VersioningConfiguration=suspended)


class BucketServerSideEncryptionConfiguration(BucketPart):
    """Default encryption."""

    type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    older_types = (
        "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
    )
    properties = frozenset({"bucket", "rules"})
    operation = "BucketEncryption"
    parameter = "ServerSideEncryptionConfiguration"


class BucketPublicAccessBlock(BucketPart):
    """What keeps a bucket from being made public."""

    type = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    properties = frozenset(
        {"bucket", "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"}
    )
    operation = "PublicAccessBlock"
    parameter = "PublicAccessBlockConfiguration"
    defaults: ClassVar[Inputs] = {
        "blockPublicAcls": False,
        "blockPublicPolicy": False,
        "ignorePublicAcls": False,
        "restrictPublicBuckets": False,
    }


class BucketOwnershipControls(BucketPart):
    """Who owns objects that others write."""

    type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    properties = frozenset({"bucket", "rule"})
    operation = "BucketOwnershipControls"
    parameter = "OwnershipControls"


class BucketLifecycleConfiguration(BucketPart):
    """When objects expire or move."""

    type = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    older_types = ("aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",)
    properties = frozenset({"bucket", "rules"})
    operation = "BucketLifecycleConfiguration"
    parameter = "LifecycleConfiguration"
    outputs: ClassVar[Inputs] = {
        "transitionDefaultMinimumObjectSize": (
            "TransitionDefaultMinimumObjectSize || 'all_storage_classes_128K'"
        )
    }
    unset: ClassVar[Inputs] = {"expectedBucketOwner": ""}

    def content(self, inputs: Inputs) -> Any:
        return {"rules": [self._rule(rule) for rule in inputs["rules"]]}

    def _rule(self, rule: Inputs) -> Inputs:
        # A rule has to say what it covers; the empty prefix is everything.
        return rule if "filter" in rule or "prefix" in rule else {**rule, "filter": {"prefix": ""}}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("s3").delete_bucket_lifecycle(Bucket=id_)


class BucketPolicy(BucketPart):
    """Who may do what with a bucket."""

    type = "aws:s3/bucketPolicy:BucketPolicy"
    documents = frozenset({"policy"})
    properties = frozenset({"bucket", "policy"})
    operation = "BucketPolicy"
    parameter = "Policy"

    def content(self, inputs: Inputs) -> Any:
        return inputs["policy"]


class BucketCorsConfiguration(BucketPart):
    """Which web pages may read a bucket."""

    type = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
    older_types = ("aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2",)
    properties = frozenset({"bucket", "corsRules"})
    operation = "BucketCors"
    parameter = "CORSConfiguration"


class BucketWebsiteConfiguration(BucketPart):
    """What a bucket shows as a web site."""

    type = "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration"
    older_types = ("aws:s3/bucketWebsiteConfigurationV2:BucketWebsiteConfigurationV2",)
    properties = frozenset(
        {"bucket", "errorDocument", "indexDocument", "redirectAllRequestsTo", "routingRules"}
    )
    operation = "BucketWebsite"
    parameter = "WebsiteConfiguration"
    outputs: ClassVar[Inputs] = {"routingRules": "RoutingRules || `[]`"}
    unset: ClassVar[Inputs] = {"routingRuleDetails": ""}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = super().read(api, id_, inputs) or {}
        return {**found, **_website(api, id_)}


class BucketNotification(BucketPart):
    """What a bucket tells whom; deleting the resource leaves a bucket that tells nobody."""

    type = "aws:s3/bucketNotification:BucketNotification"
    properties = frozenset({"bucket", "eventbridge", "lambdaFunctions", "queues", "topics"})
    operation = "BucketNotificationConfiguration"
    parameter = "NotificationConfiguration"
    renames: ClassVar[Renames] = {
        "LambdaFunctionConfigurations": "lambdaFunctions",
        "QueueConfigurations": "queues",
        "TopicConfigurations": "topics",
        "EventBridgeConfiguration": "eventbridge",
    }

    def content(self, inputs: Inputs) -> Any:
        content = {
            name: [self._configuration(item) for item in inputs[name]]
            for name in ("lambdaFunctions", "queues", "topics")
            if name in inputs
        }
        return content | ({"eventbridge": {}} if inputs.get("eventbridge") else {})

    def _configuration(self, item: Inputs) -> Inputs:
        """The prefix and suffix of a notification are rules of a filter in the API."""
        rules = [
            {"name": name.removeprefix("filter").lower(), "value": item[name]}
            for name in ("filterPrefix", "filterSuffix")
            if item.get(name)
        ]
        rest = {name: value for name, value in item.items() if not name.startswith("filter")}
        return rest | ({"filter": {"key": {"filterRules": rules}}} if rules else {})

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("s3").put_bucket_notification_configuration(Bucket=id_, NotificationConfiguration={})


class BucketLogging(BucketPart):
    """Where a bucket's access logs go; deleting the resource ends them."""

    type = "aws:s3/bucketLogging:BucketLogging"
    older_types = ("aws:s3/bucketLoggingV2:BucketLoggingV2",)
    properties = frozenset({"bucket", "targetBucket", "targetPrefix"})
    operation = "BucketLogging"
    parameter = "BucketLoggingStatus"

    def content(self, inputs: Inputs) -> Any:
        return {"loggingEnabled": super().content(inputs)}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {} if "LoggingEnabled" in api.client("s3").get_bucket_logging(Bucket=id_) else None

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("s3").put_bucket_logging(Bucket=id_, BucketLoggingStatus={})


class BucketObject(AwsResource):
    """An object whose content comes with the program."""

    type = "aws:s3/bucketObjectv2:BucketObjectv2"
    older_types = ("aws:s3/bucketObject:BucketObject",)
    properties = frozenset(
        {"bucket", "key", "source", "content", "contentType", "metadata", "storageClass", "forceDestroy"}
    )
    replaces = frozenset({"bucket", "key"})
    naming = Naming("key", longest=1024, random=False)
    tagged = True
    volatile = frozenset({*_CHECKSUMS, "etag", "versionId"})
    # The provider does not read which list of grants has the name of a canned one.
    unset: ClassVar[Outputs] = {"acl": None}

    def create(self, api: Api, inputs: Inputs) -> str:
        self._put(api, inputs)
        return f"{inputs['bucket']}/{inputs['key']}"

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        head = api.client("s3").head_object(
            Bucket=inputs["bucket"], Key=inputs["key"], ChecksumMode="ENABLED"
        )
        told = {
            **{name: head.get(member, "") for name, member in _CHECKSUMS.items()},
            "bucketKeyEnabled": head.get("BucketKeyEnabled", False),
            "contentType": head["ContentType"],
            "kmsKeyId": head.get("SSEKMSKeyId", ""),
            "serverSideEncryption": head.get("ServerSideEncryption", ""),
            # What is in the standard class has no word for it.
            "storageClass": head.get("StorageClass", "STANDARD"),
            "versionId": head.get("VersionId", ""),
        }
        return {
            "arn": f"arn:{api.partition}:s3:::{inputs['bucket']}/{inputs['key']}",
            "etag": head["ETag"].strip('"'),
            **{name: value for name, value in told.items() if name not in inputs},
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self._put(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        _empty(api.client("s3"), inputs["bucket"], only=inputs["key"])

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{inputs['bucket']}/{inputs['key']}"

    def _put(self, api: Api, inputs: Inputs) -> None:
        source = inputs.get("source")
        body = source.data if isinstance(source, Blob) else str(inputs.get("content", "")).encode()
        guessed, _ = mimetypes.guess_type(inputs["key"])
        request = {
            "ContentType": inputs.get("contentType", guessed or "application/octet-stream"),
            "Metadata": inputs.get("metadata", {}),
            "StorageClass": inputs.get("storageClass", "STANDARD"),
            "Tagging": "&".join(f"{key}={value}" for key, value in inputs["tagsAll"].items()),
        }
        api.client("s3").put_object(Bucket=inputs["bucket"], Key=inputs["key"], Body=body, **request)


def _website(api: Api, bucket: str) -> Outputs:
    domain = f"s3-website-{api.region}.amazonaws.com"
    return {"websiteDomain": domain, "websiteEndpoint": f"{bucket}.{domain}"}


def _empty(s3: Any, bucket: str, only: str | None = None) -> None:
    """Delete every version of every object (or of only one), and every delete marker."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=only or ""):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        victims = [
            {"Key": item["Key"], "VersionId": item["VersionId"]}
            for item in found
            if only in (None, item["Key"])
        ]
        for start in range(0, len(victims), _DELETE_AT_ONCE):
            batch = victims[start : start + _DELETE_AT_ONCE]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})


RESOURCES: Final = (
    Bucket,
    BucketVersioning,
    BucketServerSideEncryptionConfiguration,
    BucketPublicAccessBlock,
    BucketOwnershipControls,
    BucketLifecycleConfiguration,
    BucketPolicy,
    BucketNotification,
    BucketLogging,
    BucketCorsConfiguration,
    BucketWebsiteConfiguration,
    BucketAccelerateConfiguration,
    BucketObjectLockConfiguration,
    BucketRequestPaymentConfiguration,
    BucketAcl,
    BucketObject,
)
