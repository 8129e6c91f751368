"""Iceberg's metadata as tables: `"table$snapshots"`, `$history`, `$files`, `$manifests`, `$refs`.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.table import Table

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import TableNotFound
from millpond.athena.sql.catalog import Column, TableName
from millpond.athena.sql.types import BIGINT, BOOLEAN, INTEGER, VARCHAR, SqlType, map_of

_TIMESTAMP = SqlType("timestamp with time zone", (3,))


def columns(name: TableName, suffix: str) -> tuple[Column, ...]:
    """The columns of a metadata table.

    Raises:
        TableNotFound: There is no metadata table of that name.
    """
    try:
        return _TABLES[suffix][0]
    except KeyError:
        raise TableNotFound(
            f"Table '{name.catalog}.{name.database}.{name.table}' does not exist or is not supported"
        ) from None


def scan(context: QueryContext, table: Table, suffix: str) -> str:
    """DuckDB SQL that gives the rows of a metadata table."""
    wanted, inspect = _TABLES[suffix]
    path = context.temporary_path(".parquet")
    parquet.write_table(inspect(table), path)
    selected = ", ".join(
        f"CAST({identifier(c.name)} AS {c.type.duckdb}) AS {identifier(c.name)}" for c in wanted
    )
    return f"SELECT {selected} FROM read_parquet({literal(str(path))})"


def _snapshots(table: Table) -> pa.Table:
    return table.inspect.snapshots()


def _history(table: Table) -> pa.Table:
    return table.inspect.history()


def _files(table: Table) -> pa.Table:
    found = table.inspect.files()
    return found.select([name for name in found.column_names if name in {c.name for c in _FILES}])


def _manifests(table: Table) -> pa.Table:
    found = table.inspect.manifests()
    return found.select([name for name in found.column_names if name in {c.name for c in _MANIFESTS}])


def _refs(table: Table) -> pa.Table:
    return table.inspect.refs()


_SNAPSHOTS = (
    Column("committed_at", _TIMESTAMP),
    Column("snapshot_id", BIGINT),
    Column("parent_id", BIGINT),
    Column("operation", VARCHAR),
    Column("manifest_list", VARCHAR),
    Column("summary", map_of(VARCHAR, VARCHAR)),
)

_HISTORY = (
    Column("made_current_at", _TIMESTAMP),
    Column("snapshot_id", BIGINT),
    Column("parent_id", BIGINT),
    Column("is_current_ancestor", BOOLEAN),
)

_FILES = (
    Column("content", INTEGER),
    Column("file_path", VARCHAR),
    Column("file_format", VARCHAR),
    Column("record_count", BIGINT),
    Column("file_size_in_bytes", BIGINT),
)

_MANIFESTS = (
    Column("path", VARCHAR),
    Column("length", BIGINT),
    Column("partition_spec_id", INTEGER),
    Column("added_snapshot_id", BIGINT),
    Column("added_data_files_count", INTEGER),
    Column("existing_data_files_count", INTEGER),
    Column("deleted_data_files_count", INTEGER),
)

_REFS = (
    Column("name", VARCHAR),
    Column("type", VARCHAR),
    Column("snapshot_id", BIGINT),
    Column("max_reference_age_in_ms", BIGINT),
    Column("min_snapshots_to_keep", INTEGER),
    Column("max_snapshot_age_in_ms", BIGINT),
)

_TABLES: dict[str, tuple[tuple[Column, ...], Callable[[Table], pa.Table]]] = {
    "snapshots": (_SNAPSHOTS, _snapshots),
    "history": (_HISTORY, _history),
    "files": (_FILES, _files),
    "manifests": (_MANIFESTS, _manifests),
    "refs": (_REFS, _refs),
}
