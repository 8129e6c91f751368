"""What the data catalog has beside databases and tables: partitions, classifiers, rules and settings."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.mapping import Renames, member, parameters

_TIMES: Final[Mapping[str, str]] = {
    "creationTime": "CreationTime",
    "lastAccessedTime": "LastAccessTime",
    "lastAnalyzedTime": "LastAnalyzedTime",
}


class Partition(CrudResource):
    """A partition of a table; what it is called is its values."""

    type = "aws:glue/partition:Partition"
    service = "glue"
    operations = Operations("CreatePartition", "GetPartition", "DeletePartition", "UpdatePartition")
    properties = frozenset(
        {"catalogId", "databaseName", "parameters", "partitionValues", "storageDescriptor", "tableName"}
    )
    replaces = frozenset({"catalogId", "databaseName", "partitionValues", "tableName"})
    key: ClassVar = {
        "CatalogId": "catalogId",
        "DatabaseName": "databaseName",
        "TableName": "tableName",
        "PartitionValues": "partitionValues",
    }

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        place = {name: inputs[name] for name in ("catalogId", "databaseName", "tableName") if name in inputs}
        content = {name: inputs[name] for name in ("parameters", "storageDescriptor") if name in inputs}
        return {**place, "partitionInput": {**content, "values": inputs["partitionValues"]}}

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client = api.client("glue")
        given = {**self.request(api, new), "partitionValueList": new["partitionValues"]}
        client.update_partition(**parameters(client, "UpdatePartition", given))

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = self.answer(api, id_, inputs)["Partition"]
        return {
            "catalogId": inputs.get("catalogId", api.account),
            **{name: found[member].isoformat() if member in found else "" for name, member in _TIMES.items()},
        }

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return self._formatted(api, inputs)

    def _formatted(self, api: Api, inputs: Inputs) -> str:
        place = (inputs.get("catalogId", api.account), inputs["databaseName"], inputs["tableName"])
        return ":".join((*place, "#".join(inputs["partitionValues"])))


class Classifier(CrudResource):
    """How a crawler reads files of one kind; of another kind it is another classifier."""

    type = "aws:glue/classifier:Classifier"
    service = "glue"
    operations = Operations("CreateClassifier", "GetClassifier", "DeleteClassifier", "UpdateClassifier")
    _kinds = frozenset({"csvClassifier", "grokClassifier", "jsonClassifier", "xmlClassifier"})
    properties = _kinds | {"name"}
    replaces = frozenset({"name"})
    naming = Naming("name", longest=255)
    key: ClassVar = {"Name": "name"}

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        return {kind: {**inputs[kind], "name": inputs["name"]} for kind in self._kinds & inputs.keys()}

    def change(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client = api.client("glue")
        if old and self._kinds & old.keys() != self._kinds & new.keys():
            client.delete_classifier(Name=id_)
            self.create(api, new)
        else:
            client.update_classifier(**parameters(client, "UpdateClassifier", self.request(api, new)))


class SecurityConfiguration(CrudResource):
    """How jobs and crawlers encrypt what they write."""

    type = "aws:glue/securityConfiguration:SecurityConfiguration"
    service = "glue"
    operations = Operations(
        "CreateSecurityConfiguration", "GetSecurityConfiguration", "DeleteSecurityConfiguration"
    )
    properties = frozenset({"encryptionConfiguration", "name"})
    replaces = properties
    naming = Naming("name", longest=255)
    key: ClassVar = {"Name": "name"}


class DataCatalogEncryptionSettings(AwsResource):
    """How the catalog itself is encrypted; deleting the resource turns encryption off."""

    type = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"
    properties = frozenset({"catalogId", "dataCatalogEncryptionSettings"})
    replaces = frozenset({"catalogId"})
    _plain: ClassVar[dict[str, Any]] = {
        "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
        "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
    }

    def create(self, api: Api, inputs: Inputs) -> str:
        glue = api.client("glue")
        parameter = "DataCatalogEncryptionSettings"
        settings = inputs["dataCatalogEncryptionSettings"]
        value = member(glue, "PutDataCatalogEncryptionSettings", parameter, settings)
        glue.put_data_catalog_encryption_settings(**_catalog(inputs), **{parameter: value})
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        api.client("glue").get_data_catalog_encryption_settings(**_catalog(inputs))
        return {"catalogId": id_}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("glue").put_data_catalog_encryption_settings(
            **_catalog(inputs), DataCatalogEncryptionSettings=self._plain
        )

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return str(inputs.get("catalogId", api.account))


class DataQualityRuleset(CrudResource):
    """Rules in Glue's own language, for one table or any."""

    type = "aws:glue/dataQualityRuleset:DataQualityRuleset"
    service = "glue"
    operations = Operations(
        "CreateDataQualityRuleset",
        "GetDataQualityRuleset",
        "DeleteDataQualityRuleset",
        "UpdateDataQualityRuleset",
    )
    properties = frozenset({"description", "name", "ruleset", "targetTable"})
    replaces = frozenset({"name", "targetTable"})
    naming = Naming("name", longest=255)
    key: ClassVar = {"Name": "name"}
    arn = "dataQualityRuleset/{id}"
    outputs: ClassVar = {
        "createdOn": "CreatedOn",
        "lastModifiedOn": "LastModifiedOn",
        "recommendationRunId": "RecommendationRunId || ''",
    }
    volatile = frozenset({"lastModifiedOn"})
    tagged = True
    defaults: ClassVar = {"description": ""}


