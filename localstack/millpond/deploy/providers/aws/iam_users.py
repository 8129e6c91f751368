"""Users, groups and their keys; identity providers; instance profiles."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator
from typing import ClassVar

from millpond.deploy.providers import Made
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs, tag_list
from millpond.deploy.providers.aws.tagging import Tagging


class User(CrudResource):
    """A user; `forceDestroy` also removes the keys and memberships that others gave it."""

    type = "aws:iam/user:User"
    service = "iam"
    operations = Operations("CreateUser", "GetUser", "DeleteUser", "UpdateUser")
    properties = frozenset({"forceDestroy", "name", "path", "permissionsBoundary"})
    replaces = frozenset({"name"})
    unsent = frozenset({"forceDestroy"})
    naming = Naming("name")
    regional = False
    tagged = True
    tagging = Tagging("TagUser", "UntagUser", "UserName", "id")
    key: ClassVar = {"UserName": "name"}
    renames: ClassVar = {"UserName": "name"}
    defaults: ClassVar = {"path": "/"}
    outputs: ClassVar = {"arn": "User.Arn", "uniqueId": "User.UserId"}

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        iam = api.client("iam")
        if old.get("path") != new["path"]:
            iam.update_user(UserName=id_, NewPath=new["path"])
        if boundary := new.get("permissionsBoundary"):
            iam.put_user_permissions_boundary(UserName=id_, PermissionsBoundary=boundary)
        elif "permissionsBoundary" in old:
            iam.delete_user_permissions_boundary(UserName=id_)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        iam = api.client("iam")
        if inputs.get("forceDestroy"):
            for key in iam.list_access_keys(UserName=id_)["AccessKeyMetadata"]:
                iam.delete_access_key(UserName=id_, AccessKeyId=key["AccessKeyId"])
            for group in iam.list_groups_for_user(UserName=id_)["Groups"]:
                iam.remove_user_from_group(UserName=id_, GroupName=group["GroupName"])
        iam.delete_user(UserName=id_)


class AccessKey(AwsResource):
    """A user's key; its secret is told when it is made, and never again."""

    type = "aws:iam/accessKey:AccessKey"
    properties = frozenset({"status", "user"})
    replaces = frozenset({"user"})
    regional = False
    told_once = frozenset({"secret", "sesSmtpPasswordV4"})
    # Keys are encrypted with a PGP key of the program's only where it gives one, which is not supported.
    unset: ClassVar = {"encryptedSecret": "", "encryptedSesSmtpPasswordV4": "", "keyFingerprint": ""}
    defaults: ClassVar = {"status": "Active"}

    def create(self, api: Api, inputs: Inputs) -> Made:
        key = api.client("iam").create_access_key(UserName=inputs["user"])["AccessKey"]
        secret = key["SecretAccessKey"]
        return Made(
            key["AccessKeyId"], {"secret": secret, "sesSmtpPasswordV4": mail_password(secret, api.region)}
        )

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if inputs["status"] != "Active":
            self.update(api, id_, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        pages = api.client("iam").get_paginator("list_access_keys").paginate(UserName=inputs["user"])
        for key in pages.search("AccessKeyMetadata[]"):
            if key["AccessKeyId"] == id_:
                return {"createDate": key["CreateDate"].isoformat()}
        return None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        api.client("iam").update_access_key(UserName=new["user"], AccessKeyId=id_, Status=new["status"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("iam").delete_access_key(UserName=inputs["user"], AccessKeyId=id_)

    def find_all(self, api: Api, inputs: Inputs, since: float) -> Iterator[str]:
        """The keys that were made meanwhile and that nobody has used: nobody has their secrets."""
        iam = api.client("iam")
        pages = iam.get_paginator("list_access_keys").paginate(UserName=inputs["user"])
        for key in pages.search("AccessKeyMetadata[]"):
            used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
            if key["CreateDate"].timestamp() >= int(since) and "LastUsedDate" not in used:
                yield str(key["AccessKeyId"])


def mail_password(secret: str, region: str) -> str:
    """The password with which a key's holder sends mail.

    https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
    """
    signature = f"AWS4{secret}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.digest(signature, part.encode(), "sha256")
    return base64.b64encode(b"\x04" + signature).decode()


class UserPolicy(CrudResource):
    """A policy that lives and dies with its user."""

    type = "aws:iam/userPolicy:UserPolicy"
    service = "iam"
    operations = Operations("PutUserPolicy", "GetUserPolicy", "DeleteUserPolicy", "PutUserPolicy")
    properties = frozenset({"name", "namePrefix", "policy", "user"})
    replaces = frozenset({"name", "namePrefix", "user"})
    unsent = frozenset({"namePrefix"})
    documents = frozenset({"policy"})
    naming = Naming("name", "namePrefix", longest=128)
    regional = False
    key: ClassVar = {"UserName": "user", "PolicyName": "name"}
    renames: ClassVar = {"UserName": "user", "PolicyName": "name", "PolicyDocument": "policy"}
    id_format = "{user}:{name}"


class GroupPolicy(CrudResource):
    """A policy that lives and dies with its group."""

    type = "aws:iam/groupPolicy:GroupPolicy"
    service = "iam"
    operations = Operations("PutGroupPolicy", "GetGroupPolicy", "DeleteGroupPolicy", "PutGroupPolicy")
    properties = frozenset({"group", "name", "namePrefix", "policy"})
    replaces = frozenset({"group", "name", "namePrefix"})
    unsent = frozenset({"namePrefix"})
    documents = frozenset({"policy"})
    naming = Naming("name", "namePrefix", longest=128)
    regional = False
    key: ClassVar = {"GroupName": "group", "PolicyName": "name"}
    renames: ClassVar = {"GroupName": "group", "PolicyName": "name", "PolicyDocument": "policy"}
    id_format = "{group}:{name}"


class Group(CrudResource):
    """A group."""

    type = "aws:iam/group:Group"
    service = "iam"
    operations = Operations("CreateGroup", "GetGroup", "DeleteGroup", "UpdateGroup")
    properties = frozenset({"name", "path"})
    replaces = frozenset({"name"})
    naming = Naming("name", longest=128)
    regional = False
    key: ClassVar = {"GroupName": "name"}
    renames: ClassVar = {"GroupName": "name"}
    defaults: ClassVar = {"path": "/"}
    outputs: ClassVar = {"arn": "Group.Arn", "uniqueId": "Group.GroupId"}

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        api.client("iam").update_group(GroupName=id_, NewPath=new["path"])


class _Attachment(CrudResource):
    """A managed policy on somebody."""

    service = "iam"
    regional = False
    holder: ClassVar[str]

    def answer(self, api: Api, id_: str, inputs: Inputs) -> dict[str, list[str]]:
        pages = api.client("iam").get_paginator(f"list_attached_{self.holder}_policies")
        parameter = f"{self.holder.capitalize()}Name"
        found = pages.paginate(**{parameter: inputs[self.holder]})
        return {"PolicyArns": [str(arn) for arn in found.search("AttachedPolicies[].PolicyArn")]}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {} if inputs["policyArn"] in self.answer(api, id_, inputs)["PolicyArns"] else None


class UserPolicyAttachment(_Attachment):
    """A managed policy on a user."""

    type = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
    holder = "user"
    operations = Operations("AttachUserPolicy", "ListAttachedUserPolicies", "DetachUserPolicy")
    properties = frozenset({"policyArn", "user"})
    replaces = properties
    key: ClassVar = {"UserName": "user", "PolicyArn": "policyArn"}
    renames: ClassVar = {"UserName": "user"}
    id_format = "{user}/{policyArn}"


class GroupPolicyAttachment(_Attachment):
    """A managed policy on a group."""

    type = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
    holder = "group"
    operations = Operations("AttachGroupPolicy", "ListAttachedGroupPolicies", "DetachGroupPolicy")
    properties = frozenset({"group", "policyArn"})
    replaces = properties
    key: ClassVar = {"GroupName": "group", "PolicyArn": "policyArn"}
    renames: ClassVar = {"GroupName": "group"}
    id_format = "{group}/{policyArn}"


class GroupMembership(AwsResource):
    """All the members of a group."""

    type = "aws:iam/groupMembership:GroupMembership"
    properties = frozenset({"group", "name", "users"})
    replaces = frozenset({"group", "name"})
    naming = Naming("name")
    regional = False

    def create(self, api: Api, inputs: Inputs) -> str:
        return str(inputs["name"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self.update(api, id_, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        api.client("iam").get_group(GroupName=inputs["group"])
        return {}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        iam, group = api.client("iam"), new["group"]
        for user in new["users"]:
            iam.add_user_to_group(GroupName=group, UserName=user)
        for user in set(old.get("users", ())) - set(new["users"]):
            iam.remove_user_from_group(GroupName=group, UserName=user)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        for user in inputs["users"]:
            api.client("iam").remove_user_from_group(GroupName=inputs["group"], UserName=user)


class InstanceProfile(CrudResource):
    """A role as machines carry it."""

    type = "aws:iam/instanceProfile:InstanceProfile"
    service = "iam"
    operations = Operations("CreateInstanceProfile", "GetInstanceProfile", "DeleteInstanceProfile")
    properties = frozenset({"name", "namePrefix", "path", "role"})
    replaces = frozenset({"name", "namePrefix", "path"})
    unsent = frozenset({"namePrefix", "role"})
    naming = Naming("name", "namePrefix", longest=128)
    regional = False
    tagged = True
    tagging = Tagging("TagInstanceProfile", "UntagInstanceProfile", "InstanceProfileName", "id")
    key: ClassVar = {"InstanceProfileName": "name"}
    renames: ClassVar = {"InstanceProfileName": "name"}
    defaults: ClassVar = {"path": "/"}
    outputs: ClassVar = {
        "arn": "InstanceProfile.Arn",
        "createDate": "InstanceProfile.CreateDate",
        "uniqueId": "InstanceProfile.InstanceProfileId",
    }

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._assign(api, id_, inputs)

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self._assign(api, id_, new)
        super().update(api, id_, old, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._assign(api, id_, {})
        super().delete(api, id_, inputs)

    def _assign(self, api: Api, id_: str, inputs: Inputs) -> None:
        """A profile carries one role at most."""
        iam = api.client("iam")
        found = iam.get_instance_profile(InstanceProfileName=id_)["InstanceProfile"]["Roles"]
        current = {role["RoleName"] for role in found}
        wanted = {inputs["role"]} if inputs.get("role") else set()
        for role in current - wanted:
            iam.remove_role_from_instance_profile(InstanceProfileName=id_, RoleName=role)
        for role in wanted - current:
            iam.add_role_to_instance_profile(InstanceProfileName=id_, RoleName=role)


class OpenIdConnectProvider(AwsResource):
    """Somebody outside whose word about identities is taken; the id is the provider's ARN."""

    type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    properties = frozenset({"clientIdLists", "thumbprintLists", "url"})
    replaces = frozenset({"url"})
    regional = False
    tagged = True
    _tagging = Tagging(
        "TagOpenIDConnectProvider", "UntagOpenIDConnectProvider", "OpenIDConnectProviderArn", "id"
    )

    def create(self, api: Api, inputs: Inputs) -> str:
        url = inputs["url"] if "://" in inputs["url"] else f"https://{inputs['url']}"
        created = api.client("iam").create_open_id_connect_provider(
            Url=url,
            ClientIDList=inputs["clientIdLists"],
            ThumbprintList=inputs.get("thumbprintLists", []),
            Tags=tag_list(inputs),
        )
        return str(created["OpenIDConnectProviderArn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=id_)
        return {"arn": id_, "thumbprintLists": found.get("ThumbprintList", [])}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        iam, arn = api.client("iam"), {"OpenIDConnectProviderArn": id_}
        before, after = set(old.get("clientIdLists", ())), set(new["clientIdLists"])
        for client_id in sorted(after - before):
            iam.add_client_id_to_open_id_connect_provider(**arn, ClientID=client_id)
        for client_id in sorted(before - after):
            iam.remove_client_id_from_open_id_connect_provider(**arn, ClientID=client_id)
        if old.get("thumbprintLists") != new.get("thumbprintLists") and new.get("thumbprintLists"):
            iam.update_open_id_connect_provider_thumbprint(**arn, ThumbprintList=new["thumbprintLists"])
        self._tagging.apply(iam, id_, old.get("tagsAll"), new["tagsAll"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=id_)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        host = inputs["url"].partition("://")[2] or inputs["url"]
        return f"arn:{api.partition}:iam::{api.account}:oidc-provider/{host}"
