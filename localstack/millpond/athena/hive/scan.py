"""A Hive table as a relation: the files of its partitions, with the partitions' values as columns.

Glue is the truth: only registered partitions are read, each at its own location, and every
column has the table's declared type.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveFilesystemError
from millpond.athena.glue import GlueColumn, GluePartition, GlueTable
from millpond.athena.hive.formats import Reader, finds_columns_by_name, read_orc, read_parquet, reader_of
from millpond.athena.hive.hidden_columns import NULL_PARTITION, hidden_columns
from millpond.athena.hive.partition_schemas import check_partition, check_partition_values
from millpond.athena.hive.projection import is_projected, projected_partitions
from millpond.athena.hive.pruning import matching_partitions
from millpond.athena.hive.source import FileSet
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.plan import TableScan
from millpond.athena.sql.types import SqlType, parse_type
from millpond.s3 import S3Location, StoredObjectHandle
from millpond.s3.exceptions import BucketNotFound, InvalidLocation


@dataclass(frozen=True)
class _File:
    """An object of the table, and the partition that it belongs to."""

    handle: StoredObjectHandle
    values: tuple[str, ...]
    reader: Reader
    table: GlueTable
    coerced: frozenset[str] = frozenset()


def columns_of(table: GlueTable) -> tuple[Column, ...]:
    """The columns of a Hive table, the partition columns last."""
    return (*data_columns(table), *partition_columns(table))


def data_columns(table: GlueTable) -> tuple[Column, ...]:
    """The columns that the files hold."""
    return tuple(_column(column) for column in table.storage.columns)


def partition_columns(table: GlueTable) -> tuple[Column, ...]:
    """The columns that the partitions hold."""
    return tuple(_column(column) for column in table.partition_keys)


def scan_hive_table(context: QueryContext, table: GlueTable, scan: TableScan) -> str:
    """DuckDB SQL that gives the asked columns of a Hive table."""
    reader_of(table)
    files = _files(context, table, scan)
    keys = partition_columns(table)
    asked = [column for column in data_columns(table) if column.name in scan.columns]
    if not files:
        return _no_rows([*asked, *keys, *(hidden.column for hidden in hidden_columns(table))])
    queries = []
    for group in _by_reader(files):
        first = group[0]
        _count(context, group, asked)
        source = FileSet(
            paths=[file.handle.path for file in group],
            keys=[file.handle.location.key for file in group],
            columns=asked,
            declared=data_columns(table),
            serde_parameters=first.table.storage.serde_parameters,
            table_parameters=table.parameters,
            coerced=frozenset().union(*(file.coerced for file in group)),
        )
        queries.append(_with_constants(first.reader(context, source), group, asked, keys, scan))
    return " UNION ALL ".join(queries)


def _count(context: QueryContext, files: Sequence[_File], asked: Sequence[Column]) -> None:
    """Count what is read: of Parquet the asked columns, of all else whole files.

    What is read of ORC is counted while it is read.
    """
    handles = [file.handle for file in files]
    if files[0].reader is read_parquet and finds_columns_by_name(files[0].table):
        names = {column.name for column in asked}
        context.read_parquet(handles, lambda column: column.name.lower() in names)
    elif files[0].reader is read_orc:
        context.read(handles, size=0)
    else:
        context.read(handles)


def list_table_files(
    context: QueryContext, locations: Sequence[S3Location]
) -> list[list[StoredObjectHandle]]:
    """The data files under each location; a common prefix is listed once."""
    found: dict[S3Location, list[StoredObjectHandle]] = {}
    listings: dict[S3Location, tuple[list[StoredObjectHandle], list[str]]] = {}
    for location in dict.fromkeys(locations):
        prefix = location.as_folder
        root = next((r for r in listings if r.bucket == prefix.bucket and prefix.key.startswith(r.key)), None)
        if root is None:
            root = _common_root(prefix, locations)
            handles = _list(context, root)
            listings[root] = (handles, [handle.location.key for handle in handles])
        handles, names = listings[root]
        at = bisect.bisect_left(names, prefix.key)
        inside = []
        while at < len(names) and names[at].startswith(prefix.key):
            if handles[at].size and not _is_hidden(names[at].removeprefix(prefix.key)):
                inside.append(handles[at])
            at += 1
        found[location] = inside
    return [found[location] for location in locations]


def parse_location(uri: str) -> S3Location:
    """A table's or partition's location.

    Raises:
        HiveFilesystemError: It is no S3 location.
    """
    try:
        return S3Location.parse(uri)
    except InvalidLocation as error:
        raise HiveFilesystemError(str(error)) from None


def _column(column: GlueColumn) -> Column:
    return Column(column.name.lower(), parse_type(column.type))


def _files(context: QueryContext, table: GlueTable, scan: TableScan) -> list[_File]:
    if not table.partition_keys:
        [handles] = list_table_files(context, [parse_location(table.storage.location)])
        reader = reader_of(table)
        return [_File(handle, (), reader, table) for handle in handles]
    partitions = _partitions(context, table, scan)
    listed = list_table_files(context, [parse_location(p.storage.location) for p in partitions])
    files = []
    for partition, handles in zip(partitions, listed, strict=True):
        source = _as_table(table, partition)
        reader = reader_of(source)
        coerced = check_partition(table, partition, by_name=finds_columns_by_name(source))
        files += [_File(handle, partition.values, reader, source, coerced) for handle in handles]
    return files


def _partitions(context: QueryContext, table: GlueTable, scan: TableScan) -> list[GluePartition]:
    keys = partition_columns(table)
    if is_projected(table):
        partitions = projected_partitions(table, scan.partition_filter)
    else:
        partitions = context.glue.partitions(table)
        check_partition_values(context.session, table, keys, partitions)
    return matching_partitions(context.session, keys, partitions, scan.partition_filter)


def _as_table(table: GlueTable, partition: GluePartition) -> GlueTable:
    """A partition may have a SerDe of its own; the columns are the table's."""
    storage = partition.storage
    if not storage.serde:
        storage = replace(storage, serde=table.storage.serde, serde_parameters=table.storage.serde_parameters)
    return replace(table, storage=replace(storage, columns=table.storage.columns))


