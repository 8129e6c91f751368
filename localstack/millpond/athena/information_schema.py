"""`information_schema`: the catalog as tables, made from Glue when a query reads them.

https://docs.aws.amazon.com/athena/latest/ug/querying-glue-catalog.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveMetastoreError, TableNotFound
from millpond.athena.glue import GlueTable
from millpond.athena.sql.catalog import GLUE_CATALOG, Column, TableName
from millpond.athena.sql.exceptions import SqlError
from millpond.athena.sql.types import BIGINT, VARCHAR, SqlType

if TYPE_CHECKING:
    from millpond.athena.catalog import AthenaCatalog

INFORMATION_SCHEMA = "information_schema"

_Values = tuple[str | int | None, ...]


def information_schema_columns(name: TableName) -> tuple[Column, ...]:
    """The columns of one of its tables.

    Raises:
        TableNotFound: It has no such table.
    """
    try:
        columns, _ = _TABLES[name.table]
    except KeyError:
        raise TableNotFound(f"Table '{name.catalog}.{name.database}.{name.table}' does not exist") from None
    return columns


def scan_information_schema(context: QueryContext, catalog: AthenaCatalog, name: TableName) -> str:
    """DuckDB SQL that gives all rows of one of its tables."""
    columns, rows = _TABLES[name.table]
    casts = ", ".join(
        f"CAST({identifier(c.name)} AS {c.type.duckdb}) AS {identifier(c.name)}" for c in columns
    )
    names = ", ".join(identifier(column.name) for column in columns)
    values = [_row(row) for row in rows(context, catalog)]
    source = ", ".join(values) or _row((None,) * len(columns))
    condition = "" if values else " WHERE false"
    return f"SELECT {casts} FROM (VALUES {source}) AS rows({names}){condition}"


def _row(values: _Values) -> str:
    texts = (
        "NULL" if value is None else literal(value) if isinstance(value, str) else str(value)
        for value in values
    )
    return f"({', '.join(texts)})"


def _schemata(context: QueryContext, catalog: AthenaCatalog) -> Iterator[_Values]:
    yield (GLUE_CATALOG, INFORMATION_SCHEMA)
    for database in context.glue.databases():
        yield (GLUE_CATALOG, database.name)


def _all_tables(context: QueryContext) -> Iterator[GlueTable]:
    for database in context.glue.databases():
        yield from context.glue.tables(database.name)


def _tables(context: QueryContext, catalog: AthenaCatalog) -> Iterator[_Values]:
    for table in _all_tables(context):
        yield (GLUE_CATALOG, table.database, table.name, "VIEW" if table.is_view else "BASE TABLE")


def _views(context: QueryContext, catalog: AthenaCatalog) -> Iterator[_Values]:
    for table in _all_tables(context):
        if table.is_view:
            name = TableName(GLUE_CATALOG, table.database, table.name)
            try:
                query = catalog.definition(name, table).view_query
            except (HiveMetastoreError, SqlError):
                continue  # not one of Athena's: it fails when it is read
            yield (GLUE_CATALOG, table.database, table.name, query)


def _columns(context: QueryContext, catalog: AthenaCatalog) -> Iterator[_Values]:
    for table in _all_tables(context):
        name = TableName(GLUE_CATALOG, table.database, table.name)
        try:
            columns = catalog.definition(name, table).columns
        except (HiveMetastoreError, SqlError):
            # As in Athena, a table that cannot be read has no columns here and fails when it is read.
            continue
        keys = {key.name.lower() for key in table.partition_keys}
        comments = {column.name.lower(): column.comment for column in table.storage.columns}
        for position, column in enumerate(columns, start=1):
            extra = "partition key" if column.name in keys else None
            yield (
                GLUE_CATALOG,
                table.database,
                table.name,
                column.name,
                position,
                None,
                "YES",
                column.type.trino,
                comments.get(column.name),
                extra,
            )


def _strings(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, VARCHAR) for name in names)


def _with_type(columns: tuple[Column, ...], name: str, type_: SqlType) -> tuple[Column, ...]:
    return tuple(Column(c.name, type_ if c.name == name else c.type) for c in columns)


_Rows = Callable[[QueryContext, "AthenaCatalog"], Iterator[_Values]]

_TABLES: dict[str, tuple[tuple[Column, ...], _Rows]] = {
    "schemata": (_strings("catalog_name", "schema_name"), _schemata),
    "tables": (_strings("table_catalog", "table_schema", "table_name", "table_type"), _tables),
    "views": (_strings("table_catalog", "table_schema", "table_name", "view_definition"), _views),
    "columns": (
        _with_type(
            _strings(
                "table_catalog",
                "table_schema",
                "table_name",
                "column_name",
                "ordinal_position",
                "column_default",
                "is_nullable",
                "data_type",
                "comment",
                "extra_info",
            ),
            "ordinal_position",
            BIGINT,
        ),
        _columns,
    ),
}
