"""Workgroups and saved queries."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.athena_data import Database, DataCatalog, PreparedStatement
from millpond.deploy.providers.aws.declaration import (
    AwsResource,
    Inputs,
    Naming,
    Outputs,
    removed_tags,
    tag_list,
)
from millpond.deploy.providers.aws.mapping import Renames, member


class Workgroup(AwsResource):
    """Where a group of users' results go, and what their queries may cost."""

    type = "aws:athena/workgroup:Workgroup"
    properties = frozenset({"name", "description", "configuration", "state", "forceDestroy"})
    replaces = frozenset({"name"})
    naming = Naming("name", longest=128)
    tagged = True
    defaults: ClassVar[Inputs] = {"state": "ENABLED", "description": ""}
    _renames: ClassVar[Renames] = {"KmsKey": "kmsKeyArn"}
    _switches: ClassVar[Inputs] = {
        "enforceWorkgroupConfiguration": True,
        "publishCloudwatchMetricsEnabled": True,
        "requesterPaysEnabled": False,
    }

    def create(self, api: Api, inputs: Inputs) -> str:
        athena = api.client("athena")
        configuration = member(
            athena, "CreateWorkGroup", "Configuration", self._configuration(inputs), self._renames
        )
        athena.create_work_group(
            Name=inputs["name"],
            Description=inputs["description"],
            Configuration=configuration,
            Tags=tag_list(inputs),
        )
        return str(inputs["name"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if inputs["state"] != "ENABLED":
            api.client("athena").update_work_group(WorkGroup=id_, State=inputs["state"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        api.client("athena").get_work_group(WorkGroup=id_)
        return {"arn": api.arn("athena", f"workgroup/{id_}")}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        athena = api.client("athena")
        athena.update_work_group(
            WorkGroup=id_,
            Description=new["description"],
            State=new["state"],
            ConfigurationUpdates=self._updates(athena, old, new),
        )
        arn = api.arn("athena", f"workgroup/{id_}")
        if removed := removed_tags(old, new):
            athena.untag_resource(ResourceARN=arn, TagKeys=removed)
        if tags := tag_list(new):
            athena.tag_resource(ResourceARN=arn, Tags=tags)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        force = bool(inputs.get("forceDestroy"))
        api.client("athena").delete_work_group(WorkGroup=id_, RecursiveDeleteOption=force)

    def _configuration(self, inputs: Inputs) -> dict[str, Any]:
        return {**self._switches, **inputs.get("configuration", {})}

    def _updates(self, athena: Any, old: Inputs, new: Inputs) -> Any:
        """An update names what it sets and, apart from that, what it takes away."""
        configuration = self._configuration(new)
        results = dict(configuration.pop("resultConfiguration", {}))
        before = old.get("configuration", {})
        if "bytesScannedCutoffPerQuery" in before and "bytesScannedCutoffPerQuery" not in configuration:
            configuration["removeBytesScannedCutoffPerQuery"] = True
        for name in ("outputLocation", "encryptionConfiguration", "expectedBucketOwner", "aclConfiguration"):
            if name in before.get("resultConfiguration", {}) and name not in results:
                results[f"remove{name[:1].upper()}{name[1:]}"] = True
        if results:
            configuration["resultConfigurationUpdates"] = results
        return member(athena, "UpdateWorkGroup", "ConfigurationUpdates", configuration, self._renames)


class NamedQuery(AwsResource):
    """A saved query."""

    type = "aws:athena/namedQuery:NamedQuery"
    properties = frozenset({"name", "database", "query", "description", "workgroup"})
    replaces = properties
    naming = Naming("name", longest=128)
    defaults: ClassVar[Inputs] = {"workgroup": "primary"}

    def create(self, api: Api, inputs: Inputs) -> str:
        description = {"Description": inputs["description"]} if inputs.get("description") else {}
        created = api.client("athena").create_named_query(
            Name=inputs["name"],
            Database=inputs["database"],
            QueryString=inputs["query"],
            WorkGroup=inputs["workgroup"],
            **description,
        )
        return str(created["NamedQueryId"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        athena = api.client("athena")
        # Reading a query that is gone is an invalid request, like many other things; the list is exact.
        workgroup = inputs.get("workgroup", "primary")
        pages = athena.get_paginator("list_named_queries").paginate(WorkGroup=workgroup)
        return {} if id_ in pages.search("NamedQueryIds[]") else None

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if self.read(api, id_, inputs) is not None:
            api.client("athena").delete_named_query(NamedQueryId=id_)

    def find_all(self, api: Api, inputs: Inputs, since: float) -> Iterator[str]:
        """Several may have one name."""
        athena = api.client("athena")
        pages = athena.get_paginator("list_named_queries").paginate(WorkGroup=inputs["workgroup"])
        for id_ in pages.search("NamedQueryIds[]"):
            query = athena.get_named_query(NamedQueryId=id_)["NamedQuery"]
            if (query["Name"], query["QueryString"]) == (inputs["name"], inputs["query"]):
                yield str(id_)


RESOURCES: Final = (Workgroup, NamedQuery, PreparedStatement, DataCatalog, Database)
