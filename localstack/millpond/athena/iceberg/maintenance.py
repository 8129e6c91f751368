"""OPTIMIZE and VACUUM for Iceberg tables.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

from pyiceberg.manifest import ManifestContent
from pyiceberg.table import Table

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveInvalidTableProperty
from millpond.athena.glue import GlueTable
from millpond.athena.iceberg.planning import ScanTask, plan_tasks
from millpond.athena.iceberg.pruning import iceberg_filter
from millpond.athena.iceberg.scan import scan_tasks
from millpond.athena.iceberg.write import committing, replace, write_data_files
from millpond.s3 import S3Location

_DEFAULT_MAX_SNAPSHOT_AGE = 432_000
_DEFAULT_MAX_METADATA_FILES = 100
_DEFAULT_TARGET_FILE_SIZE = 512 * 1024 * 1024
_DEFAULT_FILE_THRESHOLD = 5
_DEFAULT_DELETE_THRESHOLD = 2


def partition_sources(context: QueryContext, table: GlueTable) -> set[str]:
    """The columns that a table is partitioned by, whatever the transforms."""
    opened = context.open_iceberg(table)
    names = (opened.schema().find_column_name(field.source_id) for field in opened.spec().fields)
    return {name.lower() for name in names if name is not None}


def optimize(context: QueryContext, table: GlueTable, condition: str | None) -> int:
    """OPTIMIZE … BIN_PACK: many small files, and those with deletes, become few; answers the rewritten rows.

    Fewer files than `optimize_rewrite_data_file_threshold` are left as they are.

    Args:
        context: The running query.
        table: The table.
        condition: Which rows' files may be rewritten, in DuckDB's dialect; None for all.
    """
    opened = context.open_iceberg(table)
    filter_ = iceberg_filter(condition, opened.schema()) if condition else None
    spec_id = opened.spec().spec_id
    candidates = [
        task
        for task in plan_tasks(opened, filter_=filter_)
        if task.file.spec_id != spec_id or _needs_optimizing(task, opened.properties)
    ]
    if len(candidates) < _number(opened.properties, "rewrite_data_file_threshold", _DEFAULT_FILE_THRESHOLD):
        return 0
    partitions: dict[object, int] = {}
    for task in candidates:
        partitions[task.file.partition] = partitions.get(task.file.partition, 0) + 1
    chosen = [task for task in candidates if partitions[task.file.partition] > 1 or task.delete_files]
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
    """VACUUM: expire old snapshots, and remove the files that nothing needs any more.

    Files that no snapshot ever had go too, once they are as old as a snapshot may be: what a writer that
    died has left. Younger ones may belong to a commit that is under way.

    Raises:
        HiveInvalidTableProperty: A property makes no sense.
    """
    opened = context.open_iceberg(table)
    age = int(opened.properties.get("vacuum_max_snapshot_age_seconds", _DEFAULT_MAX_SNAPSHOT_AGE))
    keep = int(opened.properties.get("vacuum_min_snapshots_to_keep", 1))
    if age < 0 or keep < 1:
        raise HiveInvalidTableProperty(
            "vacuum_max_snapshot_age_seconds and vacuum_min_snapshots_to_keep must be positive"
        )
    oldest = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=age)
    snapshots = sorted(opened.metadata.snapshots, key=lambda s: s.timestamp_ms, reverse=True)
    protected = {ref.snapshot_id for ref in opened.metadata.refs.values()}
    expired = [
        s.snapshot_id
        for s in snapshots[keep:]
        if s.timestamp_ms < oldest.timestamp() * 1000 and s.snapshot_id not in protected
    ]
    unneeded: set[str] = set()
    if expired:
        unneeded = _files_of(opened)
        with committing():
            opened.maintenance.expire_snapshots().by_ids(expired).commit()
        opened = context.iceberg.open_table(context.glue.table(table.database, table.name))
    needed = _files_of(opened) | _metadata_files(opened)
    unneeded |= set(_files_older_than(context, opened, oldest))
    context.storage.delete(S3Location.parse(uri) for uri in sorted(unneeded - needed))


def _files_older_than(context: QueryContext, table: Table, moment: datetime.datetime) -> Iterator[str]:
    root = S3Location.parse(table.location()).as_folder
    for folder in ("data/", "metadata/"):
        for handle in context.storage.list(S3Location(root.bucket, f"{root.key}{folder}")):
            if handle.last_modified.replace(tzinfo=datetime.UTC) < moment:
                yield str(handle.location)


def _metadata_files(table: Table) -> set[str]:
    """The current metadata file, the former ones that are kept, and those with statistics."""
    most = int(table.properties.get("vacuum_max_metadata_files_to_keep", _DEFAULT_MAX_METADATA_FILES))
    former = [entry.metadata_file for entry in table.metadata.metadata_log]
    statistics = (*table.metadata.statistics, *table.metadata.partition_statistics)
    return {
        table.metadata_location,
        *former[len(former) - min(most, len(former)) :],
        *(file.statistics_path for file in statistics),
    }


def _needs_optimizing(task: ScanTask, properties: Mapping[str, str]) -> bool:
    """Whether a file is too small, too large, or has many deletes."""
    target = int(properties.get("write_target_data_file_size_bytes", _DEFAULT_TARGET_FILE_SIZE))
    smallest = _number(properties, "rewrite_min_data_file_size_bytes", target * 3 // 4)
    largest = _number(properties, "rewrite_max_data_file_size_bytes", target * 9 // 5)
    most_deletes = _number(properties, "rewrite_delete_file_threshold", _DEFAULT_DELETE_THRESHOLD)
    return not smallest <= task.file.file_size_in_bytes <= largest or len(task.delete_files) >= most_deletes


def _number(properties: Mapping[str, str], name: str, default: int) -> int:
    return int(properties.get(f"optimize_{name}", default))


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
