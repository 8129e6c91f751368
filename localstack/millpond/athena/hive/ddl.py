"""DDL of Hive tables: CREATE EXTERNAL TABLE, the forms of ALTER TABLE, MSCK REPAIR TABLE.

https://docs.aws.amazon.com/athena/latest/ug/create-table.html
"""

from __future__ import annotations

import operator
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import AlreadyExists, HiveMetastoreError, QueryFailed
from millpond.athena.glue import GlueColumn, GluePartition, GlueTable, StorageDescriptor
from millpond.athena.hive.formats import AVRO, JSON, ORC, PARQUET, TEXTFILE, Format
from millpond.athena.hive.scan import list_table_files, parse_location
from millpond.athena.hive.write import partition_folder, partition_name
from millpond.athena.sql.catalog import TableName
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.statements import (
    ColumnDefinition,
    CreateExternalTable,
    PartitionCondition,
    PartitionLocation,
    PartitionValues,
)
from millpond.athena.sql.types import SqlType
from millpond.s3 import S3Location

_STORED_AS: Mapping[str, Format] = {
    **{format_.name: format_ for format_ in (PARQUET, ORC, AVRO, TEXTFILE)},
    "JSONFILE": JSON,
}


class DdlFailed(QueryFailed):
    """Hive's DDL engine refuses a statement; Athena prints Hive's own words."""

    code = "FAILED"

    def __str__(self) -> str:
        return f"FAILED: {self.message}"


def create_table(context: QueryContext, name: TableName, statement: CreateExternalTable) -> None:
    """CREATE EXTERNAL TABLE: registers a table over files that are there or will be.

    Raises:
        AlreadyExists: There is a table of that name.
        DdlFailed: A LOCATION is missing.
    """
    if not statement.location:
        raise DdlFailed("SemanticException table location cannot be null or empty: LOCATION is missing")
    parse_location(statement.location)
    _check_names(statement)
    storage = _storage(statement)
    table_input: dict[str, Any] = {
        "Name": name.table,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            **({"comment": statement.comment} if statement.comment else {}),
            **statement.properties,
        },
        "PartitionKeys": [column_of(c).as_input for c in statement.partition_columns],
        "StorageDescriptor": storage.as_input,
    }
    context.glue.create_table(name.database, table_input)


def _check_names(statement: CreateExternalTable) -> None:
    names = [column.name for column in statement.columns]
    for name in names:
        if names.count(name) > 1:
            raise DdlFailed(f"SemanticException [Error 10036]: Duplicate column name: {name}")
    keys = [column.name for column in statement.partition_columns]
    if repeated := [key for key in keys if key in names or keys.count(key) > 1]:
        raise DdlFailed(
            f"SemanticException [Error 10035]: Column repeated in partitioning columns: {repeated[0]}"
        )


def column_of(definition: ColumnDefinition) -> GlueColumn:
    """A column as Glue stores it."""
    return GlueColumn(definition.name, hive_type(definition.type), definition.comment)


def hive_type(type_: SqlType) -> str:
    """The type in Hive's spelling; a `timestamp` of DDL has no precision."""
    return type_.hive


def add_columns(context: QueryContext, table: GlueTable, columns: Sequence[ColumnDefinition]) -> None:
    """ADD COLUMNS: behind the other columns, before the partition columns."""
    existing = {column.name for column in (*table.storage.columns, *table.partition_keys)}
    for column in columns:
        if column.name in existing:
            raise DdlFailed(f"Execution Error, return code 1. Duplicate column name: {column.name}")
    _replace_columns(context, table, [*table.storage.columns, *map(column_of, columns)])


def replace_columns(context: QueryContext, table: GlueTable, columns: Sequence[ColumnDefinition]) -> None:
    """REPLACE COLUMNS: all but the partition columns."""
    keys = {key.name for key in table.partition_keys}
    _replace_columns(context, table, [column_of(c) for c in columns if c.name not in keys])


