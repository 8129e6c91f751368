"""An Iceberg table as a relation: the data files of a snapshot, their columns found by field id."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pyiceberg.manifest import FileFormat
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.table.snapshots import Snapshot
from pyiceberg.types import NestedField

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import IcebergSplitError, InvalidTableVersion
from millpond.athena.hive.hidden_columns import MODIFIED_COLUMN, PATH_COLUMN, modified
from millpond.athena.iceberg.equality_deletes import (
    EqualityDelete,
    column_mapping,
    compared_name,
    equality_columns,
    without_equal_rows,
)
from millpond.athena.iceberg.planning import ScanTask, plan_tasks
from millpond.athena.iceberg.pruning import iceberg_filter
from millpond.athena.iceberg.types import sql_type
from millpond.athena.parquet_columns import names_as_they_are
from millpond.athena.sql.catalog import TableVersion
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.plan import TableScan
from millpond.s3 import S3Location, StoredObjectHandle
from millpond.s3.exceptions import StorageError

PATH = PATH_COLUMN.name
POSITION = "$position"


@dataclass(frozen=True)
class _File:
    """A data file to be read, with the delete files that concern it."""

    uri: str
    handle: StoredObjectHandle
    deletes: tuple[StoredObjectHandle, ...]
    equality_deletes: tuple[EqualityDelete, ...]


def scan_iceberg_table(context: QueryContext, table: Table, scan: TableScan) -> str:
    """DuckDB SQL that gives the asked columns of an Iceberg table.

    Raises:
        NotSupported: The table has files or deletes of a kind that cannot be read.
    """
    if scan.version is None:
        filter_ = iceberg_filter(scan.partition_filter, table.schema()) if scan.partition_filter else None
        return scan_tasks(context, table, plan_tasks(table, filter_=filter_), scan.columns)
    snapshot = _snapshot_of(context, table, scan.version)
    schema = _schema_of(table, snapshot)
    # PyIceberg plans by today's columns; where they differ, every file of the snapshot is read.
    is_todays = schema.schema_id == table.schema().schema_id
    filter_ = iceberg_filter(scan.partition_filter, schema) if scan.partition_filter and is_todays else None
    tasks = plan_tasks(table, snapshot.snapshot_id, filter_)
    return scan_tasks(context, table, tasks, scan.columns, schema)


def schema_as_of(context: QueryContext, table: Table, version: TableVersion) -> Schema:
    """The columns that a table had at a version.

    Raises:
        InvalidTableVersion: The table has no such version.
    """
    return _schema_of(table, _snapshot_of(context, table, version))


def _schema_of(table: Table, snapshot: Snapshot) -> Schema:
    schemas = table.schemas()
    return (
        schemas.get(snapshot.schema_id, table.schema()) if snapshot.schema_id is not None else table.schema()
    )


def scan_tasks(
    context: QueryContext,
    table: Table,
    tasks: Sequence[ScanTask],
    columns: Sequence[str],
    schema: Schema | None = None,
) -> str:
    """DuckDB SQL over data files, older ones too, by one schema.

    Args:
        context: The running query.
        table: The table that the files belong to.
        tasks: The files.
        columns: The columns that are asked for; `$path` and `$position` may be among them.
        schema: The schema; None for the table's current one.
    """
    schema = schema or table.schema()
    asked = [field for field in schema.fields if field.name.lower() in columns]
    if not tasks:
        return _no_rows(schema, columns)
    files = [_open(context, task) for task in tasks]
    ids, names_asked = {f.field_id for f in asked}, {f.name for f in asked}
    context.read_parquet(
        (file.handle for file in files),
        lambda c: c.field_id in ids if c.field_id is not None else c.name in names_asked,
    )
    unnumbered = _without_field_ids(context, files) if table.name_mapping() is not None else set()
    groups: dict[tuple[bool, bool, tuple[EqualityDelete, ...]], list[_File]] = {}
    for file in files:
        key = (file.handle.path in unnumbered, bool(file.deletes), file.equality_deletes)
        groups.setdefault(key, []).append(file)
    return " UNION ALL ".join(
        _read_files(context, table, schema, asked, columns, group, by_name)
        for (by_name, _, _), group in groups.items()
    )


def _read_files(
    context: QueryContext,
    table: Table,
    schema: Schema,
    asked: Sequence[NestedField],
    columns: Sequence[str],
    files: Sequence[_File],
    by_name: bool,
) -> str:
    """Files that are read alike and have the same deletes by equality."""
    deletes = files[0].equality_deletes
    compared = equality_columns(table, schema, deletes)
    read = [*asked, *(field for field in compared if field not in asked)]
    names = None if by_name else _names_as_they_are(context, files, read)
    mapping = "" if names is not None else f", schema = {column_mapping(read or schema.fields[:1], by_name)}"
    paths = ", ".join(literal(str(file.handle.path)) for file in files)
    uris = ", ".join(literal(file.uri) for file in files)
    uri = f"[{uris}][CAST(file_index AS BIGINT) + 1]"

    def value(field: NestedField) -> str:
        return identifier(names[field.field_id] if names is not None else field.name.lower())

    selected = {field.name.lower(): value(field) for field in asked}
    if PATH in columns:
        selected[PATH] = uri
    if MODIFIED_COLUMN.name in columns:
        times = ", ".join(literal(modified(file.handle)) for file in files)
        type_ = MODIFIED_COLUMN.type.duckdb
        selected[MODIFIED_COLUMN.name] = f"CAST([{times}] AS {type_}[])[CAST(file_index AS BIGINT) + 1]"
    if POSITION in columns:
        selected[POSITION] = "file_row_number"
    extra = {compared_name(field): value(field) for field in compared}
    items = [f"{sql} AS {identifier(name)}" for name, sql in {**selected, **extra}.items()]
    sql = f"SELECT {', '.join(items or ['1 AS one'])} FROM read_parquet([{paths}]{mapping})"
    if files[0].deletes:
        sql += f" WHERE ({uri}, file_row_number) NOT IN ({_deleted_positions(context, files)})"
    if not deletes:
        return sql
    for delete in deletes:
        context.read([delete.handle])
    return without_equal_rows(sql, [identifier(name) for name in selected], compared, deletes)


def _open(context: QueryContext, task: ScanTask) -> _File:
    for file in (task.file, *task.delete_files):
        if file.file_format != FileFormat.PARQUET:
            raise NotSupported(f"Iceberg files in {file.file_format} are not supported: {file.file_path}")
    return _File(
        task.file.file_path,
        _handle(context, task.file.file_path),
        tuple(_handle(context, delete.file_path) for delete in task.position_deletes),
        tuple(
            EqualityDelete(_handle(context, delete.file_path), tuple(delete.equality_ids or ()))
            for delete in task.equality_deletes
        ),
    )


def _handle(context: QueryContext, uri: str) -> StoredObjectHandle:
    try:
        return context.storage.get(S3Location.parse(uri))
    except StorageError as error:
        raise IcebergSplitError(f"Error opening Iceberg split {uri}: {error}") from None


def _deleted_positions(context: QueryContext, files: Sequence[_File]) -> str:
    handles = {handle.path: handle for file in files for handle in file.deletes}
    context.read(handles.values())
    paths = ", ".join(literal(str(path)) for path in handles)
    return f"SELECT (file_path, pos) FROM read_parquet([{paths}])"


def _without_field_ids(context: QueryContext, files: Sequence[_File]) -> set[Path]:
    """The files that another engine wrote before they were added to the table."""
    paths = ", ".join(literal(str(file.handle.path)) for file in files)
    rows = context.session.rows(
        f"SELECT file_name FROM parquet_schema([{paths}]) GROUP BY file_name HAVING count(field_id) = 0"
    )
    return {Path(name) for (name,) in rows}


def _names_as_they_are(
    context: QueryContext, files: Sequence[_File], asked: Sequence[NestedField]
) -> dict[int, str] | None:
    """What the files call the asked columns, if all of them have them in today's types."""
    columns = context.footers.common_columns(context.session, [file.handle.path for file in files])
    types = {field.field_id: sql_type(field.field_type).duckdb for field in asked}
    return names_as_they_are(columns, types, lambda column: column.field_id)


