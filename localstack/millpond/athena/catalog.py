"""The Glue catalog as the analysis of a statement reads it, and as relations that DuckDB runs."""

from __future__ import annotations

from millpond.athena import iceberg
from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveMetastoreError, SchemaNotFound, TableNotFound
from millpond.athena.glue import GlueTable
from millpond.athena.hive import scan as hive
from millpond.athena.hive.hidden_columns import MODIFIED_COLUMN, PATH_COLUMN, hidden_columns
from millpond.athena.hive.partition_schemas import check_partition_values
from millpond.athena.information_schema import (
    INFORMATION_SCHEMA,
    information_schema_columns,
    scan_information_schema,
)
from millpond.athena.sql.catalog import GLUE_CATALOG, Column, TableDefinition, TableName, TableVersion
from millpond.athena.sql.exceptions import InvalidType, NotSupported
from millpond.athena.sql.plan import TableScan
from millpond.athena.views import read_view

_OF_ICEBERG = (PATH_COLUMN, MODIFIED_COLUMN)


class AthenaCatalog:
    """A `CatalogReader` over Glue: Hive and Iceberg tables, views, metadata tables."""

    def __init__(self, context: QueryContext) -> None:
        self._context = context

    def table(self, name: TableName, version: TableVersion | None = None) -> TableDefinition:
        """The definition of a table or view, as it is or as it was.

        Raises:
            SchemaNotFound: The catalog or the database does not exist.
            TableNotFound: The table does not exist.
            NotSupported: It has no versions.
            InvalidTableVersion: It has not that one.
        """
        if version is not None:
            return self._former_definition(name, version)
        if name.catalog != GLUE_CATALOG:
            raise SchemaNotFound(f"Catalog '{name.catalog}' does not exist")
        if name.database == INFORMATION_SCHEMA:
            return TableDefinition(name, information_schema_columns(name))
        base, separator, suffix = name.table.partition("$")
        if separator:
            return TableDefinition(name, self._metadata_columns(name, base, suffix))
        return self.definition(name, self._context.table(name.database, name.table))

    def definition(self, name: TableName, table: GlueTable) -> TableDefinition:
        """What the analysis needs to know of a Glue table."""
        if table.is_view:
            view = read_view(table)
            return TableDefinition(
                name,
                view.columns,
                view_query=view.query,
                view_catalog=view.catalog,
                view_database=view.database,
            )
        if table.is_iceberg:
            return TableDefinition(
                name, iceberg.columns_of(self._context.open_iceberg(table).schema()), _OF_ICEBERG
            )
        try:
            hidden = tuple(hidden.column for hidden in hidden_columns(table))
            return TableDefinition(name, hive.columns_of(table), hidden)
        except InvalidType as error:
            raise HiveMetastoreError(f"Table {table.database}.{table.name}: {error.message}") from None

    def _former_definition(self, name: TableName, version: TableVersion) -> TableDefinition:
        if name.catalog != GLUE_CATALOG:
            raise SchemaNotFound(f"Catalog '{name.catalog}' does not exist")
        table = None if "$" in name.table else self._context.table(name.database, name.table)
        if table is None or table.is_view or not table.is_iceberg:
            raise NotSupported("This connector does not support versioned tables")
        schema = iceberg.schema_as_of(self._context, self._context.open_iceberg(table), version)
        return TableDefinition(name, iceberg.columns_of(schema), _OF_ICEBERG)

    def _metadata_columns(self, name: TableName, base: str, suffix: str) -> tuple[Column, ...]:
        table = self._context.table(name.database, base)
        if table.is_iceberg:
            from millpond.athena.iceberg import metadata_tables  # brings pandas: only when it is asked for

            return metadata_tables.columns(self._context.open_iceberg(table), name, suffix)
        if suffix == "partitions" and table.partition_keys:
            return hive.partition_columns(table)
        raise TableNotFound(f"Table '{GLUE_CATALOG}.{name.database}.{name.table}' does not exist")


def relation_of(context: QueryContext, scan: TableScan) -> str:
    """DuckDB SQL for a table that a query reads."""
    name = scan.table
    if name.database == INFORMATION_SCHEMA:
        return scan_information_schema(context, AthenaCatalog(context), name)
    base, _, suffix = name.table.partition("$")
    table = context.table(name.database, base)
    if table.is_iceberg:
        opened = context.open_iceberg(table)
        if suffix:
            from millpond.athena.iceberg import metadata_tables

            return metadata_tables.scan(context, opened, suffix)
        return iceberg.scan_iceberg_table(context, opened, scan)
    if suffix:
        return _hive_partitions(context, table)
    return hive.scan_hive_table(context, table, scan)


def _hive_partitions(context: QueryContext, table: GlueTable) -> str:
    """`"table$partitions"`: the values of the registered partitions."""
    keys = hive.partition_columns(table)
    partitions = context.glue.partitions(table)
    check_partition_values(context.session, table, keys, partitions)
    rows = []
    for partition in partitions:
        values = [hive.partition_value(v, key.type) for v, key in zip(partition.values, keys, strict=True)]
        rows.append(f"SELECT {', '.join(values)}")
    names = ", ".join(f'"{key.name}"' for key in keys)
    empty = f"SELECT {', '.join(f'CAST(NULL AS {key.type.duckdb})' for key in keys)} WHERE false"
    return f"SELECT * FROM ({' UNION ALL '.join([empty, *rows])}) AS partitions({names})"