def change_column(
    context: QueryContext,
    table: GlueTable,
    old_name: str,
    column: ColumnDefinition,
    first: bool,
    after: str | None,
) -> None:
    """CHANGE COLUMN: its name, type, comment and place."""
    columns = [c for c in table.storage.columns if c.name != old_name.lower()]
    if len(columns) == len(table.storage.columns):
        raise DdlFailed(f"Execution Error, return code 1. Invalid column reference {old_name}")
    place = [c.name for c in table.storage.columns].index(old_name.lower())
    if first:
        place = 0
    elif after is not None:
        names = [c.name for c in columns]
        if after.lower() not in names:
            raise DdlFailed(f"Execution Error, return code 1. Invalid column reference {after}")
        place = names.index(after.lower()) + 1
    columns.insert(place, column_of(column))
    _replace_columns(context, table, columns)


def set_properties(context: QueryContext, table: GlueTable, properties: Mapping[str, str]) -> None:
    """SET TBLPROPERTIES."""
    _update(context, table, Parameters={**table.parameters, **properties})


def unset_properties(context: QueryContext, table: GlueTable, names: Sequence[str]) -> None:
    """UNSET TBLPROPERTIES."""
    _update(context, table, Parameters={k: v for k, v in table.parameters.items() if k not in names})


def set_location(context: QueryContext, table: GlueTable, location: str, values: PartitionValues) -> None:
    """SET LOCATION, of the table or of one partition."""
    parse_location(location)
    if not values:
        storage = replace(table.storage, location=location)
        _update(context, table, StorageDescriptor=storage.as_input)
        return
    partition = find_partition(context, table, values)
    moved = replace(partition, storage=replace(partition.storage, location=location))
    context.glue.replace_partition(table, partition.values, moved)


def add_partitions(
    context: QueryContext, table: GlueTable, partitions: Sequence[PartitionLocation], if_not_exists: bool
) -> None:
    """ADD PARTITION.

    Raises:
        AlreadyExists: A partition is registered, and IF NOT EXISTS is not said.
    """
    added = []
    for partition in partitions:
        values = _values(table, partition.values)
        location = partition.location or str(_default_folder(table, values))
        parse_location(location)
        added.append(GluePartition(values, replace(table.storage, location=location)))
    if not if_not_exists:
        known = {partition.values for partition in context.glue.partitions(table)}
        for new in added:
            if new.values in known:
                raise AlreadyExists(f"Partition already exists: {_describe(table, new.values)}")
    context.glue.create_partitions(table, added)


def drop_partitions(
    context: QueryContext,
    table: GlueTable,
    conditions: Sequence[Sequence[PartitionCondition]],
    if_exists: bool,
) -> None:
    """DROP PARTITION: forgets partitions; their files stay.

    Raises:
        HiveMetastoreError: No partition meets a condition, and IF EXISTS is not said.
    """
    names = [key.name for key in table.partition_keys]
    types = {key.name: key.type for key in table.partition_keys}
    for conjunction in conditions:
        found = [
            partition
            for partition in context.glue.partitions(table)
            if all(_holds(c, dict(zip(names, partition.values, strict=True)), types) for c in conjunction)
        ]
        if not found and not if_exists:
            raise HiveMetastoreError("Partition or table doesn't exist.")
        for partition in found:
            context.glue.delete_partition(table, partition.values)


def rename_partition(
    context: QueryContext, table: GlueTable, old: PartitionValues, new: PartitionValues
) -> None:
    """PARTITION … RENAME TO PARTITION …: other values for the same location."""
    partition = find_partition(context, table, old)
    context.glue.replace_partition(table, partition.values, replace(partition, values=_values(table, new)))


