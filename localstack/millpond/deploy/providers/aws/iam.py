"""Roles, policies and what ties them together. IAM is global: nothing here has a region."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import json
from typing import Any, ClassVar, Final
from urllib.parse import unquote

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import (
    AwsResource,
    Inputs,
    Naming,
    Outputs,
    removed_tags,
    tag_list,
)
from millpond.deploy.providers.aws.iam_users import (
    AccessKey,
    Group,
    GroupMembership,
    GroupPolicy,
    GroupPolicyAttachment,
    InstanceProfile,
    OpenIdConnectProvider,
    User,
    UserPolicy,
    UserPolicyAttachment,
)


class Role(AwsResource):
    """A role, with the policies that it has inline or attached by its own arguments."""

    type = "aws:iam/role:Role"
    documents = frozenset({"assumeRolePolicy"})
    properties = frozenset(
        {
            "name",
            "namePrefix",
            "assumeRolePolicy",
            "description",
            "path",
            "maxSessionDuration",
            "permissionsBoundary",
            "forceDetachPolicies",
            "managedPolicyArns",
            "inlinePolicies",
        }
    )
    replaces = frozenset({"name", "namePrefix", "path"})
    naming = Naming("name", "namePrefix")
    tagged = True
    regional = False
    echoes = frozenset({"inlinePolicies", "managedPolicyArns"})
    defaults: ClassVar[Inputs] = {"path": "/", "maxSessionDuration": 3600, "description": ""}

    def create(self, api: Api, inputs: Inputs) -> str:
        request = {
            "RoleName": inputs["name"],
            "AssumeRolePolicyDocument": inputs["assumeRolePolicy"],
            "Path": inputs["path"],
            "Description": inputs["description"],
            "MaxSessionDuration": int(inputs["maxSessionDuration"]),
            "Tags": tag_list(inputs),
        }
        if boundary := inputs.get("permissionsBoundary"):
            request["PermissionsBoundary"] = boundary
        api.client("iam").create_role(**request)
        return str(inputs["name"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._grant(api, id_, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        role = api.client("iam").get_role(RoleName=id_)["Role"]
        return {
            "arn": role["Arn"],
            "uniqueId": role["RoleId"],
            "createDate": role["CreateDate"].isoformat(),
        }

    def as_new(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        nothing: Outputs = {"inlinePolicies": [], "managedPolicyArns": []}
        return {name: value for name, value in nothing.items() if name not in inputs}

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        iam, told = api.client("iam"), self.as_new(api, id_, inputs)
        if "inlinePolicies" in told:
            names = iam.get_paginator("list_role_policies").paginate(RoleName=id_).search("PolicyNames[]")
            policies = [iam.get_role_policy(RoleName=id_, PolicyName=name) for name in names]
            told["inlinePolicies"] = [
                {"name": policy["PolicyName"], "policy": json.dumps(policy["PolicyDocument"])}
                for policy in policies
            ]
        if "managedPolicyArns" in told:
            pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=id_)
            told["managedPolicyArns"] = sorted(pages.search("AttachedPolicies[].PolicyArn"))
        return told

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        iam = api.client("iam")
        iam.update_assume_role_policy(RoleName=id_, PolicyDocument=new["assumeRolePolicy"])
        iam.update_role(
            RoleName=id_,
            Description=new["description"],
            MaxSessionDuration=int(new["maxSessionDuration"]),
        )
        if boundary := new.get("permissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=id_, PermissionsBoundary=boundary)
        elif "permissionsBoundary" in old:
            iam.delete_role_permissions_boundary(RoleName=id_)
        if removed := removed_tags(old, new):
            iam.untag_role(RoleName=id_, TagKeys=removed)
        if tags := tag_list(new):
            iam.tag_role(RoleName=id_, Tags=tags)
        self._grant(api, id_, old, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        iam = api.client("iam")
        own_policies = inputs.get("managedPolicyArns", ())
        for attached in iam.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]:
            if inputs.get("forceDetachPolicies") or attached["PolicyArn"] in own_policies:
                iam.detach_role_policy(RoleName=id_, PolicyArn=attached["PolicyArn"])
        own_inline = {policy["name"] for policy in inputs.get("inlinePolicies", ()) if "name" in policy}
        for name in iam.list_role_policies(RoleName=id_)["PolicyNames"]:
            if inputs.get("forceDetachPolicies") or name in own_inline:
                iam.delete_role_policy(RoleName=id_, PolicyName=name)
        for profile in iam.list_instance_profiles_for_role(RoleName=id_)["InstanceProfiles"]:
            name = profile["InstanceProfileName"]
            iam.remove_role_from_instance_profile(RoleName=id_, InstanceProfileName=name)
        iam.delete_role(RoleName=id_)

    def _grant(self, api: Api, name: str, old: Inputs, new: Inputs) -> None:
        iam = api.client("iam")
        before, after = set(old.get("managedPolicyArns", ())), set(new.get("managedPolicyArns", ()))
        for arn in sorted(after - before):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in sorted(before - after):
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        inline = {policy["name"]: policy["policy"] for policy in new.get("inlinePolicies", ()) if policy}
        for policy_name, policy in inline.items():
            iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=policy)
        for policy in old.get("inlinePolicies", ()):
            if policy and policy["name"] not in inline:
                iam.delete_role_policy(RoleName=name, PolicyName=policy["name"])


class RolePolicy(AwsResource):
    """A policy that lives and dies with its role."""

    type = "aws:iam/rolePolicy:RolePolicy"
    documents = frozenset({"policy"})
    properties = frozenset({"name", "namePrefix", "policy", "role"})
    replaces = frozenset({"name", "namePrefix", "role"})
    naming = Naming("name", "namePrefix", longest=128)
    regional = False

    def create(self, api: Api, inputs: Inputs) -> str:
        self._put(api, inputs)
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        role, _, name = id_.partition(":")
        found = api.client("iam").get_role_policy(RoleName=role, PolicyName=name)
        return {"name": found["PolicyName"], "role": found["RoleName"]}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self._put(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        role, _, name = id_.partition(":")
        api.client("iam").delete_role_policy(RoleName=role, PolicyName=name)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{inputs['role']}:{inputs['name']}"

    def _put(self, api: Api, inputs: Inputs) -> None:
        api.client("iam").put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )


class Policy(AwsResource):
    """A managed policy; a new document is a new default version."""

    type = "aws:iam/policy:Policy"
    documents = frozenset({"policy"})
    properties = frozenset({"name", "namePrefix", "policy", "path", "description"})
    replaces = frozenset({"name", "namePrefix", "path", "description"})
    naming = Naming("name", "namePrefix", longest=128)
    tagged = True
    regional = False
    defaults: ClassVar[Inputs] = {"path": "/"}
    echoes = frozenset({"attachmentCount"})
    _most_versions = 5

    def create(self, api: Api, inputs: Inputs) -> str:
        created = api.client("iam").create_policy(
            PolicyName=inputs["name"],
            Path=inputs["path"],
            Description=inputs.get("description", ""),
            PolicyDocument=inputs["policy"],
            Tags=tag_list(inputs),
        )
        return str(created["Policy"]["Arn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        policy = api.client("iam").get_policy(PolicyArn=id_)["Policy"]
        return {
            "arn": policy["Arn"],
            "policyId": policy["PolicyId"],
            "attachmentCount": policy["AttachmentCount"],
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        iam = api.client("iam")
        current = iam.get_policy_version(
            PolicyArn=id_, VersionId=iam.get_policy(PolicyArn=id_)["Policy"]["DefaultVersionId"]
        )["PolicyVersion"]["Document"]
        wanted = json.loads(new["policy"])
        if isinstance(current, str):
            current = json.loads(unquote(current))
        if current != wanted:
            older = [
                version
                for version in iam.list_policy_versions(PolicyArn=id_)["Versions"]
                if not version["IsDefaultVersion"]
            ]
            if len(older) + 1 >= self._most_versions:
                oldest = min(older, key=lambda version: version["CreateDate"])
                iam.delete_policy_version(PolicyArn=id_, VersionId=oldest["VersionId"])
            iam.create_policy_version(PolicyArn=id_, PolicyDocument=new["policy"], SetAsDefault=True)
        if removed := removed_tags(old, new):
            iam.untag_policy(PolicyArn=id_, TagKeys=removed)
        if tags := tag_list(new):
            iam.tag_policy(PolicyArn=id_, Tags=tags)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        iam = api.client("iam")
        for version in iam.list_policy_versions(PolicyArn=id_)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=id_, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=id_)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"arn:{api.partition}:iam::{api.account}:policy{inputs['path']}{inputs['name']}"


class RolePolicyAttachment(AwsResource):
    """A managed policy on a role."""

    type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    properties = frozenset({"role", "policyArn"})
    replaces = properties
    regional = False

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        pages = api.client("iam").get_paginator("list_attached_role_policies")
        attached = pages.paginate(RoleName=inputs["role"]).search("AttachedPolicies[].PolicyArn")
        return {} if inputs["policyArn"] in attached else None

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("iam").detach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{inputs['role']}/{inputs['policyArn']}"


RESOURCES: Final[tuple[Any, ...]] = (
    Role,
    RolePolicy,
    Policy,
    RolePolicyAttachment,
    User,
    AccessKey,
    UserPolicy,
    UserPolicyAttachment,
    Group,
    GroupPolicy,
    GroupPolicyAttachment,
    GroupMembership,
    InstanceProfile,
    OpenIdConnectProvider,
)
