"""Secrets, their versions and who may read them."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import base64
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import ID, CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.tagging import Tagging

_CURRENT: Final = "AWSCURRENT"


class Secret(CrudResource):
    """A secret without its content; its id is its ARN. One that waits for its deletion counts as gone."""

    type = "aws:secretsmanager/secret:Secret"
    service = "secretsmanager"
    operations = Operations("CreateSecret", "DescribeSecret", "DeleteSecret", "UpdateSecret")
    properties = frozenset(
        {"description", "kmsKeyId", "name", "namePrefix", "policy", "recoveryWindowInDays"}
    )
    replaces = frozenset({"name", "namePrefix"})
    unsent = frozenset({"namePrefix", "policy", "recoveryWindowInDays"})
    documents = frozenset({"policy"})
    naming = Naming("name", "namePrefix", longest=512)
    tagged = True
    tagging = Tagging(resource="SecretId", by="id")
    key: ClassVar = {"SecretId": ID}
    id_path = "ARN"
    echoes = frozenset({"policy"})
    defaults: ClassVar = {"description": "", "recoveryWindowInDays": 30}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._allow(api, id_, {}, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return None if self.answer(api, id_, inputs).get("DeletedDate") else {"arn": id_}

    def as_new(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        return {} if "policy" in inputs else {"policy": ""}

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        if "policy" in inputs:
            return {}
        found = api.client("secretsmanager").get_resource_policy(SecretId=id_)
        return {"policy": found.get("ResourcePolicy", "")}

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        super().change(api, id_, old, new)
        self._allow(api, id_, old, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        days = int(inputs["recoveryWindowInDays"])
        how: dict[str, Any] = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        api.client("secretsmanager").delete_secret(SecretId=id_, **how)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        found = api.client("secretsmanager").describe_secret(SecretId=inputs["name"])
        return None if found.get("DeletedDate") else str(found["ARN"])

    def _allow(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client = api.client("secretsmanager")
        if "policy" in new:
            client.put_resource_policy(SecretId=id_, ResourcePolicy=new["policy"])
        elif "policy" in old:
            client.delete_resource_policy(SecretId=id_)


class SecretVersion(AwsResource):
    """A content of a secret; the current one goes only with the secret."""

    type = "aws:secretsmanager/secretVersion:SecretVersion"
    properties = frozenset({"secretBinary", "secretId", "secretString", "versionStages"})
    replaces = frozenset({"secretBinary", "secretId", "secretString"})

    def create(self, api: Api, inputs: Inputs) -> str:
        content: dict[str, Any] = {"SecretString": inputs.get("secretString", "")}
        if "secretBinary" in inputs:
            content = {"SecretBinary": base64.b64decode(inputs["secretBinary"])}
        stages = {"VersionStages": inputs["versionStages"]} if inputs.get("versionStages") else {}
        client = api.client("secretsmanager")
        put = client.put_secret_value(SecretId=inputs["secretId"], **content, **stages)
        return f"{inputs['secretId']}|{put['VersionId']}"

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        secret, _, version = id_.rpartition("|")
        client = api.client("secretsmanager")
        if client.describe_secret(SecretId=secret).get("DeletedDate"):
            return None
        found = client.get_secret_value(SecretId=secret, VersionId=version)
        return {
            "arn": found["ARN"],
            "secretArn": found["ARN"],
            "versionId": version,
            "versionStages": found["VersionStages"],
            "hasSecretStringWo": False,
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client = api.client("secretsmanager")
        secret, _, version = id_.rpartition("|")
        stages = client.describe_secret(SecretId=secret)["VersionIdsToStages"]
        current, wanted = set(stages.get(version, ())), set(new.get("versionStages") or [_CURRENT])
        for stage in sorted(wanted - current):
            holder = next((held for held, names in stages.items() if stage in names), None)
            client.update_secret_version_stage(
                SecretId=secret,
                VersionStage=stage,
                MoveToVersionId=version,
                **({"RemoveFromVersionId": holder} if holder else {}),
            )
        for stage in sorted(current - wanted - {_CURRENT}):
            client.update_secret_version_stage(
                SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
            )

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        client = api.client("secretsmanager")
        secret, _, version = id_.rpartition("|")
        found = client.describe_secret(SecretId=secret)
        for stage in found["VersionIdsToStages"].get(version, ()):
            if stage != _CURRENT and not found.get("DeletedDate"):
                client.update_secret_version_stage(
                    SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
                )

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        """A version that was put in vain is superseded by the next."""
        return None


class SecretPolicy(CrudResource):
    """Who may read a secret, as a resource of its own."""

    type = "aws:secretsmanager/secretPolicy:SecretPolicy"
    service = "secretsmanager"
    operations = Operations(
        "PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy", "PutResourcePolicy"
    )
    properties = frozenset({"blockPublicPolicy", "policy", "secretArn"})
    replaces = frozenset({"secretArn"})
    documents = frozenset({"policy"})
    key: ClassVar = {"SecretId": "secretArn"}
    renames: ClassVar = {"SecretId": "secretArn", "ResourcePolicy": "policy"}
    id_format = "{secretArn}"

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {} if self.answer(api, id_, inputs).get("ResourcePolicy") else None


RESOURCES: Final = (Secret, SecretVersion, SecretPolicy)