def repair(context: QueryContext, table: GlueTable) -> list[str]:
    """MSCK REPAIR TABLE: registers the folders in Hive's style that are not registered; Hive's lines.

    A folder's name must be written as the column's: Athena leaves out `Year=2024`.
    https://docs.aws.amazon.com/athena/latest/ug/msck-repair-table.html
    """
    if not table.partition_keys:
        return []
    root = parse_location(table.storage.location).as_folder
    [files] = list_table_files(context, [root])
    if not files:
        return [f"Tables missing on filesystem:\t{table.name}"]
    names = [key.name for key in table.partition_keys]
    known = {partition.values for partition in context.glue.partitions(table)}
    added: dict[tuple[str, ...], S3Location] = {}
    for file in files:
        folders = file.location.key.removeprefix(root.key).split("/")[: len(names)]
        pairs = [folder.partition("=") for folder in folders]
        if [name for name, separator, _ in pairs if separator] != names:
            continue
        values = tuple(urllib.parse.unquote(value) for _, _, value in pairs)
        if values not in known:
            added.setdefault(values, S3Location(root.bucket, f"{root.key}{'/'.join(folders)}"))
    if not added:
        return []
    context.glue.create_partitions(
        table, [GluePartition(v, replace(table.storage, location=str(where))) for v, where in added.items()]
    )
    specs = sorted(_describe(table, values) for values in added)
    missing = "\t".join(f"{table.name}:{spec}" for spec in specs)
    return [
        f"Partitions not in metastore:\t{missing}",
        *(f"Repair: Added partition to metastore {table.name}:{spec}" for spec in specs),
    ]


def _storage(statement: CreateExternalTable) -> StorageDescriptor:
    stored_as = statement.stored_as or "TEXTFILE"
    if stored_as not in _STORED_AS:
        raise NotSupported(f"STORED AS {stored_as} is not supported")
    format_ = _STORED_AS[stored_as]
    row_format = statement.row_format
    parameters = dict(row_format.properties) if row_format else {}
    if format_ is TEXTFILE and (row_format is None or row_format.serde is None):
        parameters.setdefault("serialization.format", parameters.get("field.delim", "1"))
    else:
        parameters.setdefault("serialization.format", "1")
    return StorageDescriptor(
        location=statement.location or "",
        columns=tuple(column_of(column) for column in statement.columns),
        input_format=statement.input_format or format_.input_format,
        output_format=statement.output_format or format_.output_format,
        serde=(row_format.serde if row_format else None) or format_.serde,
        serde_parameters=parameters,
        bucket_columns=statement.bucket_columns,
        bucket_count=statement.bucket_count or -1,
    )


def _replace_columns(context: QueryContext, table: GlueTable, columns: Sequence[GlueColumn]) -> None:
    storage = table.input["StorageDescriptor"]
    storage["Columns"] = [column.as_input for column in columns]
    _update(context, table, StorageDescriptor=storage)


def _update(context: QueryContext, table: GlueTable, **changes: Any) -> None:
    context.glue.update_table(table.database, {**table.input, **changes})


def _values(table: GlueTable, given: PartitionValues) -> tuple[str, ...]:
    by_name = dict(given)
    names = [key.name for key in table.partition_keys]
    if sorted(by_name) != sorted(names):
        raise DdlFailed(
            f"SemanticException Partition spec {by_name} does not match the partition columns {names}"
        )
    return tuple(by_name[name] for name in names)


def _default_folder(table: GlueTable, values: Sequence[str]) -> S3Location:
    names = [key.name for key in table.partition_keys]
    folder = partition_folder(parse_location(table.storage.location), names, values)
    return S3Location(folder.bucket, folder.key.rstrip("/"))


def find_partition(context: QueryContext, table: GlueTable, given: PartitionValues) -> GluePartition:
    """A registered partition by its values.

    Raises:
        HiveMetastoreError: It is not registered.
    """
    values = _values(table, given)
    for partition in context.glue.partitions(table):
        if partition.values == values:
            return partition
    raise HiveMetastoreError(f"Partition not found: {_describe(table, values)}")


def _describe(table: GlueTable, values: Sequence[str]) -> str:
    return partition_name([key.name for key in table.partition_keys], values)


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_INTEGERS = frozenset(("tinyint", "smallint", "int", "bigint"))


def _holds(condition: PartitionCondition, values: Mapping[str, str], types: Mapping[str, str]) -> bool:
    if condition.column not in values:
        raise DdlFailed(f"SemanticException Column {condition.column} is no partition column")
    actual, wanted = values[condition.column], condition.value
    if types[condition.column] in _INTEGERS and actual.lstrip("-").isdigit():
        return _OPERATORS[condition.operator](int(actual), int(wanted))
    return _OPERATORS[condition.operator](actual, wanted)