def _no_rows(schema: Schema, columns: Sequence[str]) -> str:
    nulls = [
        f"CAST(NULL AS {sql_type(field.field_type).duckdb}) AS {identifier(field.name.lower())}"
        for field in schema.fields
        if field.name.lower() in columns
    ]
    nulls += [
        f"CAST(NULL AS VARCHAR) AS {identifier(PATH)}",
        f"CAST(NULL AS {MODIFIED_COLUMN.type.duckdb}) AS {identifier(MODIFIED_COLUMN.name)}",
        f"CAST(NULL AS BIGINT) AS {identifier(POSITION)}",
    ]
    return f"SELECT {', '.join(nulls)} WHERE false"


def _snapshot_of(context: QueryContext, table: Table, version: TableVersion) -> Snapshot:
    [(value,)] = context.session.rows(f"SELECT {version.expression}")
    if version.kind == "version":
        named = table.snapshot_by_name(value) if isinstance(value, str) else table.snapshot_by_id(int(value))
        if named is None:
            raise InvalidTableVersion(f"Iceberg snapshot ID does not exists: {value}")
        return named
    if not isinstance(value, datetime.datetime):
        value = datetime.datetime(value.year, value.month, value.day)
    moment = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    snapshot = table.snapshot_as_of_timestamp(int(moment.timestamp() * 1000))
    if snapshot is None:
        raise InvalidTableVersion(
            f'No version history table "{".".join(table.name())}" at or before {moment.isoformat()}'
        )
    return snapshot
