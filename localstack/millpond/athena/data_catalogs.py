"""Data catalogs, and the databases and tables that Athena shows of them.

Beside `AwsDataCatalog` there are further names of the account's Glue catalog, and other sources, which are
kept and described; queries in them are refused by name.
"""

from __future__ import annotations

import json
from typing import Any

from moto.athena.models import DataCatalog

from millpond.athena.exceptions import InvalidRequest, MetadataError
from millpond.athena.glue import GlueTable
from millpond.athena.saved_statements import SavedStatementsApi
from millpond.athena.sql.catalog import GLUE_CATALOG
from millpond.athena.sql.exceptions import SqlError


class DataCatalogsApi(SavedStatementsApi):
    """The operations on data catalogs, databases and table metadata."""

    def create_data_catalog(self) -> str:
        """Register a catalog."""
        name = self._required("Name")
        if name in self.athena_backend.catalogs():
            raise InvalidRequest(f"DataCatalog {name} already exists")
        parameters: Any = self._get_param("Parameters") or {}  # a map, which moto declares to be a text
        self.athena_backend.create_data_catalog(
            name,
            self._required("Type"),
            self._get_param("Description") or "",
            parameters,
            self._get_param("Tags") or [],
        )
        return json.dumps({"DataCatalog": _described(self._created_catalog(name))})

    def get_data_catalog(self) -> str:
        """Glue's catalog, or one that was created."""
        name = self._required("Name")
        if name.lower() == GLUE_CATALOG:
            return json.dumps({"DataCatalog": {"Name": name, "Type": "GLUE", "Parameters": {}}})
        return json.dumps({"DataCatalog": _described(self._created_catalog(name))})

    def update_data_catalog(self) -> str:
        """Change the description and the parameters of a catalog."""
        catalog = self._created_catalog(self._required("Name"))
        if self._required("Type") != catalog.type:
            raise InvalidRequest(f"The type of data catalog {catalog.name} cannot be changed.")
        catalog.description = self._get_param("Description") or ""
        catalog.parameters = self._get_param("Parameters")
        return "{}"

    def delete_data_catalog(self) -> str:
        """Forget a catalog."""
        catalog = self._created_catalog(self._required("Name"))
        del self.athena_backend.data_catalogs[catalog.name]
        return json.dumps({"DataCatalog": _described(catalog)})

    def list_data_catalogs(self) -> str:
        """The Glue catalog, and those that were created."""
        own = [{"CatalogName": "AwsDataCatalog", "Type": "GLUE"}]
        page, token = self._page(own + self.athena_backend.list_data_catalogs(), 50)
        return json.dumps({"DataCatalogsSummary": page, **token})

    def _created_catalog(self, name: str) -> DataCatalog:
        catalog = self.athena_backend.data_catalogs.get(name)
        if catalog is None:
            raise InvalidRequest(f"DataCatalog {name} was not found")
        return catalog

    # ---- what is in them

    def get_database(self) -> str:
        """One database of the Glue catalog."""
        self.athena_backend.check_catalog(self._required("CatalogName"))
        name = self._required("DatabaseName").lower()
        try:
            database = self.athena_backend.glue.database(name)
        except SqlError:
            raise _entity_not_found(f"Database {name} not found.") from None
        return json.dumps({"Database": _database(database.name, database.description, database.parameters)})

    def list_databases(self) -> str:
        """The databases of the Glue catalog."""
        self.athena_backend.check_catalog(self._required("CatalogName"))
        found = [
            _database(database.name, database.description, database.parameters)
            for database in self.athena_backend.glue.databases()
        ]
        page, token = self._page(found, 50)
        return json.dumps({"DatabaseList": page, **token})

    def get_table_metadata(self) -> str:
        """One table or view of the Glue catalog."""
        self.athena_backend.check_catalog(self._required("CatalogName"))
        database, name = self._required("DatabaseName").lower(), self._required("TableName").lower()
        table = self.athena_backend.glue.find_table(database, name)
        if table is None:
            raise _entity_not_found(f"Table {name} not found.")
        return json.dumps({"TableMetadata": _table_metadata(table)})

    def list_table_metadata(self) -> str:
        """The tables and views of a database."""
        self.athena_backend.check_catalog(self._required("CatalogName"))
        database = self._required("DatabaseName").lower()
        try:
            tables = self.athena_backend.glue.tables(database, self._get_param("Expression"))
        except SqlError:
            raise _entity_not_found(f"Database {database} not found.") from None
        found = [_table_metadata(table) for table in tables]
        page, token = self._page(found, 50)
        return json.dumps({"TableMetadataList": page, **token})


def _described(catalog: DataCatalog) -> dict[str, Any]:
    described: dict[str, Any] = {
        "Name": catalog.name,
        "Type": catalog.type,
        "Parameters": catalog.parameters or {},
    }
    return described | ({"Description": catalog.description} if catalog.description else {})


def _database(name: str, description: str, parameters: Any) -> dict[str, Any]:
    return {"Name": name, "Description": description, "Parameters": dict(parameters)}


def _entity_not_found(message: str) -> MetadataError:
    return MetadataError(
        f"{message} (Service: AmazonDataCatalog; Status Code: 400; Error Code: EntityNotFoundException)"
    )


def _table_metadata(table: GlueTable) -> dict[str, Any]:
    """The API's `TableMetadata`."""
    current = [c for c in table.storage.columns if c.parameters.get("iceberg.field.current") != "false"]
    return {
        "Name": table.name,
        "CreateTime": table.definition["CreateTime"].timestamp(),
        "TableType": table.table_type,
        "Columns": [_api_column(c.name, c.type, c.comment) for c in current],
        "PartitionKeys": [_api_column(c.name, c.type, c.comment) for c in table.partition_keys],
        "Parameters": {
            **table.parameters,
            **_present("location", table.storage.location),
            **_present("inputformat", table.storage.input_format),
            **_present("outputformat", table.storage.output_format),
            **_present("serde.serialization.lib", table.storage.serde),
        },
    }


def _api_column(name: str, type_: str, comment: str | None) -> dict[str, Any]:
    return {"Name": name, "Type": type_, **({"Comment": comment} if comment else {})}


def _present(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}
