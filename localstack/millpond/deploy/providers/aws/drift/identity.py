"""Roles, policies and keys."""

from __future__ import annotations

import json
from typing import Final
from urllib.parse import unquote

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.drift.compared import Compared, Reader, pairs
from millpond.deploy.providers.aws.iam import Policy, Role, RolePolicy
from millpond.deploy.providers.aws.iam_users import AccessKey, GroupMembership, OpenIdConnectProvider
from millpond.deploy.providers.aws.kms import Alias, Key


def _role(declaration: Role, api: Api, id_: str, inputs: Inputs) -> Compared:
    found = api.client("iam").get_role(RoleName=id_)["Role"]
    sent = {
        "AssumeRolePolicyDocument": inputs["assumeRolePolicy"],
        "Description": inputs["description"],
        "MaxSessionDuration": inputs["maxSessionDuration"],
    }
    names = {"AssumeRolePolicyDocument": "assumeRolePolicy"}
    return Compared(sent, found, names, pairs(found.get("Tags", [])))


def _role_policy(declaration: RolePolicy, api: Api, id_: str, inputs: Inputs) -> Compared:
    found = api.client("iam").get_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"])
    return Compared({"PolicyDocument": inputs["policy"]}, found, {"PolicyDocument": "policy"})


def _policy(declaration: Policy, api: Api, id_: str, inputs: Inputs) -> Compared:
    iam = api.client("iam")
    found = iam.get_policy(PolicyArn=id_)["Policy"]
    version = iam.get_policy_version(PolicyArn=id_, VersionId=found["DefaultVersionId"])
    document = version["PolicyVersion"]["Document"]
    if isinstance(document, str):
        document = json.loads(unquote(document))
    return Compared({"Policy": inputs["policy"]}, {"Policy": document}, tags=pairs(found.get("Tags", [])))


def _access_key(declaration: AccessKey, api: Api, id_: str, inputs: Inputs) -> Compared:
    keys = api.client("iam").list_access_keys(UserName=inputs["user"])["AccessKeyMetadata"]
    found = next(key for key in keys if key["AccessKeyId"] == id_)
    return Compared({"Status": inputs.get("status", "Active")}, {"Status": found["Status"]})


def _membership(declaration: GroupMembership, api: Api, id_: str, inputs: Inputs) -> Compared:
    members = api.client("iam").get_group(GroupName=inputs["group"])["Users"]
    return Compared({"Users": inputs["users"]}, {"Users": [user["UserName"] for user in members]})


def _identity_provider(declaration: OpenIdConnectProvider, api: Api, id_: str, inputs: Inputs) -> Compared:
    found = api.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=id_)
    sent = {"ClientIDList": inputs["clientIdLists"]}
    if "thumbprintLists" in inputs:
        sent["ThumbprintList"] = inputs["thumbprintLists"]
    names = {"ClientIDList": "clientIdLists", "ThumbprintList": "thumbprintLists"}
    return Compared(sent, found, names, pairs(found.get("Tags", [])))


def _key(declaration: Key, api: Api, id_: str, inputs: Inputs) -> Compared:
    kms = api.client("kms")
    metadata = kms.describe_key(KeyId=id_)["KeyMetadata"]
    sent = {"Description": inputs["description"], "Enabled": inputs["isEnabled"]}
    found = {"Description": metadata["Description"], "Enabled": metadata["Enabled"]}
    if metadata["KeySpec"] == "SYMMETRIC_DEFAULT":
        sent["KeyRotationEnabled"] = inputs["enableKeyRotation"]
        found["KeyRotationEnabled"] = kms.get_key_rotation_status(KeyId=id_)["KeyRotationEnabled"]
    if "policy" in inputs:
        sent["Policy"] = inputs["policy"]
        found["Policy"] = kms.get_key_policy(KeyId=id_, PolicyName="default")["Policy"]
    names = {"Enabled": "isEnabled", "KeyRotationEnabled": "enableKeyRotation"}
    tags = kms.list_resource_tags(KeyId=id_)["Tags"]
    return Compared(sent, found, names, {tag["TagKey"]: tag["TagValue"] for tag in tags})


def _alias(declaration: Alias, api: Api, id_: str, inputs: Inputs) -> Compared:
    pages = api.client("kms").get_paginator("list_aliases").paginate()
    found = next(alias for alias in pages.search("Aliases[]") if alias["AliasName"] == id_)
    # A program may name the key by its ARN.
    same = inputs["targetKeyId"].rpartition("/")[2] == found["TargetKeyId"]
    key = inputs["targetKeyId"] if same else found["TargetKeyId"]
    return Compared({"TargetKeyId": inputs["targetKeyId"]}, {"TargetKeyId": key})


READERS: Final[tuple[Reader, ...]] = (
    (Role, _role),
    (RolePolicy, _role_policy),
    (Policy, _policy),
    (AccessKey, _access_key),
    (GroupMembership, _membership),
    (OpenIdConnectProvider, _identity_provider),
    (Key, _key),
    (Alias, _alias),
)
