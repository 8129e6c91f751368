"""Who may use a key: grants, and the key's policy as a resource of its own."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import json
from typing import Any, ClassVar, Final

from millpond.deploy.providers import Made
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import OWN_CALLS, CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.mapping import parameters

_ONLY_POLICY: Final = "default"
"""A key has one policy, and this is its name."""


class Grant(AwsResource):
    """A grant; its id is the key's and its own."""

    type = "aws:kms/grant:Grant"
    properties = frozenset(
        {
            "constraints",
            "grantCreationTokens",
            "granteePrincipal",
            "keyId",
            "name",
            "operations",
            "retireOnDelete",
            "retiringPrincipal",
        }
    )
    replaces = properties
    naming = Naming("name", longest=256)
    told_once = frozenset({"grantToken"})
    _renames: ClassVar = {"GrantTokens": "grantCreationTokens"}

    def create(self, api: Api, inputs: Inputs) -> Made:
        kms = api.client("kms")
        given = {name: inputs[name] for name in (self.properties - {"retireOnDelete"}) & inputs.keys()}
        created = kms.create_grant(**parameters(kms, "CreateGrant", given, self._renames))
        return Made(f"{inputs['keyId']}:{created['GrantId']}", {"grantToken": created["GrantToken"]})

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        grant = id_.rpartition(":")[2]
        held = any(found["GrantId"] == grant for found in self._grants(api, inputs))
        return {"grantId": grant} if held else None

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        kms = api.client("kms")
        remove = kms.retire_grant if inputs.get("retireOnDelete") else kms.revoke_grant
        remove(KeyId=inputs["keyId"], GrantId=id_.rpartition(":")[2])

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        for found in self._grants(api, inputs):
            if found.get("Name") == inputs["name"]:
                return f"{inputs['keyId']}:{found['GrantId']}"
        return None

    def _grants(self, api: Api, inputs: Inputs) -> list[dict[str, Any]]:
        pages = api.client("kms").get_paginator("list_grants").paginate(KeyId=inputs["keyId"])
        return list(pages.search("Grants[]"))


class KeyPolicy(CrudResource):
    """A key's policy; deleting the resource gives the key to the account again."""

    type = "aws:kms/keyPolicy:KeyPolicy"
    service = "kms"
    operations = Operations("PutKeyPolicy", "GetKeyPolicy", OWN_CALLS, "PutKeyPolicy")
    properties = frozenset({"bypassPolicyLockoutSafetyCheck", "keyId", "policy"})
    replaces = frozenset({"keyId"})
    documents = frozenset({"policy"})
    key: ClassVar = {}
    id_format = "{keyId}"

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        return {**super().request(api, inputs), "policyName": _ONLY_POLICY}

    def pointing(self, id_: str, inputs: Inputs) -> dict[str, Any]:
        return {"KeyId": id_, "PolicyName": _ONLY_POLICY}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        owner = {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{api.partition}:iam::{api.account}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
        policy = json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [owner]})
        api.client("kms").put_key_policy(KeyId=id_, PolicyName=_ONLY_POLICY, Policy=policy)
