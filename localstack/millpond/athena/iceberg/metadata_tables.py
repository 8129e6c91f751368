"""Iceberg's metadata as tables: `"table$snapshots"`, `"table$files"` and so on.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-table-metadata.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.io.pyarrow import schema_to_pyarrow
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import PrimitiveType, StringType, UUIDType

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import TableNotFound
from millpond.athena.iceberg import partitions_table
from millpond.athena.sql.catalog import Column, TableName
from millpond.athena.sql.types import BIGINT, BOOLEAN, INTEGER, VARCHAR, SqlType, array, map_of, row

_TIMESTAMP = SqlType("timestamp with time zone", (3,))
_IDENTITY: IdentityTransform[Any] = IdentityTransform()


def columns(table: Table, name: TableName, suffix: str) -> tuple[Column, ...]:
    """The columns of a metadata table.

    Raises:
        TableNotFound: There is no metadata table of that name.
    """
    try:
        return _TABLES[suffix].columns(table)
    except KeyError:
        raise TableNotFound(
            f"Table '{name.catalog}.{name.database}.{name.table}' does not exist or is not supported"
        ) from None


def scan(context: QueryContext, table: Table, suffix: str) -> str:
    """DuckDB SQL that gives the rows of a metadata table."""
    found = _TABLES[suffix]
    path = context.temporary_path(".parquet")
    rows = found.rows(table).select([column.name for column in found.columns(table)])
    parquet.write_table(rows, path)
    selected = ", ".join(
        f"CAST({identifier(c.name)} AS {c.type.duckdb}) AS {identifier(c.name)}" for c in found.columns(table)
    )
    return f"SELECT {selected} FROM read_parquet({literal(str(path))})"


@dataclass(frozen=True)
class _MetadataTable:
    """Which columns a metadata table has, and how its rows are found."""

    columns: Callable[[Table], tuple[Column, ...]]
    rows: Callable[[Table], pa.Table]

    @classmethod
    def of(cls, columns: tuple[Column, ...], rows: Callable[[Table], pa.Table]) -> _MetadataTable:
        """One whose columns are the same for all tables."""
        return cls(lambda table: columns, rows)


def _snapshots(table: Table) -> pa.Table:
    return table.inspect.snapshots()


def _history(table: Table) -> pa.Table:
    return table.inspect.history()


def _refs(table: Table) -> pa.Table:
    return table.inspect.refs()


def _files(table: Table) -> pa.Table:
    """The files that the current snapshot needs, with their bounds in words as Trino has them."""
    snapshot = table.current_snapshot()
    manifests = snapshot.manifests(table.io) if snapshot else []
    schema = table.schema()
    rows = [
        {
            "content": int(file.content),
            "file_path": file.file_path,
            "file_format": str(file.file_format.value),
            "record_count": file.record_count,
            "file_size_in_bytes": file.file_size_in_bytes,
            **{name: _entries(getattr(file, name)) for name in _COUNTED},
            "lower_bounds": _in_words(schema, _entries(file.lower_bounds)),
            "upper_bounds": _in_words(schema, _entries(file.upper_bounds)),
            "key_metadata": file.key_metadata,
            "split_offsets": file.split_offsets,
            "equality_ids": file.equality_ids,
        }
        for manifest in manifests
        for file in (entry.data_file for entry in manifest.fetch_manifest_entry(table.io))
    ]
    return pa.Table.from_pylist(rows, _FILES_ARROW)


_COUNTED = ("column_sizes", "value_counts", "null_value_counts", "nan_value_counts")


def _entries(counts: Mapping[int, Any] | None) -> list[tuple[int, Any]]:
    return list((counts or {}).items())


def _in_words(schema: Schema, bounds: Iterable[tuple[int, bytes]]) -> list[tuple[int, str]]:
    fields = {id_: schema.find_type(id_) for id_ in schema.field_ids}
    return [
        (id_, _in_word(type_, bound))
        for id_, bound in bounds
        if isinstance(type_ := fields.get(id_), PrimitiveType)
    ]


def _manifests(table: Table) -> pa.Table:
    snapshot = table.current_snapshot()
    manifests = snapshot.manifests(table.io) if snapshot else []
    rows = [
        {
            "path": manifest.manifest_path,
            "length": manifest.manifest_length,
            "partition_spec_id": manifest.partition_spec_id,
            "added_snapshot_id": manifest.added_snapshot_id,
            "added_data_files_count": manifest.added_files_count,
            "added_rows_count": manifest.added_rows_count,
            "existing_data_files_count": manifest.existing_files_count,
            "existing_rows_count": manifest.existing_rows_count,
            "deleted_data_files_count": manifest.deleted_files_count,
            "deleted_rows_count": manifest.deleted_rows_count,
            "partitions": [
                {
                    "contains_null": summary.contains_null,
                    "contains_nan": summary.contains_nan,
                    "lower_bound": _bound_in_words(field.field_type, summary.lower_bound),
                    "upper_bound": _bound_in_words(field.field_type, summary.upper_bound),
                }
                for field, summary in zip(
                    table.specs()[manifest.partition_spec_id].partition_type(table.schema()).fields,
                    manifest.partitions or (),
                    strict=False,
                )
            ],
        }
        for manifest in manifests
    ]
    return pa.Table.from_pylist(rows, _MANIFESTS_ARROW)


def _bound_in_words(type_: Any, bound: bytes | None) -> str | None:
    return None if bound is None else _in_word(type_, bound)


def _in_word(type_: PrimitiveType, bound: bytes) -> str:
    value = partitions_table.bound_value(type_, bound)
    return value if isinstance(type_, UUIDType) else _IDENTITY.to_human_string(type_, value)


def _partitions(table: Table) -> pa.Table:
    schema = schema_to_pyarrow(partitions_table.schema(table, uuid_type=StringType()))
    return pa.Table.from_pylist(partitions_table.partitions(table), schema)


_FILES_ARROW = pa.schema(
    [
        ("content", pa.int32()),
        ("file_path", pa.string()),
        ("file_format", pa.string()),
        ("record_count", pa.int64()),
        ("file_size_in_bytes", pa.int64()),
        *((name, pa.map_(pa.int32(), pa.int64())) for name in _COUNTED),
        ("lower_bounds", pa.map_(pa.int32(), pa.string())),
        ("upper_bounds", pa.map_(pa.int32(), pa.string())),
        ("key_metadata", pa.binary()),
        ("split_offsets", pa.list_(pa.int64())),
        ("equality_ids", pa.list_(pa.int32())),
    ]
)

_MANIFESTS_ARROW = pa.schema(
    [
        ("path", pa.string()),
        ("length", pa.int64()),
        ("partition_spec_id", pa.int32()),
        ("added_snapshot_id", pa.int64()),
        ("added_data_files_count", pa.int32()),
        ("added_rows_count", pa.int64()),
        ("existing_data_files_count", pa.int32()),
        ("existing_rows_count", pa.int64()),
        ("deleted_data_files_count", pa.int32()),
        ("deleted_rows_count", pa.int64()),
        (
            "partitions",
            pa.list_(
                pa.struct(
                    [
                        ("contains_null", pa.bool_()),
                        ("contains_nan", pa.bool_()),
                        ("lower_bound", pa.string()),
                        ("upper_bound", pa.string()),
                    ]
                )
            ),
        ),
    ]
)

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
    Column("column_sizes", map_of(INTEGER, BIGINT)),
    Column("value_counts", map_of(INTEGER, BIGINT)),
    Column("null_value_counts", map_of(INTEGER, BIGINT)),
    Column("nan_value_counts", map_of(INTEGER, BIGINT)),
    Column("lower_bounds", map_of(INTEGER, VARCHAR)),
    Column("upper_bounds", map_of(INTEGER, VARCHAR)),
    Column("key_metadata", SqlType("varbinary")),
    Column("split_offsets", array(BIGINT)),
    Column("equality_ids", array(INTEGER)),
)

_MANIFESTS = (
    Column("path", VARCHAR),
    Column("length", BIGINT),
    Column("partition_spec_id", INTEGER),
    Column("added_snapshot_id", BIGINT),
    Column("added_data_files_count", INTEGER),
    Column("added_rows_count", BIGINT),
    Column("existing_data_files_count", INTEGER),
    Column("existing_rows_count", BIGINT),
    Column("deleted_data_files_count", INTEGER),
    Column("deleted_rows_count", BIGINT),
    Column(
        "partitions",
        array(
            row(
                ("contains_null", BOOLEAN),
                ("contains_nan", BOOLEAN),
                ("lower_bound", VARCHAR),
                ("upper_bound", VARCHAR),
            )
        ),
    ),
)

_REFS = (
    Column("name", VARCHAR),
    Column("type", VARCHAR),
    Column("snapshot_id", BIGINT),
    Column("max_reference_age_in_ms", BIGINT),
    Column("min_snapshots_to_keep", INTEGER),
    Column("max_snapshot_age_in_ms", BIGINT),
)

_TABLES: dict[str, _MetadataTable] = {
    "snapshots": _MetadataTable.of(_SNAPSHOTS, _snapshots),
    "history": _MetadataTable.of(_HISTORY, _history),
    "files": _MetadataTable.of(_FILES, _files),
    "manifests": _MetadataTable.of(_MANIFESTS, _manifests),
    "partitions": _MetadataTable(partitions_table.columns, _partitions),
    "refs": _MetadataTable.of(_REFS, _refs),
}