class ResourcePolicy(AwsResource):
    """Who outside the account may use the catalog."""

    type = "aws:glue/resourcePolicy:ResourcePolicy"
    properties = frozenset({"enableHybrid", "policy"})
    documents = frozenset({"policy"})

    def create(self, api: Api, inputs: Inputs) -> str:
        hybrid = {"EnableHybrid": inputs["enableHybrid"]} if "enableHybrid" in inputs else {}
        api.client("glue").put_resource_policy(PolicyInJson=inputs["policy"], **hybrid)
        return api.account

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("glue").get_resource_policy().get("PolicyInJson")
        return {} if found and json.loads(found) else None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("glue").delete_resource_policy()

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return api.account


class Connection(CrudResource):
    """How to reach a database or network."""

    type = "aws:glue/connection:Connection"
    service = "glue"
    operations = Operations("CreateConnection", "GetConnection", "DeleteConnection", "UpdateConnection")
    properties = frozenset(
        {
            "catalogId",
            "connectionProperties",
            "connectionType",
            "description",
            "matchCriterias",
            "name",
            "physicalConnectionRequirements",
        }
    )
    replaces = frozenset({"catalogId", "name"})
    naming = Naming("name", longest=255)
    key: ClassVar = {"CatalogId": "catalogId", "Name": "name"}
    renames: ClassVar[Renames] = {
        "MatchCriteria": "matchCriterias",
        "SecurityGroupIdList": "securityGroupIdLists",
    }
    defaults: ClassVar = {"connectionType": "JDBC", "connectionProperties": {}}
    arn = "connection/{id}"
    tagged = True

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        content = {name: value for name, value in super().request(api, inputs).items() if name != "catalogId"}
        return {**_catalog(inputs, "catalogId"), "connectionInput": content}

    def pointing(self, id_: str, inputs: Inputs) -> dict[str, Any]:
        return {**_catalog(inputs), "Name": inputs["name"]}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {"catalogId": api.account, **(super().read(api, id_, inputs) or {})}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("glue").delete_connection(**_catalog(inputs), ConnectionName=inputs["name"])


def _catalog(inputs: Inputs, parameter: str = "CatalogId") -> dict[str, str]:
    return {parameter: inputs["catalogId"]} if "catalogId" in inputs else {}
