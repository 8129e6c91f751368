"""Athena's types and Iceberg's, in both directions.

https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-supported-data-types.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
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

from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.types import SqlType, array, decimal, map_of, row

_TO_SQL: dict[type[IcebergType], SqlType] = {
    BooleanType: SqlType("boolean"),
    IntegerType: SqlType("integer"),
    LongType: SqlType("bigint"),
    FloatType: SqlType("real"),
    DoubleType: SqlType("double"),
    DateType: SqlType("date"),
    TimeType: SqlType("time", (6,)),
    TimestampType: SqlType("timestamp", (6,)),
    TimestamptzType: SqlType("timestamp with time zone", (6,)),
    StringType: SqlType("varchar"),
    UUIDType: SqlType("uuid"),
    BinaryType: SqlType("varbinary"),
    FixedType: SqlType("varbinary"),
}

_TO_ICEBERG: dict[str, IcebergType] = {
    "boolean": BooleanType(),
    "tinyint": IntegerType(),
    "smallint": IntegerType(),
    "integer": IntegerType(),
    "bigint": LongType(),
    "real": FloatType(),
    "double": DoubleType(),
    "date": DateType(),
    "time": TimeType(),
    "timestamp": TimestampType(),
    "timestamp with time zone": TimestamptzType(),
    "varchar": StringType(),
    "uuid": UUIDType(),
    "varbinary": BinaryType(),
}


def sql_type(type_: IcebergType) -> SqlType:
    """Athena's type of an Iceberg column.

    Raises:
        NotSupported: Athena has no such type.
    """
    if isinstance(type_, ListType):
        return array(sql_type(type_.element_type))
    if isinstance(type_, MapType):
        return map_of(sql_type(type_.key_type), sql_type(type_.value_type))
    if isinstance(type_, StructType):
        return row(*((field.name.lower(), sql_type(field.field_type)) for field in type_.fields))
    if isinstance(type_, DecimalType):
        return decimal(type_.precision, type_.scale)
    try:
        return _TO_SQL[type(type_)]
    except KeyError:
        raise NotSupported(f"Iceberg's type {type_} is not supported") from None


def stored_type(type_: IcebergType) -> SqlType:
    """The same with the names of fields as the table spells them, not in lower case as Athena shows them."""
    if isinstance(type_, ListType):
        return array(stored_type(type_.element_type))
    if isinstance(type_, MapType):
        return map_of(stored_type(type_.key_type), stored_type(type_.value_type))
    if isinstance(type_, StructType):
        return row(*((field.name, stored_type(field.field_type)) for field in type_.fields))
    return sql_type(type_)


def columns_of(schema: Schema) -> tuple[Column, ...]:
    """The columns of an Iceberg table as Athena sees them."""
    return tuple(Column(field.name.lower(), sql_type(field.field_type)) for field in schema.fields)


def iceberg_schema(columns: Iterable[Column]) -> Schema:
    """A new table's schema with fresh field ids: top-level columns first, as Iceberg numbers them.

    Raises:
        NotSupported: A column's type cannot be stored, in Athena's words.
    """
    columns = list(columns)
    numbers = itertools.count(len(columns) + 1)
    return Schema(
        *(
            NestedField(
                position,
                column.name,
                iceberg_type(column.type, numbers),
                required=False,
                doc=column.comment,
            )
            for position, column in enumerate(columns, start=1)
        )
    )


def iceberg_type(type_: SqlType, numbers: Iterator[int]) -> IcebergType:
    """Iceberg's type; nested fields take their ids from `numbers`."""
    if type_.name == "array":
        return ListType(next(numbers), iceberg_type(type_.elements[0], numbers), element_required=False)
    if type_.name == "map":
        key_id, value_id = next(numbers), next(numbers)
        key, value = (iceberg_type(element, numbers) for element in type_.elements)
        return MapType(key_id, key, value_id, value, value_required=False)
    if type_.name == "row":
        ids = [next(numbers) for _ in type_.fields]
        return StructType(
            *(
                NestedField(id_, field.name or f"field{i}", iceberg_type(field.type, numbers), required=False)
                for i, (id_, field) in enumerate(zip(ids, type_.fields, strict=True))
            )
        )
    if type_.name == "decimal":
        return DecimalType(*type_.parameters)
    if type_.name.startswith("timestamp") and type_.parameters != (6,):
        zone = type_.name.removeprefix("timestamp")
        raise NotSupported(
            f"Timestamp precision ({(type_.parameters or (3,))[0]}) not supported for Iceberg. "
            f'Use "timestamp(6){zone}" instead.'
        )
    try:
        return _TO_ICEBERG[type_.name]
    except KeyError:
        raise NotSupported(f"Type not supported for Iceberg: {type_.trino}") from None
