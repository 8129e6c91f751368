"""ALTER TABLE, OPTIMIZE and VACUUM for Iceberg tables.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-managing-tables.html
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence

from pyiceberg.exceptions import ValidationError
from pyiceberg.manifest import ManifestContent
from pyiceberg.table import Table
from pyiceberg.table.update.schema import UpdateSchema
from pyiceberg.types import IcebergType, PrimitiveType

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveInvalidTableProperty, QueryFailed
from millpond.athena.glue import GlueTable
from millpond.athena.iceberg.pruning import iceberg_filter
from millpond.athena.iceberg.scan import plan_tasks, scan_tasks
from millpond.athena.iceberg.tables import table_properties
from millpond.athena.iceberg.types import iceberg_type
from millpond.athena.iceberg.write import committing, replace, write_data_files
from millpond.athena.sql.exceptions import DuplicateColumnName, NotSupported
from millpond.athena.sql.statements import ColumnDefinition
from millpond.athena.sql.types import SqlType
from millpond.s3 import S3Location

_DEFAULT_MAX_SNAPSHOT_AGE = 432_000
_DEFAULT_TARGET_FILE_SIZE = 512 * 1024 * 1024


class IcebergSchemaError(QueryFailed):
    """A change of columns that Iceberg does not allow."""

    code = "ICEBERG_INVALID_SCHEMA_CHANGE"


def add_columns(context: QueryContext, table: GlueTable, columns: Sequence[ColumnDefinition]) -> None:
    """ADD COLUMNS."""
    opened = context.open_iceberg(table)
    existing = {field.name.lower() for field in opened.schema().fields}
    for column in columns:
        if column.name in existing:
            raise DuplicateColumnName(f"Column '{column.name}' specified more than once")
    with committing(), _schema_changes(opened) as update:
        for column in columns:
            update.add_column(column.name, _stored_type(column.type), doc=column.comment)


def drop_column(context: QueryContext, table: GlueTable, name: str) -> None:
    """DROP COLUMN: the data files keep it, readers no longer see it."""
    opened = context.open_iceberg(table)
    _find_column(opened, name)
    try:
        with committing(), _schema_changes(opened) as update:
            update.delete_column(name)
    except ValidationError as error:
        raise IcebergSchemaError(str(error)) from error


def change_column(
    context: QueryContext,
    table: GlueTable,
    old_name: str,
    column: ColumnDefinition,
    first: bool,
    after: str | None,
) -> None:
    """CHANGE COLUMN: rename, widen, comment on or move a column."""
    opened = context.open_iceberg(table)
    old_type = _find_column(opened, old_name)
    new_type = _stored_type(column.type)
    try:
        with committing(), _schema_changes(opened) as update:
            if new_type != old_type:
                if not isinstance(new_type, PrimitiveType):
                    raise IcebergSchemaError(
                        f"Cannot change column type: {old_name}: {old_type} -> {new_type}"
                    )
                update.update_column(old_name, new_type)
            if column.comment is not None:
                update.update_column(old_name, doc=column.comment)
            if first:
                update.move_first(old_name)
            if after is not None:
                update.move_after(old_name, after.lower())
            if column.name != old_name:
                update.rename_column(old_name, column.name)
    except (ValidationError, ValueError) as error:
        raise IcebergSchemaError(str(error)) from error


def set_properties(context: QueryContext, table: GlueTable, properties: Mapping[str, str]) -> None:
    """SET TBLPROPERTIES."""
    opened = context.open_iceberg(table)
    wanted = dict(properties)
    updates = {}
    if "write_compression" in wanted or "format" in wanted:
        checked = table_properties(wanted)
        updates["write.parquet.compression-codec"] = checked["write.parquet.compression-codec"]
    updates.update(
        {name: value for name, value in wanted.items() if name not in ("write_compression", "format")}
    )
    with committing():
        transaction = opened.transaction()
        transaction.set_properties(updates)
        transaction.commit_transaction()


def unset_properties(context: QueryContext, table: GlueTable, names: Sequence[str]) -> None:
    """UNSET TBLPROPERTIES."""
    opened = context.open_iceberg(table)
    known = [name for name in names if name in opened.properties]
    with committing():
        transaction = opened.transaction()
        transaction.remove_properties(*known)
        transaction.commit_transaction()


def partition_sources(context: QueryContext, table: GlueTable) -> set[str]:
    """The columns that a table is partitioned by, whatever the transforms."""
    opened = context.open_iceberg(table)
    names = (opened.schema().find_column_name(field.source_id) for field in opened.spec().fields)
    return {name.lower() for name in names if name is not None}


def optimize(context: QueryContext, table: GlueTable, condition: str | None) -> int:
    """OPTIMIZE … BIN_PACK: small files, and files with deletes, become few; answers the rewritten rows.

    Args:
        context: The running query.
        table: The table.
        condition: Which rows' files may be rewritten, in DuckDB's dialect; None for all.
    """
    opened = context.open_iceberg(table)
    filter_ = iceberg_filter(condition, opened.schema()) if condition else None
    target = int(
        opened.properties.get("optimize_rewrite_data_file_threshold_bytes", _DEFAULT_TARGET_FILE_SIZE)
    )
    small = [
        task
        for task in plan_tasks(opened, filter_=filter_)
        if task.file.file_size_in_bytes < target * 0.75
        or task.delete_files
        or task.file.spec_id != opened.spec().spec_id
    ]
    partitions: dict[object, int] = {}
    for task in small:
        partitions[task.file.partition] = partitions.get(task.file.partition, 0) + 1
    chosen = [task for task in small if partitions[task.file.partition] > 1 or task.delete_files]
    if not chosen:
        return 0
    names = [field.name.lower() for field in opened.schema().fields]
    sql = scan_tasks(context, opened, chosen, names)
    files = write_data_files(context, opened.metadata, opened.location_provider(), sql)
    with committing():
        transaction = opened.transaction()
        replace(transaction, [task.file for task in chosen], files)
        transaction.commit_transaction()
    return sum(task.file.record_count for task in chosen)


def vacuum(context: QueryContext, table: GlueTable) -> None:
    """VACUUM: expire old snapshots, and remove the files that no snapshot needs any more."""
    opened = context.open_iceberg(table)
    age = int(opened.properties.get("vacuum_max_snapshot_age_seconds", _DEFAULT_MAX_SNAPSHOT_AGE))
    keep = int(opened.properties.get("vacuum_min_snapshots_to_keep", 1))
    if age < 0 or keep < 1:
        raise HiveInvalidTableProperty(
            "vacuum_max_snapshot_age_seconds and vacuum_min_snapshots_to_keep must be positive"
        )
    oldest = datetime.datetime.now(datetime.UTC).timestamp() * 1000 - age * 1000
    snapshots = sorted(opened.metadata.snapshots, key=lambda s: s.timestamp_ms, reverse=True)
    protected = {ref.snapshot_id for ref in opened.metadata.refs.values()}
    expired = [
        s.snapshot_id for s in snapshots[keep:] if s.timestamp_ms < oldest and s.snapshot_id not in protected
    ]
    if not expired:
        return
    before = _files_of(opened)
    with committing():
        opened.maintenance.expire_snapshots().by_ids(expired).commit()
    after = _files_of(context.iceberg.open_table(context.glue.table(table.database, table.name)))
    context.storage.delete(S3Location.parse(uri) for uri in sorted(before - after))


def _schema_changes(table: Table) -> UpdateSchema:
    return table.update_schema(allow_incompatible_changes=False, case_sensitive=False)


def _find_column(table: Table, name: str) -> IcebergType:
    try:
        return table.schema().find_field(name, case_sensitive=False).field_type
    except ValueError:
        raise IcebergSchemaError(f"Column '{name}' does not exist") from None


def _stored_type(type_: SqlType) -> IcebergType:
    """In DDL a bare `timestamp` means Iceberg's only precision."""
    if type_.name.startswith("timestamp"):
        type_ = SqlType(type_.name, (6,))
    if type_.name == "interval":
        raise NotSupported(f"Type not supported for Iceberg: {type_.trino}")
    return iceberg_type(type_, itertools.count(1))


def _files_of(table: Table) -> set[str]:
    """Every object that some snapshot of a table needs."""
    files: set[str] = set()
    for snapshot in table.metadata.snapshots:
        files.add(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            files.add(manifest.manifest_path)
            if manifest.content in (ManifestContent.DATA, ManifestContent.DELETES):
                files.update(e.data_file.file_path for e in manifest.fetch_manifest_entry(table.io))
    return files
