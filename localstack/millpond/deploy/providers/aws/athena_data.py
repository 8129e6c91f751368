"""What Athena keeps beside workgroups: prepared statements, data catalogs, databases."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import time
from typing import Any, ClassVar, Final

from millpond.deploy.exceptions import CloudError
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.tagging import Tagging

_POLL_SECONDS: Final = 0.1
_RUNNING: Final = frozenset({"QUEUED", "RUNNING"})


class PreparedStatement(CrudResource):
    """A statement with parameters, in a workgroup."""

    type = "aws:athena/preparedStatement:PreparedStatement"
    service = "athena"
    operations = Operations(
        "CreatePreparedStatement",
        "GetPreparedStatement",
        "DeletePreparedStatement",
        "UpdatePreparedStatement",
    )
    properties = frozenset({"description", "name", "queryStatement", "workgroup"})
    replaces = frozenset({"name", "workgroup"})
    naming = Naming("name", longest=256, random=False)
    key: ClassVar = {"StatementName": "name", "WorkGroup": "workgroup"}
    renames: ClassVar = {"StatementName": "name"}
    id_format = "{workgroup}/{name}"


class DataCatalog(CrudResource):
    """A catalog that queries may name beside Glue's."""

    type = "aws:athena/dataCatalog:DataCatalog"
    service = "athena"
    operations = Operations("CreateDataCatalog", "GetDataCatalog", "DeleteDataCatalog", "UpdateDataCatalog")
    properties = frozenset({"description", "name", "parameters", "type"})
    replaces = frozenset({"name", "type"})
    naming = Naming("name", longest=128)
    tagged = True
    tagging = Tagging(resource="ResourceARN")
    key: ClassVar = {"Name": "name"}
    arn = "datacatalog/{id}"

    def changed(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        # The update asks for the type, although it cannot change it.
        return {**super().changed(api, inputs), "type": inputs["type"]}


class Database(AwsResource):
    """A database that is made and dropped by queries, as the provider does it."""

    type = "aws:athena/database:Database"
    properties = frozenset(
        {
            "bucket",
            "comment",
            "encryptionConfiguration",
            "forceDestroy",
            "name",
            "properties",
            "workgroup",
        }
    )
    replaces = properties - {"forceDestroy"}
    naming = Naming("name", longest=255, lowercase=True)

    def create(self, api: Api, inputs: Inputs) -> str:
        statement = f"CREATE DATABASE `{inputs['name']}`"
        if comment := inputs.get("comment"):
            statement += f" COMMENT {_quoted(comment)}"
        if given := inputs.get("properties"):
            pairs = ", ".join(f"{_quoted(name)} = {_quoted(value)}" for name, value in given.items())
            statement += f" WITH DBPROPERTIES ({pairs})"
        self._run(api, inputs, statement)
        return str(inputs["name"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        api.client("glue").get_database(Name=id_)
        return {}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        """Only what happens on deletion can change."""

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self.read(api, id_, inputs)
        cascade = " CASCADE" if inputs.get("forceDestroy") else ""
        self._run(api, inputs, f"DROP DATABASE `{id_}`{cascade}")

    def _run(self, api: Api, inputs: Inputs, statement: str) -> None:
        athena = api.client("athena")
        request: dict[str, Any] = {"QueryString": statement}
        if "workgroup" in inputs:
            request["WorkGroup"] = inputs["workgroup"]
        if "bucket" in inputs:
            request["ResultConfiguration"] = {"OutputLocation": f"s3://{inputs['bucket']}"}
            if encryption := inputs.get("encryptionConfiguration"):
                key = {"KmsKey": encryption["kmsKey"]} if "kmsKey" in encryption else {}
                request["ResultConfiguration"]["EncryptionConfiguration"] = {
                    "EncryptionOption": encryption["encryptionOption"],
                    **key,
                }
        query = athena.start_query_execution(**request)["QueryExecutionId"]
        while True:
            status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in _RUNNING:
                break
            time.sleep(_POLL_SECONDS)
        if status["State"] != "SUCCEEDED":
            raise CloudError(f"{statement}: {status.get('StateChangeReason', status['State'])}")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "\\'") + "'"
