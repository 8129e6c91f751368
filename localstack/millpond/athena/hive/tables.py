"""CREATE TABLE AS SELECT and INSERT INTO for Hive tables.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier
from millpond.athena.exceptions import HiveColumnOrderMismatch, HiveInvalidTableProperty, PathNotEmpty
from millpond.athena.glue import GlueColumn, GluePartition, GlueTable, StorageDescriptor
from millpond.athena.hive.encoders import Encoding, format_named
from millpond.athena.hive.formats import TEXTFILE, format_written_by
from millpond.athena.hive.projection import is_projected, projected_location
from millpond.athena.hive.scan import columns_of, parse_location
from millpond.athena.hive.write import PartitionLayout, TableLayout, WrittenPartition, write_rows
from millpond.athena.run import StatementRun
from millpond.athena.sql.catalog import Column, TableName
from millpond.athena.sql.exceptions import InvalidType, NotSupported
from millpond.athena.sql.statements import PropertyValue
from millpond.athena.sql.zones import PER_VALUE
from millpond.s3 import S3Location


@dataclass(frozen=True)
class HiveTableProperties:
    """The properties of `CREATE TABLE … WITH (…)` for a Hive table."""

    encoding: Encoding
    external_location: str | None
    partitioned_by: tuple[str, ...]
    bucketed_by: tuple[str, ...]
    bucket_count: int

    @classmethod
    def read(cls, properties: Mapping[str, PropertyValue]) -> HiveTableProperties:
        """From the statement's properties.

        Raises:
            HiveInvalidTableProperty: Athena knows no such property.
        """
        for name in properties:
            if name not in _PROPERTIES:
                raise HiveInvalidTableProperty(
                    f"Catalog 'awsdatacatalog' table property '{name}' does not exist"
                )
        format_ = format_named(str(properties.get("format", "PARQUET")))
        codec = next((properties[name] for name in _COMPRESSION_PROPERTIES if name in properties), None)
        delimiter = str(properties.get("field_delimiter", "\x01"))
        if len(delimiter) != 1:
            raise HiveInvalidTableProperty(
                f"field_delimiter must be a single character string, but was: '{delimiter}'"
            )
        level = properties.get("compression_level")
        return cls(
            encoding=Encoding.of(
                format_,
                _text(codec),
                {"field.delim": delimiter},
                None if level is None else _number("compression_level", level, -5, 22),
            ),
            external_location=_text(properties.get("external_location")),
            partitioned_by=_names(properties.get("partitioned_by")),
            bucketed_by=_names(properties.get("bucketed_by")),
            bucket_count=_number("bucket_count", properties.get("bucket_count", 0), 0, _MOST_BUCKETS),
        )


_MOST_BUCKETS = 1_000_000
_COMPRESSION_PROPERTIES = ("write_compression", "parquet_compression", "orc_compression")
_PROPERTIES = frozenset(
    (
        "table_type",
        "is_external",
        "format",
        "external_location",
        "partitioned_by",
        "bucketed_by",
        "bucket_count",
        "field_delimiter",
        "compression_level",
        *_COMPRESSION_PROPERTIES,
    )
)


def create_hive_table(
    run: StatementRun,
    name: TableName,
    sql: str,
    columns: Sequence[Column],
    properties: HiveTableProperties,
    comment: str | None,
) -> tuple[int, list[S3Location]]:
    """Write a query's rows and register the table; answers the number of rows and the files.

    Raises:
        PathNotEmpty: There are objects at the location already.
    """
    context = run.context
    types = hive_types(columns, properties)
    location = _new_location(run, properties)
    if context.storage.list(location.as_folder):
        raise PathNotEmpty(str(location))
    layout = TableLayout(
        location,
        properties.encoding,
        properties.partitioned_by,
        properties.bucketed_by,
        properties.bucket_count,
    )
    partitions = write_rows(context, sql, columns, layout)
    storage = _descriptor(layout, [c for c in columns if c.name not in layout.partition_keys], types)
    table_input: dict[str, Any] = {
        "Name": name.table,
        "Owner": "hadoop",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {
            "EXTERNAL": "TRUE",
            "has_encrypted_data": "false",
            **({"comment": comment} if comment else {}),
        },
        "PartitionKeys": [GlueColumn(key, types[key]).as_input for key in layout.partition_keys],
        "StorageDescriptor": storage.as_input,
    }
    context.glue.create_table(name.database, table_input)
    if layout.partition_keys:
        _register(context, context.glue.table(name.database, name.table), partitions)
    return _outcome(partitions)


def insert_into_hive_table(run: StatementRun, table: GlueTable, sql: str) -> tuple[int, list[S3Location]]:
    """Add files to a Hive table, and partitions that are new; `sql` gives all of its columns.

    Raises:
        NotSupported: The table's format cannot be written, or it has buckets.
    """
    if table.storage.bucket_columns:
        raise NotSupported(
            f"Inserting into bucketed Hive table {table.database}.{table.name} is not supported"
        )
    layout = TableLayout(
        parse_location(table.storage.location),
        _encoding_of(table, table.storage),
        tuple(key.name for key in table.partition_keys),
        existing=_existing_partitions(run.context, table),
    )
    columns = columns_of(table)
    partitions = write_rows(run.context, sql, columns, layout)
    if layout.partition_keys and not is_projected(table):
        _register(run.context, table, partitions)
    return _outcome(partitions)


def _existing_partitions(
    context: QueryContext, table: GlueTable
) -> Callable[[tuple[str, ...]], PartitionLayout | None]:
    """New rows of a partition go where its other rows are looked for, in its own format."""
    if is_projected(table):
        encoding = _encoding_of(table, table.storage)
        return lambda values: PartitionLayout(
            parse_location(projected_location(table, values)).as_folder, encoding
        )
    registered = {partition.values: partition.storage for partition in context.glue.partitions(table)}

    def existing(values: tuple[str, ...]) -> PartitionLayout | None:
        storage = registered.get(values)
        if storage is None:
            return None
        location = parse_location(storage.location).as_folder
        return PartitionLayout(location, _encoding_of(table, storage if storage.serde else table.storage))

    return existing


def _encoding_of(table: GlueTable, storage: StorageDescriptor) -> Encoding:
    """How new files of an existing table, or of one of its partitions, are written.

    Raises:
        NotSupported: Athena cannot insert into such a table.
    """
    format_ = format_written_by(storage.serde)
    if table.parameters.get("skip.header.line.count", "0") != "0":
        raise NotSupported("Inserting into Hive table with skip.header.line.count property is not supported")
    if format_ is None:
        raise NotSupported(
            f"Inserting into table {table.name} with the SerDe {storage.serde} is not supported"
        )
    codec = next(
        (
            table.parameters[key]
            for key in (
                "write.compression",
                "parquet.compression",
                "parquet.compress",
                "orc.compress",
                "compression_type",
            )
            if key in table.parameters
        ),
        None,
    )
    return Encoding.of(format_, codec, {**table.parameters, **storage.serde_parameters})


def cast_columns(sql: str, columns: Sequence[Column]) -> str:
    """A query with its columns in the types in which they are stored."""
    casts = ", ".join(f"CAST({_stored(c)} AS {c.type.duckdb}) AS {identifier(c.name)}" for c in columns)
    return f"SELECT {casts} FROM ({sql}) AS source({', '.join(identifier(c.name) for c in columns)})"


def _stored(column: Column) -> str:
    """A column of a query as tables have it: timestamps without the zones that they are shown in."""
    name = identifier(column.name)
    return f"struct_extract({name}, 'at')" if column.zone == PER_VALUE else name


def hive_types(columns: Sequence[Column], properties: HiveTableProperties) -> dict[str, str]:
    """The types in which new files have their columns, by the columns' names.

    Raises:
        HiveInvalidTableProperty: The properties name columns that there are not.
        HiveColumnOrderMismatch: The partition columns are not the last ones.
        NotSupported: Hive has no such type.
    """
    names = [column.name for column in columns]
    keys = list(properties.partitioned_by)
    for key in keys:
        if key not in names:
            raise HiveInvalidTableProperty(f"Partition columns not present in schema: [{key}]")
    if keys and names[-len(keys) :] != keys:
        raise HiveColumnOrderMismatch(
            "Partition keys must be the last columns in the table and in the same order as the table "
            f"properties: [{', '.join(keys)}]"
        )
    if keys and len(keys) == len(names):
        raise HiveInvalidTableProperty("Table contains only partition columns")
    if bool(properties.bucketed_by) != (properties.bucket_count > 0):
        raise HiveInvalidTableProperty("bucketed_by and bucket_count must be set together")
    for name in properties.bucketed_by:
        if name not in names:
            raise HiveInvalidTableProperty(f"Bucketing columns not present in schema: [{name}]")
    return {column.name: _hive_type(column) for column in columns}


def _hive_type(column: Column) -> str:
    type_ = column.type
    if type_.name == "timestamp" and type_.parameters not in ((3,), ()):
        raise NotSupported(
            f"Incorrect timestamp precision for {type_.trino}; the configured precision is MILLISECONDS; "
            f"column name: {column.name}"
        )
    if type_.name == "unknown":
        raise NotSupported(f"Unsupported Hive type: unknown; column name: {column.name}")
    try:
        return type_.hive
    except InvalidType as error:
        raise NotSupported(error.message) from None


def _new_location(run: StatementRun, properties: HiveTableProperties) -> S3Location:
    if properties.external_location and run.request.output_enforced:
        raise HiveInvalidTableProperty(
            "The Create Table As Select query failed because it was submitted with an 'external_location' "
            "property to an Athena Workgroup that enforces a centralized output location for all queries. "
            "Please remove the 'external_location' property and resubmit the query."
        )
    if properties.external_location:
        return parse_location(properties.external_location).as_folder
    if run.request.output_object is None:
        raise HiveInvalidTableProperty(
            "The property 'external_location' is required in a workgroup with managed query results."
        )
    return run.request.output_object.as_folder


def _descriptor(
    layout: TableLayout, columns: Sequence[Column], types: Mapping[str, str]
) -> StorageDescriptor:
    parameters = {"serialization.format": "1"}
    if layout.encoding.format is TEXTFILE:
        delimiter = layout.encoding.syntax.levels[0]
        parameters = {"field.delim": delimiter, "serialization.format": delimiter}
    return StorageDescriptor(
        location=str(layout.location),
        columns=tuple(GlueColumn(column.name, types[column.name]) for column in columns),
        input_format=layout.encoding.format.input_format,
        output_format=layout.encoding.format.output_format,
        serde=layout.encoding.format.serde,
        serde_parameters=parameters,
        bucket_columns=layout.bucket_columns,
        bucket_count=layout.bucket_count or -1,
    )


def _register(context: QueryContext, table: GlueTable, partitions: Sequence[WrittenPartition]) -> None:
    """Register the partitions that are new; files of known ones already lie where they are looked for."""
    context.glue.create_partitions(
        table,
        [
            GluePartition(p.values, replace(table.storage, location=str(p.location).rstrip("/")))
            for p in partitions
        ],
    )


def _outcome(partitions: Sequence[WrittenPartition]) -> tuple[int, list[S3Location]]:
    return sum(p.rows for p in partitions), [file for p in partitions for file in p.files]


def _text(value: PropertyValue) -> str | None:
    return None if value is None else str(value)


def _number(name: str, value: PropertyValue, least: int, most: int) -> int:
    text = str(value)
    if not text.removeprefix("-").isdigit() or not least <= int(text) <= most:
        raise HiveInvalidTableProperty(f"{name} must be a number from {least} to {most}, not {text}")
    return int(text)


def _names(value: PropertyValue) -> tuple[str, ...]:
    if value is None:
        return ()
    values = value if isinstance(value, tuple) else (value,)
    return tuple(str(name).lower() for name in values)
