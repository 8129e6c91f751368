"""New files of Hive tables: CREATE TABLE AS, INSERT INTO and UNLOAD.

The files are written first and the catalog last, so that a query that dies leaves no table that
is half there.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from millpond.athena.context import MAX_OPEN_PARTITIONS, QueryContext
from millpond.athena.engine import identifier
from millpond.athena.exceptions import HiveTooManyOpenPartitions
from millpond.athena.hive.buckets import BUCKET_FUNCTIONS, bucket_number
from millpond.athena.hive.encoders import Encoding
from millpond.athena.hive.formats import PARQUET
from millpond.athena.parquet import WrittenFile, write_parquet
from millpond.athena.sql.catalog import Column
from millpond.s3 import S3Location

_ESCAPED_IN_NAMES = frozenset("\"#%'*/:=?\\{[]^\x7f").union(map(chr, range(1, 32)))


@dataclass(frozen=True)
class PartitionLayout:
    """Where the files of one partition lie, and how they are written."""

    location: S3Location
    encoding: Encoding


@dataclass(frozen=True)
class TableLayout:
    """How rows become files.

    Attributes:
        location: The folder.
        encoding: The file format and the compression.
        partition_keys: The columns that make folders, not stored in the files.
        bucket_columns: The columns that rows are spread by.
        bucket_count: Over how many files of a partition.
        existing: Tells of a partition that is there already how its files are, by its values.
    """

    location: S3Location
    encoding: Encoding
    partition_keys: tuple[str, ...] = ()
    bucket_columns: tuple[str, ...] = ()
    bucket_count: int = 0
    existing: Callable[[tuple[str, ...]], PartitionLayout | None] = lambda values: None

    def of_partition(self, values: tuple[str, ...]) -> PartitionLayout:
        """That of a partition: where it lies already, or else a folder in Hive's style."""
        return self.existing(values) or PartitionLayout(
            partition_folder(self.location, self.partition_keys, values), self.encoding
        )


@dataclass(frozen=True)
class WrittenPartition:
    """The files that were written into one partition, or into a table without partitions."""

    values: tuple[str, ...]
    location: S3Location
    files: tuple[S3Location, ...]
    rows: int


def write_rows(
    context: QueryContext, sql: str, columns: Sequence[Column], layout: TableLayout
) -> list[WrittenPartition]:
    """Run a query and put its rows as files at a location.

    Raises:
        HiveTooManyOpenPartitions: There are more than 100 partitions.
    """
    types = {column.name: column.type for column in columns}
    stored = [column for column in columns if column.name not in layout.partition_keys]
    keys = [_key_text(Column(name, types[name])) for name in layout.partition_keys]
    if layout.bucket_columns:
        context.session.define(BUCKET_FUNCTIONS)
        by = [Column(name, types[name]) for name in layout.bucket_columns]
        keys.append(f"CAST({bucket_number(by, layout.bucket_count)} AS VARCHAR)")
    codec = layout.encoding.codec if layout.encoding.format is PARQUET else "ZSTD"
    level = layout.encoding.compression_level
    written = write_parquet(context, sql, [column.name for column in stored], keys, codec, level=level)
    width = len(layout.partition_keys)
    by_partition: dict[tuple[str, ...], list[WrittenFile]] = {}
    for file in written:
        by_partition.setdefault(file.keys[:width], []).append(file)
    if width and len(by_partition) > MAX_OPEN_PARTITIONS:
        raise HiveTooManyOpenPartitions
    return [_put_partition(context, values, files, stored, layout) for values, files in by_partition.items()]


def partition_folder(location: S3Location, keys: Sequence[str], values: Sequence[str]) -> S3Location:
    """The folder of a partition in Hive's style: `…/year=2024/month=1/`; without keys the folder itself."""
    root = location.as_folder
    name = partition_name(keys, values)
    return S3Location(root.bucket, f"{root.key}{name}/" if name else root.key)


def partition_name(keys: Sequence[str], values: Sequence[str]) -> str:
    """The name of a partition as Hive makes it, with the characters escaped that folders cannot have."""
    return "/".join(
        f"{name}={''.join(f'%{ord(c):02X}' if c in _ESCAPED_IN_NAMES else c for c in value)}"
        for name, value in zip(keys, values, strict=True)
    )


def _put_partition(
    context: QueryContext,
    values: tuple[str, ...],
    files: Sequence[WrittenFile],
    columns: Sequence[Column],
    layout: TableLayout,
) -> WrittenPartition:
    partition = layout.of_partition(values)
    folder = partition.location
    objects = []
    for file in files:
        context.session.check()
        path, suffix = partition.encoding.encode(context, file.path, columns)
        bucket = f"_bucket-{int(file.keys[-1]):05d}" if layout.bucket_columns else ""
        target = S3Location(folder.bucket, f"{folder.key}{context.query_id}_{uuid.uuid4()}{bucket}{suffix}")
        context.storage.put(target, path)
        objects.append(target)
    return WrittenPartition(values, folder, tuple(objects), sum(file.rows for file in files))


def _key_text(column: Column) -> str:
    """The text of a partition's value, as it stands in Glue and in the folder's name."""
    name = identifier(column.name)
    if column.type.name == "timestamp":
        # As Hive prints it: without a fraction, or without the zeros at its end.
        return rf"regexp_replace(strftime({name}, '%Y-%m-%d %H:%M:%S.%g'), '\.?0+$', '')"
    if column.type.name in ("varchar", "char"):
        return f"nullif(CAST({name} AS VARCHAR), '')"  # a folder needs a name
    return f"CAST({name} AS VARCHAR)"
