"""Databases and tables of the catalog, and workgroups."""

from __future__ import annotations

from typing import Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.athena import Workgroup
from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.drift.compared import Compared, Reader
from millpond.deploy.providers.aws.glue import CatalogDatabase, CatalogTable
from millpond.deploy.providers.aws.mapping import Renames, member

_WORKGROUP: Final[Renames] = {"KmsKey": "kmsKeyArn"}


def _workgroup(declaration: Workgroup, api: Api, id_: str, inputs: Inputs) -> Compared:
    athena = api.client("athena")
    found = athena.get_work_group(WorkGroup=id_)["WorkGroup"]
    sent = {
        "Description": inputs["description"],
        "State": inputs["state"],
        "Configuration": member(
            athena, "CreateWorkGroup", "Configuration", inputs.get("configuration", {}), _WORKGROUP
        ),
    }
    return Compared(sent, found)


def _database(declaration: CatalogDatabase, api: Api, id_: str, inputs: Inputs) -> Compared:
    glue, name = api.client("glue"), id_.partition(":")[2]
    found = glue.get_database(**declaration.place(inputs), Name=name)["Database"]
    tags = glue.get_tags(ResourceArn=api.arn("glue", f"database/{name}"))["Tags"]
    return Compared(declaration.content(api, inputs), found, tags=tags)


def _table(declaration: CatalogTable, api: Api, id_: str, inputs: Inputs) -> Compared:
    """What others add to a table's parameters (statistics, a crawler's notes) is no drift."""
    found = api.client("glue").get_table(**declaration.place(inputs), Name=inputs["name"])["Table"]
    return Compared(declaration.content(api, inputs), found)


READERS: Final[tuple[Reader, ...]] = (
    (Workgroup, _workgroup),
    (CatalogDatabase, _database),
    (CatalogTable, _table),
)
