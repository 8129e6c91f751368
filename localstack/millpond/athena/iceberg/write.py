"""New data files of Iceberg tables, and the snapshots that make them part of a table.

DuckDB writes Parquet with Iceberg's field ids; PyIceberg takes the columns' metrics from the
files' footers and commits. Data first, metadata last.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Transaction
from pyiceberg.table.locations import LocationProvider
from pyiceberg.table.metadata import TableMetadata
from pyiceberg.typedef import Record
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    FixedType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from millpond.athena.context import MAX_OPEN_PARTITIONS, QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import IcebergCommitError, IcebergTooManyOpenPartitions
from millpond.athena.iceberg.hashes import HASHES
from millpond.athena.iceberg.transforms import partition_expression
from millpond.athena.iceberg.types import stored_type
from millpond.athena.parquet import NULL_KEY, WrittenFile, write_parquet
from millpond.athena.sql.exceptions import NotSupported
from millpond.s3 import S3Location

_CODEC_PROPERTY = "write.parquet.compression-codec"


def write_data_files(
    context: QueryContext, metadata: TableMetadata, locations: LocationProvider, sql: str
) -> list[DataFile]:
    """Run a query whose columns are the table's, and put its rows as data files.

    Raises:
        IcebergTooManyOpenPartitions: There are more than 100 partitions.
    """
    schema, spec = metadata.schema(), metadata.spec()
    values = ", ".join(f"{_stored_value(field)} AS {identifier(field.name)}" for field in schema.fields)
    context.session.define(HASHES)
    written = write_parquet(
        context,
        f"SELECT {values} FROM ({sql})",
        [field.name for field in schema.fields],
        [partition_expression(field, schema) for field in spec.fields],
        metadata.properties.get(_CODEC_PROPERTY, "zstd"),
        _field_ids(schema.fields),
    )
    if len({file.keys for file in written}) > MAX_OPEN_PARTITIONS:
        raise IcebergTooManyOpenPartitions
    return [_put_data_file(context, metadata, locations, file) for file in written]


def append(transaction: Transaction, files: Iterable[DataFile]) -> None:
    """Add data files in a new snapshot."""
    with transaction.update_snapshot().fast_append() as snapshot:
        for file in files:
            snapshot.append_data_file(file)


def replace(transaction: Transaction, old: Iterable[DataFile], new: Iterable[DataFile]) -> None:
    """Exchange data files for others in one new snapshot."""
    with transaction.update_snapshot().overwrite() as snapshot:
        for file in old:
            snapshot.delete_data_file(file)
        for file in new:
            snapshot.append_data_file(file)


@contextmanager
def committing() -> Iterator[None]:
    """Tell a commit that lost the race in Athena's words.

    Raises:
        IcebergCommitError: Another writer changed the table in the meantime.
    """
    try:
        yield
    except (CommitFailedException, ValidationException) as error:
        raise IcebergCommitError(f"Failed to commit Iceberg update to table: {error}") from error


def _stored_value(field: NestedField) -> str:
    """A column's value in the type that the table has for it; the query fails if it must not be NULL.

    Raises:
        NotSupported: DuckDB writes no such type.
    """
    if isinstance(field.field_type, FixedType):
        raise NotSupported(f"Writing the type {field.field_type} of column '{field.name}' is not supported")
    name, type_ = identifier(field.name.lower()), stored_type(field.field_type).duckdb
    value = f"CAST({name} AS {type_})"
    if not field.required:
        return value
    message = literal(f"NULL value not allowed for NOT NULL column: {field.name.lower()}")
    failure = f"CAST(athena_fail_text('CONSTRAINT_VIOLATION', {message}) AS {type_})"
    return f"CASE WHEN {name} IS NULL THEN {failure} ELSE {value} END"


def _put_data_file(
    context: QueryContext, metadata: TableMetadata, locations: LocationProvider, file: WrittenFile
) -> DataFile:
    import pyarrow.parquet as pq  # these two bring pandas: only when Iceberg tables are written
    from pyiceberg.io.pyarrow import (
        compute_statistics_plan,
        data_file_statistics_from_parquet_metadata,
        parquet_path_to_id_mapping,
    )

    context.session.check()
    schema, spec = metadata.schema(), metadata.spec()
    partition = _partition(spec, schema, file.keys)
    name = f"{context.query_id}-{uuid.uuid4()}.parquet"
    if spec.fields:
        name = f"{spec.partition_to_path(partition, schema)}/{name}"
    location = locations.new_data_location(name)
    footer = pq.read_metadata(file.path)
    statistics = data_file_statistics_from_parquet_metadata(
        parquet_metadata=footer,
        stats_columns=compute_statistics_plan(schema, metadata.properties),
        parquet_column_mapping=parquet_path_to_id_mapping(schema),
    )
    size = file.path.stat().st_size
    context.storage.put(S3Location.parse(location), file.path)
    return DataFile.from_args(
        content=DataFileContent.DATA,
        file_path=location,
        file_format=FileFormat.PARQUET,
        partition=partition,
        file_size_in_bytes=size,
        sort_order_id=None,
        spec_id=spec.spec_id,
        equality_ids=None,
        key_metadata=None,
        **statistics.to_serialized_dict(),
    )


def _partition(spec: PartitionSpec, schema: Schema, keys: Sequence[str]) -> Record:
    return Record(
        *(_partition_value(field, schema, key) for field, key in zip(spec.fields, keys, strict=True))
    )


def _partition_value(field: PartitionField, schema: Schema, text: str) -> Any:
    """A partition's value as manifests hold it, of the text by which DuckDB split the rows."""
    if text == NULL_KEY:
        return None
    type_ = field.transform.result_type(schema.find_type(field.source_id))
    try:
        return _PARTITION_VALUES[type(type_)](text)
    except KeyError:
        raise NotSupported(f"Partitioning Iceberg tables by {type_} is not supported") from None


_EPOCH = datetime.date(1970, 1, 1)


def _days(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else (datetime.date.fromisoformat(text) - _EPOCH).days


# Doubles are left out: PyIceberg writes them into manifests with the digits of a float.
_PARTITION_VALUES: dict[type[IcebergType], Callable[[str], Any]] = {
    BooleanType: lambda text: text == "true",
    IntegerType: int,
    LongType: int,
    DateType: _days,
    StringType: str,
    DecimalType: decimal.Decimal,
    FloatType: float,
    TimeType: int,
    TimestampType: int,
    TimestamptzType: int,
    UUIDType: uuid.UUID,
    BinaryType: bytes.fromhex,
}


def _field_ids(fields: Iterable[NestedField]) -> str:
    """DuckDB's FIELD_IDS: every column's id, nested ones included."""
    ids = (_field_id(field.name, field.field_id, field.field_type) for field in fields)
    return f"{{{', '.join(ids)}}}"


def _field_id(name: str, id_: int, type_: IcebergType) -> str:
    if isinstance(type_, StructType):
        nested = [_field_id(field.name, field.field_id, field.field_type) for field in type_.fields]
    elif isinstance(type_, ListType):
        nested = [_field_id("element", type_.element_id, type_.element_type)]
    elif isinstance(type_, MapType):
        nested = [
            _field_id("key", type_.key_id, type_.key_type),
            _field_id("value", type_.value_id, type_.value_type),
        ]
    else:
        return f"{identifier(name)}: {id_}"
    return f"{identifier(name)}: {{__duckdb_field_id: {id_}, {', '.join(nested)}}}"
