"""Data catalogs beside `AwsDataCatalog`: further names of the account's Glue catalog, and other sources.

Other sources are kept and described; queries in them are refused by name.
"""

from __future__ import annotations

import json
from typing import Any

from moto.athena.models import DataCatalog

from millpond.athena.exceptions import InvalidRequest
from millpond.athena.saved_statements import SavedStatementsApi
from millpond.athena.sql.catalog import GLUE_CATALOG


class DataCatalogsApi(SavedStatementsApi):
    """The operations on data catalogs."""

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

    def _created_catalog(self, name: str) -> DataCatalog:
        catalog = self.athena_backend.data_catalogs.get(name)
        if catalog is None:
            raise InvalidRequest(f"DataCatalog {name} was not found")
        return catalog


def _described(catalog: DataCatalog) -> dict[str, Any]:
    described: dict[str, Any] = {
        "Name": catalog.name,
        "Type": catalog.type,
        "Parameters": catalog.parameters or {},
    }
    return described | ({"Description": catalog.description} if catalog.description else {})
