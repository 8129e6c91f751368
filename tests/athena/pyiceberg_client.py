"""Iceberg tables as a client of its own sees them, over HTTP."""

from __future__ import annotations

from typing import Any

from pyiceberg.catalog.glue import GlueCatalog
from pyiceberg.table import Table

from athena.athena_client import Lake


def pyiceberg_catalog(cloud: Any) -> GlueCatalog:
    keys = {"access-key-id": "test", "secret-access-key": "test", "region": "us-east-1"}
    properties: dict[str, Any] = {
        f"{service}.{name}": value
        for service in ("glue", "s3")
        for name, value in {**keys, "endpoint": cloud.endpoint_url}.items()
    }
    return GlueCatalog("glue", **properties)


def open_with_pyiceberg(cloud: Any, lake: Lake, table: str) -> Table:
    return pyiceberg_catalog(cloud).load_table(f"{lake.database}.{table}")
