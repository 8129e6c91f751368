"""The data catalog: databases and tables. What works on it is in `glue_jobs`."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs, removed_tags
from millpond.deploy.providers.aws.glue_catalog import (
    Classifier,
    Connection,
    DataCatalogEncryptionSettings,
    DataQualityRuleset,
    Partition,
    ResourcePolicy,
    SecurityConfiguration,
)
from millpond.deploy.providers.aws.glue_jobs import Crawler, Job, Trigger, Workflow
from millpond.deploy.providers.aws.mapping import member, properties_of

_PLACE: Final = frozenset({"catalogId", "databaseName", "region", "tags", "tagsAll"})
"""Inputs that say where a thing lies or what it is labelled with, not what it is."""


class CatalogDatabase(AwsResource):
    """A database; deleting it deletes the tables in it, as Glue does."""

    type = "aws:glue/catalogDatabase:CatalogDatabase"
    properties = frozenset(
        {
            "name",
            "catalogId",
            "description",
            "locationUri",
            "parameters",
            "createTableDefaultPermissions",
            "targetDatabase",
            "federatedDatabase",
        }
    )
    replaces = frozenset({"name", "catalogId"})
    naming = Naming("name", longest=255, lowercase=True)
    tagged = True

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("glue").create_database(
            **_catalog(inputs), DatabaseInput=self.content(api, inputs), Tags=inputs["tagsAll"]
        )
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        catalog, _, name = id_.partition(":")
        permitted = "createTableDefaultPermissions"
        database = api.client("glue").get_database(**_catalog(inputs), Name=name)["Database"]
        return {
            "arn": api.arn("glue", f"database/{name}"),
            "catalogId": database.get("CatalogId", catalog),
            **({} if "locationUri" in inputs else {"locationUri": database.get("LocationUri", "")}),
            **({} if permitted in inputs else {permitted: _permitted(database)}),
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        glue, name = api.client("glue"), id_.partition(":")[2]
        glue.update_database(**_catalog(new), Name=name, DatabaseInput=self.content(api, new))
        arn = api.arn("glue", f"database/{name}")
        if removed := removed_tags(old, new):
            glue.untag_resource(ResourceArn=arn, TagsToRemove=removed)
        if new["tagsAll"]:
            glue.tag_resource(ResourceArn=arn, TagsToAdd=new["tagsAll"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("glue").delete_database(**_catalog(inputs), Name=id_.partition(":")[2])

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{inputs.get('catalogId', api.account)}:{inputs['name']}"

    def place(self, inputs: Inputs) -> dict[str, str]:
        """The parameters that say in which catalog it lies."""
        return _catalog(inputs)

    def content(self, api: Api, inputs: Inputs) -> Any:
        """The database as the API takes it."""
        content = {name: value for name, value in inputs.items() if name not in _PLACE}
        return member(api.client("glue"), "CreateDatabase", "DatabaseInput", content)


class CatalogTable(AwsResource):
    """A table's columns, partition keys, location and format."""

    type = "aws:glue/catalogTable:CatalogTable"
    properties = frozenset(
        {
            "name",
            "databaseName",
            "catalogId",
            "description",
            "owner",
            "parameters",
            "partitionKeys",
            "retention",
            "storageDescriptor",
            "tableType",
            "viewOriginalText",
            "viewExpandedText",
        }
    )
    replaces = frozenset({"name", "databaseName", "catalogId"})
    naming = Naming("name", longest=255, lowercase=True)
    unset: ClassVar[Outputs] = {"viewDefinition": None}
    # What writes to a table keeps statistics, and an Iceberg table's place, in its parameters.
    echoes = frozenset({"parameters", "partitionIndices", "tableType"})

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("glue").create_table(**self.place(inputs), TableInput=self.content(api, inputs))
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        catalog, database, name = id_.split(":", 2)
        found = api.client("glue").get_table(**self.place(inputs), Name=name)["Table"]
        told = {"parameters": found.get("Parameters", {}), "tableType": found.get("TableType", "")}
        return {
            "arn": api.arn("glue", f"table/{database}/{name}"),
            "catalogId": catalog,
            **{name: value for name, value in told.items() if name not in inputs},
        }

    def as_new(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        return {"partitionIndices": []}

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        glue = api.client("glue")
        pages = glue.get_paginator("get_partition_indexes").paginate(
            **self.place(inputs), TableName=inputs["name"]
        )
        return {
            "partitionIndices": [
                {
                    "indexName": index["IndexName"],
                    "indexStatus": index["IndexStatus"],
                    "keys": [key["Name"] for key in index["Keys"]],
                }
                for index in pages.search("PartitionIndexDescriptorList[]")
            ]
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        api.client("glue").update_table(**self.place(new), TableInput=self.content(api, new))

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("glue").delete_table(**self.place(inputs), Name=inputs["name"])

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{inputs.get('catalogId', api.account)}:{inputs['databaseName']}:{inputs['name']}"

    def place(self, inputs: Inputs) -> dict[str, str]:
        """The parameters that say in which database it lies."""
        return {**_catalog(inputs), "DatabaseName": inputs["databaseName"]}

    def content(self, api: Api, inputs: Inputs) -> Any:
        """The table as the API takes it."""
        content = {name: value for name, value in inputs.items() if name not in _PLACE}
        return member(api.client("glue"), "CreateTable", "TableInput", content)


def _permitted(database: Inputs) -> list[Outputs]:
    return [
        {
            "permissions": item.get("Permissions", []),
            "principal": properties_of(item["Principal"]) if "Principal" in item else None,
        }
        for item in database.get("CreateTableDefaultPermissions", ())
    ]


def _catalog(inputs: Inputs) -> dict[str, str]:
    return {"CatalogId": inputs["catalogId"]} if "catalogId" in inputs else {}


RESOURCES: Final = (
    CatalogDatabase,
    CatalogTable,
    Partition,
    Connection,
    Classifier,
    Crawler,
    Job,
    Trigger,
    Workflow,
    SecurityConfiguration,
    DataCatalogEncryptionSettings,
    ResourcePolicy,
    DataQualityRuleset,
)
