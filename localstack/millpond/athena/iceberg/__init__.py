"""Iceberg tables: PyIceberg keeps the metadata and commits, DuckDB reads and writes the data files.

PyIceberg takes a fifth of a second and a dozen megabytes to import. The package's users name these
functions as `iceberg.<name>`, and only the first use of one brings it in.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millpond.athena.iceberg import maintenance, properties, schema_changes
    from millpond.athena.iceberg.catalog import IcebergCatalog
    from millpond.athena.iceberg.changes import apply_changes
    from millpond.athena.iceberg.scan import scan_iceberg_table, schema_as_of
    from millpond.athena.iceberg.tables import (
        IcebergTableProperties,
        create_iceberg_table,
        create_iceberg_table_as,
        insert_into_iceberg_table,
    )
    from millpond.athena.iceberg.types import columns_of

__all__ = [
    "IcebergCatalog",
    "IcebergTableProperties",
    "apply_changes",
    "columns_of",
    "create_iceberg_table",
    "create_iceberg_table_as",
    "insert_into_iceberg_table",
    "maintenance",
    "properties",
    "scan_iceberg_table",
    "schema_as_of",
    "schema_changes",
]

_MODULES = {
    "IcebergCatalog": "catalog",
    "IcebergTableProperties": "tables",
    "apply_changes": "changes",
    "columns_of": "types",
    "create_iceberg_table": "tables",
    "create_iceberg_table_as": "tables",
    "insert_into_iceberg_table": "tables",
    "scan_iceberg_table": "scan",
    "schema_as_of": "scan",
}


def __getattr__(name: str) -> Any:
    if name in ("maintenance", "properties", "schema_changes"):
        return import_module(f"{__name__}.{name}")
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
