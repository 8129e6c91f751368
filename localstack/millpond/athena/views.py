"""Views as Athena stores them in Glue: a comment that holds Presto's definition in base64.

https://docs.aws.amazon.com/athena/latest/ug/views.html
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.glue import GlueColumn, GlueTable
from millpond.athena.sql.catalog import Column, TableName
from millpond.athena.sql.types import SqlType, parse_type

_PREFIX = "/* Presto View: "
_SUFFIX = " */"


@dataclass(frozen=True)
class ViewDefinition:
    """A view: its query, and where the query's names are resolved."""

    query: str
    catalog: str
    database: str | None
    columns: tuple[Column, ...]


def read_view(table: GlueTable) -> ViewDefinition:
    """The definition in a Glue table of the type VIRTUAL_VIEW.

    Raises:
        HiveMetastoreError: It is no view of Athena's.
    """
    text = (table.view_text or "").strip()
    if not text.startswith(_PREFIX) or not text.endswith(_SUFFIX):
        raise HiveMetastoreError(
            f"View {table.database}.{table.name} was not made by Athena: it cannot be read"
        )
    try:
        view: dict[str, Any] = json.loads(base64.b64decode(text.removeprefix(_PREFIX).removesuffix(_SUFFIX)))
    except ValueError as error:
        raise HiveMetastoreError(f"View {table.database}.{table.name} is damaged: {error}") from None
    columns = tuple(Column(column["name"], parse_type(column["type"])) for column in view["columns"])
    return ViewDefinition(
        view["originalSql"], view.get("catalog", "awsdatacatalog"), view.get("schema"), columns
    )


def view_input(name: TableName, view: ViewDefinition, owner: str) -> dict[str, Any]:
    """The `TableInput` of a view."""
    definition = {
        "originalSql": view.query,
        "catalog": view.catalog,
        **({"schema": view.database} if view.database else {}),
        "columns": [{"name": column.name, "type": column.type.trino} for column in view.columns],
        "owner": owner,
        "runAsInvoker": False,
        "properties": {},
    }
    encoded = base64.b64encode(json.dumps(definition, ensure_ascii=False).encode()).decode()
    columns = [GlueColumn(column.name, hive_type_name(column.type)).as_input for column in view.columns]
    return {
        "Name": name.table,
        "Owner": owner,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"comment": "Presto View", "presto_view": "true"},
        "PartitionKeys": [],
        "StorageDescriptor": {
            "Columns": columns,
            "Location": "",
            "NumberOfBuckets": 0,
            "SerdeInfo": {},
            "SortColumns": [],
        },
        "ViewOriginalText": f"{_PREFIX}{encoded}{_SUFFIX}",
        "ViewExpandedText": "/* Presto View */",
    }


def hive_type_name(type_: SqlType) -> str:
    """The type as Glue shows it for a view's column; types that Hive lacks are shown as strings."""
    return _SHOWN_AS.get(type_.name, "") or type_.hive


_SHOWN_AS = {
    "timestamp with time zone": "timestamp",
    "time": "string",
    "json": "string",
    "uuid": "string",
    "unknown": "string",
    "interval day to second": "string",
    "interval year to month": "string",
}
