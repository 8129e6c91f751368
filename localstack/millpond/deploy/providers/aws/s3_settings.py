"""Settings of buckets that few programs make: who pays, faster transfers, locks, lists of grants."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import Inputs, Outputs
from millpond.deploy.providers.aws.mapping import Renames, properties_of
from millpond.deploy.providers.aws.s3_part import BucketPart


class BucketAccelerateConfiguration(BucketPart):
    """Transfers by way of edge locations; deleting the resource suspends them."""

    type = "aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration"
    older_types = ("aws:s3/bucketAccelerateConfigurationV2:BucketAccelerateConfigurationV2",)
    properties = frozenset({"bucket", "status"})
    operation = "BucketAccelerateConfiguration"
    parameter = "AccelerateConfiguration"

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("s3").put_bucket_accelerate_configuration(
            Bucket=id_, AccelerateConfiguration={"Status": "Suspended"}
        )


class BucketRequestPaymentConfiguration(BucketPart):
    """Who pays for requests; deleting the resource lets the owner pay again."""

    type = "aws:s3/bucketRequestPaymentConfiguration:BucketRequestPaymentConfiguration"
    older_types = ("aws:s3/bucketRequestPaymentConfigurationV2:BucketRequestPaymentConfigurationV2",)
    properties = frozenset({"bucket", "payer"})
    operation = "BucketRequestPayment"
    parameter = "RequestPaymentConfiguration"

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("s3").put_bucket_request_payment(
            Bucket=id_, RequestPaymentConfiguration={"Payer": "BucketOwner"}
        )


class BucketObjectLockConfiguration(BucketPart):
    """How long new objects are kept by default; deleting the resource leaves the lock without a default."""

    type = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    older_types = ("aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",)
    properties = frozenset({"bucket", "objectLockEnabled", "rule"})
    operation = "ObjectLockConfiguration"
    parameter = "ObjectLockConfiguration"

    def content(self, inputs: Inputs) -> Any:
        return {"objectLockEnabled": "Enabled", **super().content(inputs)}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("s3").put_object_lock_configuration(
            Bucket=id_, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )


class BucketAcl(BucketPart):
    """Who has a bucket, in the way of old; deleting the resource changes nothing, as on AWS."""

    type = "aws:s3/bucketAcl:BucketAcl"
    older_types = ("aws:s3/bucketAclV2:BucketAclV2",)
    properties = frozenset({"accessControlPolicy", "acl", "bucket"})
    operation = "BucketAcl"
    parameter = "AccessControlPolicy"
    renames: ClassVar[Renames] = {"ID": "id"}

    def content(self, inputs: Inputs) -> Any:
        return inputs.get("accessControlPolicy", {})

    def put(self, api: Api, inputs: Inputs) -> None:
        if "acl" in inputs:
            api.client("s3").put_bucket_acl(Bucket=inputs["bucket"], ACL=inputs["acl"])
        else:
            super().put(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("s3").get_bucket_acl(Bucket=id_)
        if "accessControlPolicy" in inputs:
            return {}
        names = {**self.renames, "URI": "uri"}
        policy = {"grants": found["Grants"], "owner": {"displayName": "", **found["Owner"]}}
        return {"accessControlPolicy": properties_of(policy, names)}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        """A bucket always has one."""
