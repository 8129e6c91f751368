"""Iceberg's partition transforms: read from Athena's properties, and computed by DuckDB.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-creating-tables.html
https://iceberg.apache.org/spec/#partition-transforms
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pyiceberg.partitioning import PARTITION_FIELD_ID_START, PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    HourTransform,
    IdentityTransform,
    MonthTransform,
    Transform,
    TruncateTransform,
    VoidTransform,
    YearTransform,
)
from pyiceberg.types import (
    BinaryType,
    DateType,
    DecimalType,
    FixedType,
    IcebergType,
    IntegerType,
    LongType,
    StringType,
    TimestampType,
    TimestamptzType,
    TimeType,
    UUIDType,
)

from millpond.athena.engine import identifier
from millpond.athena.exceptions import HiveInvalidTableProperty
from millpond.athena.sql.exceptions import NotSupported

_TRANSFORM = re.compile(r"(?P<name>\w+)\s*\(\s*(?P<arguments>[^()]*)\)|\"?(?P<column>[^\"()]+)\"?")

_TEMPORAL: dict[str, tuple[Callable[[], Transform], str]] = {  # type: ignore[type-arg]  # of any
    "year": (YearTransform, "year"),
    "years": (YearTransform, "year"),
    "month": (MonthTransform, "month"),
    "months": (MonthTransform, "month"),
    "day": (DayTransform, "day"),
    "days": (DayTransform, "day"),
    "hour": (HourTransform, "hour"),
    "hours": (HourTransform, "hour"),
}


def partition_spec(texts: Sequence[str], schema: Schema) -> PartitionSpec:
    """A spec from the items of `partitioning` or PARTITIONED BY: `day(ts)`, `bucket(id, 5)`, `region`.

    Raises:
        HiveInvalidTableProperty: An item is no transform, names no column, or one of another type.
    """
    fields = []
    for number, text in enumerate(texts):
        column, transform, name = _read_transform(text.strip().lower())
        try:
            source = schema.find_field(column, case_sensitive=False)
        except ValueError:
            raise HiveInvalidTableProperty(
                f"Unable to parse partitioning value: Cannot find source column: {column}"
            ) from None
        if not transform.can_transform(source.field_type):
            raise HiveInvalidTableProperty(
                f"Unable to parse partitioning value: Invalid source type {source.field_type} "
                f"for transform: {transform}"
            )
        fields.append(PartitionField(source.field_id, PARTITION_FIELD_ID_START + number, transform, name))
    return PartitionSpec(*fields)


def partition_expression(field: PartitionField, schema: Schema) -> str:
    """DuckDB's expression for a partition's value as text; NULL for NULL.

    Raises:
        NotSupported: The transform cannot be computed here.
    """
    source = schema.find_field(field.source_id)
    column = identifier(source.name.lower())
    transform = field.transform
    if isinstance(transform, IdentityTransform):
        return _identity(column, source.field_type)
    if isinstance(transform, YearTransform | MonthTransform | DayTransform | HourTransform):
        part = type(transform).__name__.removesuffix("Transform").lower()
        return f"CAST(date_diff('{part}', TIMESTAMP '1970-01-01', CAST({column} AS TIMESTAMP)) AS VARCHAR)"
    if isinstance(transform, TruncateTransform):
        return _truncate(column, source.field_type, transform.width)
    if isinstance(transform, BucketTransform):
        return _bucket(column, source.field_type, transform.num_buckets)
    if isinstance(transform, VoidTransform):
        return "CAST(NULL AS VARCHAR)"
    raise NotSupported(f"Iceberg's partition transform {transform} is not supported")


def _read_transform(text: str) -> tuple[str, Transform, str]:  # type: ignore[type-arg]  # of any
    match = _TRANSFORM.fullmatch(text)
    if match is None:
        raise HiveInvalidTableProperty(f"Unable to parse partitioning value: {text}")
    if match["column"]:
        column = match["column"].strip()
        return column, IdentityTransform(), column
    arguments = [argument.strip().strip('"`') for argument in match["arguments"].split(",")]
    if match["name"] in _TEMPORAL and len(arguments) == 1:
        make, suffix = _TEMPORAL[match["name"]]
        return arguments[0], make(), f"{arguments[0]}_{suffix}"
    if match["name"] in ("bucket", "truncate") and len(arguments) == 2:
        # CTAS writes bucket(column, n), PARTITIONED BY writes bucket(n, column).
        column, number = arguments if arguments[1].isdigit() else reversed(arguments)
        if number.isdigit():
            if match["name"] == "bucket":
                return column, BucketTransform(int(number)), f"{column}_bucket"
            return column, TruncateTransform(int(number)), f"{column}_trunc"
    raise HiveInvalidTableProperty(f"Unable to parse partitioning value: {text}")


def _identity(column: str, type_: IcebergType) -> str:
    if isinstance(type_, TimestampType | TimestamptzType):
        return f"CAST(epoch_us({column}) AS VARCHAR)"
    if isinstance(type_, TimeType):
        return f"CAST({_microseconds_of_day(column)} AS VARCHAR)"
    if isinstance(type_, BinaryType | FixedType):
        return f"hex({column})"
    return f"CAST({column} AS VARCHAR)"


def _microseconds_of_day(time: str) -> str:
    return f"date_diff('microsecond', TIME '00:00:00', {time})"


def _truncate(column: str, type_: IcebergType, width: int) -> str:
    if isinstance(type_, StringType):
        return f"left({column}, {width})"
    if isinstance(type_, IntegerType | LongType):
        return f"CAST({_down_to_multiple(column, width)} AS VARCHAR)"
    if isinstance(type_, DecimalType):
        unscaled = f"CAST({column} * 1{'0' * type_.scale} AS HUGEINT)"
        return f"CAST({_down_to_multiple(unscaled, width)} AS VARCHAR) || 'e-{type_.scale}'"
    if isinstance(type_, BinaryType):
        return f"left(hex({column}), {2 * width})"
    raise NotSupported(f"Partitioning by truncate of {type_} is not supported")


def _down_to_multiple(number: str, width: int) -> str:
    return f"{number} - ((({number} % {width}) + {width}) % {width})"


def _bucket(column: str, type_: IcebergType, count: int) -> str:
    """The engine has Iceberg's 32-bit Murmur3 as functions over what the specification hashes."""
    if isinstance(type_, StringType):
        hashed = f"iceberg_hash_text({column})"
    elif isinstance(type_, IntegerType | LongType):
        hashed = f"iceberg_hash_long(CAST({column} AS BIGINT))"
    elif isinstance(type_, DateType):
        hashed = f"iceberg_hash_long(CAST(date_diff('day', DATE '1970-01-01', {column}) AS BIGINT))"
    elif isinstance(type_, TimestampType | TimestamptzType):
        hashed = f"iceberg_hash_long(epoch_us({column}))"
    elif isinstance(type_, TimeType):
        hashed = f"iceberg_hash_long({_microseconds_of_day(column)})"
    elif isinstance(type_, BinaryType | FixedType):
        hashed = f"iceberg_hash_bytes({column})"
    elif isinstance(type_, UUIDType):
        hashed = f"iceberg_hash_bytes(from_hex(replace(CAST({column} AS VARCHAR), '-', '')))"
    elif isinstance(type_, DecimalType):
        hashed = f"iceberg_hash_decimal(CAST({column} * 1{'0' * type_.scale} AS DECIMAL(38, 0)))"
    else:
        raise NotSupported(f"Partitioning by bucket of {type_} is not supported")
    return f"CAST(({hashed} & 2147483647) % {count} AS VARCHAR)"
