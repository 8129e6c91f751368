"""Keys and their aliases."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from botocore.exceptions import ClientError

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.kms_grants import Grant, KeyPolicy

_MARK: Final = "millpond:creation"
_GOING: Final = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


def _has_mark(kms: Any, key: str, mark: str | None) -> bool:
    """Whether a key has the mark; one whose policy lets nobody look was made by somebody else."""
    try:
        tags = kms.list_resource_tags(KeyId=key)["Tags"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "AccessDeniedException":
            return False
        raise
    return {"TagKey": _MARK, "TagValue": mark} in tags


class Key(AwsResource):
    """A key; one that waits for its deletion counts as gone."""

    type = "aws:kms/key:Key"
    documents = frozenset({"policy"})
    properties = frozenset(
        {
            "description",
            "deletionWindowInDays",
            "enableKeyRotation",
            "rotationPeriodInDays",
            "policy",
            "keyUsage",
            "customerMasterKeySpec",
            "isEnabled",
            "multiRegion",
            "bypassPolicyLockoutSafetyCheck",
        }
    )
    replaces = frozenset({"keyUsage", "customerMasterKeySpec", "multiRegion"})
    tagged = True
    marked = True
    echoes = frozenset({"policy"})
    volatile = frozenset({"rotationPeriodInDays"})
    defaults: ClassVar[Inputs] = {"description": "", "isEnabled": True, "enableKeyRotation": False}

    def create(self, api: Api, inputs: Inputs) -> str:
        request: dict[str, Any] = {
            "Description": inputs["description"],
            "KeyUsage": inputs.get("keyUsage", "ENCRYPT_DECRYPT"),
            "KeySpec": inputs.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT"),
            "MultiRegion": inputs.get("multiRegion", False),
            "Tags": [*self._tags(inputs), {"TagKey": _MARK, "TagValue": api.mark or ""}],
        }
        if "policy" in inputs:
            request["Policy"] = inputs["policy"]
        return str(api.client("kms").create_key(**request)["KeyMetadata"]["KeyId"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("kms").untag_resource(KeyId=id_, TagKeys=[_MARK])
        self._switch(api, id_, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        metadata = api.client("kms").describe_key(KeyId=id_)["KeyMetadata"]
        if metadata["KeyState"] in _GOING:
            return None
        multi_region = {} if "multiRegion" in inputs else {"multiRegion": metadata["MultiRegion"]}
        return {"arn": metadata["Arn"], "keyId": metadata["KeyId"], **multi_region}

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        kms, told = api.client("kms"), {}
        if "policy" not in inputs:
            told["policy"] = kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"]
        if "rotationPeriodInDays" not in inputs:
            rotates = inputs.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
            rotation = kms.get_key_rotation_status(KeyId=id_) if rotates else {}
            told["rotationPeriodInDays"] = rotation.get("RotationPeriodInDays", 0)
        return told

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        kms = api.client("kms")
        kms.update_key_description(KeyId=id_, Description=new["description"])
        if "policy" in new:
            kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=new["policy"])
        removed = sorted(old.get("tagsAll", {_MARK: ""}).keys() - new["tagsAll"].keys())
        if removed:
            kms.untag_resource(KeyId=id_, TagKeys=removed)
        if new["tagsAll"]:
            kms.tag_resource(KeyId=id_, Tags=self._tags(new))
        self._switch(api, id_, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        window = int(inputs.get("deletionWindowInDays", 30))
        if self.read(api, id_, inputs) is not None:
            api.client("kms").schedule_key_deletion(KeyId=id_, PendingWindowInDays=window)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        """Keys have no name: the one that has the mark."""
        kms = api.client("kms")
        keys = kms.get_paginator("list_keys").paginate().search("Keys[].KeyId") if api.mark else ()
        for key in keys:
            if _has_mark(kms, key, api.mark) and self.read(api, key, inputs) is not None:
                return str(key)
        return None

    def _switch(self, api: Api, id_: str, inputs: Inputs) -> None:
        kms = api.client("kms")
        if inputs["enableKeyRotation"]:
            period = (
                {"RotationPeriodInDays": inputs["rotationPeriodInDays"]}
                if "rotationPeriodInDays" in inputs
                else {}
            )
            kms.enable_key_rotation(KeyId=id_, **period)
        elif inputs.get("customerMasterKeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT":
            kms.disable_key_rotation(KeyId=id_)
        (kms.enable_key if inputs["isEnabled"] else kms.disable_key)(KeyId=id_)

    def _tags(self, inputs: Inputs) -> list[dict[str, str]]:
        return [{"TagKey": key, "TagValue": value} for key, value in inputs["tagsAll"].items()]


class Alias(AwsResource):
    """A name for a key."""

    type = "aws:kms/alias:Alias"
    properties = frozenset({"name", "namePrefix", "targetKeyId"})
    replaces = frozenset({"name", "namePrefix"})
    naming = Naming("name", "namePrefix", longest=256, prefix="alias/")

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("kms").create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return str(inputs["name"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        pages = api.client("kms").get_paginator("list_aliases").paginate()
        for alias in pages.search("Aliases[]"):
            if alias["AliasName"] == id_:
                key = alias["TargetKeyId"]
                return {"arn": alias["AliasArn"], "targetKeyArn": api.arn("kms", f"key/{key}")}
        return None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        api.client("kms").update_alias(AliasName=id_, TargetKeyId=new["targetKeyId"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("kms").delete_alias(AliasName=id_)


RESOURCES: Final = (Key, Alias, Grant, KeyPolicy)