def _by_reader(files: list[_File]) -> list[list[_File]]:
    groups: dict[tuple[Reader, tuple[tuple[str, str], ...]], list[_File]] = {}
    for file in files:
        key = (file.reader, tuple(sorted(file.table.storage.serde_parameters.items())))
        groups.setdefault(key, []).append(file)
    return list(groups.values())


def _with_constants(
    sql: str, files: list[_File], asked: list[Column], keys: tuple[Column, ...], scan: TableScan
) -> str:
    """Add what is the same for all rows of a file: the partition's values and the hidden columns."""
    columns = [identifier(column.name) for column in asked]
    for position, key in enumerate(keys):
        values = [file.values[position] for file in files]
        columns.append(f"{_per_file(values, key.type)} AS {identifier(key.name)}")
    table = files[0].table
    for hidden in hidden_columns(table):
        if hidden.column.name in scan.columns:
            values = [hidden.value(table, file.handle, file.values) for file in files]
            columns.append(f"{_per_file(values, hidden.column.type)} AS {identifier(hidden.column.name)}")
    return f"SELECT {', '.join(columns or ['1 AS one'])} FROM ({sql})"


def _per_file(values: list[str], type_: SqlType) -> str:
    if len(set(values)) == 1:
        return partition_value(values[0], type_)
    # The list is a constant of the query, made once; each row only looks up its file's entry.
    texts = ", ".join("NULL" if value == NULL_PARTITION else literal(value) for value in values)
    return f'CAST([{texts}] AS {type_.duckdb}[])["$file"]'


def partition_value(value: str, type_: SqlType) -> str:
    """DuckDB's literal for the value of a partition column."""
    if value == NULL_PARTITION:
        return f"CAST(NULL AS {type_.duckdb})"
    return f"CAST({literal(value)} AS {type_.duckdb})"


def _no_rows(columns: Sequence[Column]) -> str:
    nulls = [f"CAST(NULL AS {c.type.duckdb}) AS {identifier(c.name)}" for c in columns]
    return f"SELECT {', '.join(nulls)} WHERE false"


def _list(context: QueryContext, prefix: S3Location) -> list[StoredObjectHandle]:
    try:
        return context.storage.list(prefix)
    except BucketNotFound as error:
        raise HiveFilesystemError(str(error)) from None


def _common_root(prefix: S3Location, locations: Sequence[S3Location]) -> S3Location:
    """The parent folder if other locations lie there too, else the location itself."""
    parent = S3Location(prefix.bucket, prefix.key.rstrip("/").rpartition("/")[0] + "/")
    if parent.key == "/":
        return prefix
    siblings = sum(
        1 for other in locations if other.bucket == prefix.bucket and other.key.startswith(parent.key)
    )
    return parent if siblings > 1 else prefix


def _is_hidden(relative_key: str) -> bool:
    """Hive and Trino leave out files and folders whose names begin with `_` or `.`."""
    return any(part.startswith(("_", ".")) for part in relative_key.split("/")) or relative_key.endswith("/")
