"""Delete files as Spark and Flink leave them beside data files; PyIceberg writes none of its own."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat, ManifestContent, ManifestWriterV2
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Operation
from pyiceberg.table.update.snapshot import _FastAppendFiles
from pyiceberg.typedef import Record

_PATH_ID, _POSITION_ID = 2147483546, 2147483545


def delete_positions(
    table: Table, deleted: Sequence[tuple[str, int]], partition: Record | None = None
) -> None:
    """Delete rows by their files and their places in them, counted from 0."""
    rows = pa.table(
        [[path for path, _ in deleted], [position for _, position in deleted]],
        schema=pa.schema(
            [
                _numbered(pa.field("file_path", pa.string(), nullable=False), _PATH_ID),
                _numbered(pa.field("pos", pa.int64(), nullable=False), _POSITION_ID),
            ]
        ),
    )
    _commit(table, rows, DataFileContent.POSITION_DELETES, partition, None)


def delete_equal(table: Table, rows: pa.Table, partition: Record | None = None) -> None:
    """Delete the rows of earlier files that equal one of `rows` in all of its columns."""
    ids = [table.schema().find_field(name).field_id for name in rows.column_names]
    schema = pa.schema([_numbered(field, id_) for field, id_ in zip(rows.schema, ids, strict=True)])
    _commit(table, rows.cast(schema), DataFileContent.EQUALITY_DELETES, partition, ids)


def _numbered(field: pa.Field, id_: int) -> pa.Field:
    return field.with_metadata({"PARQUET:field_id": str(id_)})


class _DeleteManifestWriter(ManifestWriterV2):
    def content(self) -> ManifestContent:
        return ManifestContent.DELETES

    @property
    def _meta(self) -> dict[str, str]:
        return {**super()._meta, "content": "deletes"}


class _AppendDeletes(_FastAppendFiles):
    def new_manifest_writer(self, spec: PartitionSpec) -> _DeleteManifestWriter:
        return _DeleteManifestWriter(
            spec, self.schema(), self.new_manifest_output(), self._snapshot_id, self._compression
        )


def _commit(
    table: Table,
    rows: pa.Table,
    content: DataFileContent,
    partition: Record | None,
    equality_ids: Sequence[int] | None,
) -> None:
    location = f"{table.location()}/data/{uuid.uuid4()}-deletes.parquet"
    output = table.io.new_output(location)
    with output.create() as stream:
        parquet.write_table(rows, stream)
    arguments: dict[str, Any] = {
        "content": content,
        "file_path": location,
        "file_format": FileFormat.PARQUET,
        "partition": partition or Record(),
        "record_count": rows.num_rows,
        "file_size_in_bytes": len(output),
        "equality_ids": equality_ids,
        "spec_id": table.spec().spec_id,
    }
    transaction = table.transaction()
    with _AppendDeletes(Operation.DELETE, transaction, table.io) as snapshot:
        snapshot.append_data_file(DataFile.from_args(**arguments))
    transaction.commit_transaction()
