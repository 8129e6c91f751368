"""The schema of records that a function made: Python values, whose types nobody declared."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from pyspark.sql import Row, types

from ..gluetypes import DynamicRecord

_INTEGER_RANGE: Final = range(-(2**31), 2**31)
_SIMPLE: Final[tuple[tuple[type, Any], ...]] = (
    (bool, types.BooleanType()),
    (float, types.DoubleType()),
    (str, types.StringType()),
    (bytes, types.BinaryType()),
    (bytearray, types.BinaryType()),
    (datetime.datetime, types.TimestampType()),
    (datetime.date, types.DateType()),
)
_WIDENED: Final = ("IntegerType", "LongType", "DoubleType")
"""Each holds what those before it hold."""


class MixedTypes(TypeError):
    """A field has values of several types: on AWS a choice, which there is none of here."""

    def __init__(self, one: Any, other: Any) -> None:
        super().__init__(
            f"A field has values of type {one.simpleString()} and of type {other.simpleString()}; "
            "choice types are not supported by the local cloud's Glue jobs."
        )


def record_of(value: Any) -> Any:
    """A row as a record, and what is nested in it."""
    if isinstance(value, Row):
        return DynamicRecord({name: record_of(item) for name, item in value.asDict().items()})
    if isinstance(value, list):
        return [record_of(item) for item in value]
    return value


def type_of(value: Any) -> Any:
    """The type of a Python value."""
    if value is None:
        return types.NullType()
    for python, spark in _SIMPLE:
        if isinstance(value, python):
            return spark
    if isinstance(value, int):
        return types.IntegerType() if value in _INTEGER_RANGE else types.LongType()
    if isinstance(value, Decimal):
        return _decimal_type(value)
    if isinstance(value, Mapping):
        return types.StructType([types.StructField(name, type_of(item)) for name, item in value.items()])
    if isinstance(value, list | tuple | set):
        element: Any = types.NullType()
        for item in value:
            element = merged(element, type_of(item))
        return types.ArrayType(element)
    raise TypeError(f"A record cannot hold a {type(value).__name__}")


def merged(one: Any, other: Any) -> Any:
    """The type that holds the values of both.

    Raises:
        MixedTypes: There is none.
    """
    if one == other or isinstance(other, types.NullType):
        return one
    if isinstance(one, types.NullType):
        return other
    names = [type(one).__name__, type(other).__name__]
    if all(name in _WIDENED for name in names):
        return one if _WIDENED.index(names[0]) > _WIDENED.index(names[1]) else other
    if isinstance(one, types.DecimalType) and isinstance(other, types.DecimalType):
        scale = max(one.scale, other.scale)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        return types.DecimalType(min(38, whole + scale), scale)
    if isinstance(one, types.ArrayType) and isinstance(other, types.ArrayType):
        return types.ArrayType(merged(one.elementType, other.elementType))
    if isinstance(one, types.StructType) and isinstance(other, types.StructType):
        fields = {field.name: field.dataType for field in one}
        for field in other:
            known = fields.get(field.name, types.NullType())
            fields[field.name] = merged(known, field.dataType)
        return types.StructType([types.StructField(name, kind) for name, kind in fields.items()])
    raise MixedTypes(one, other)


def with_known_types(inferred: Any, before: Any) -> Any:
    """A schema whose fields keep the type they had where values do not tell one."""
    known = {field.name: field.dataType for field in before}
    fields = []
    for field in inferred:
        kind, had = field.dataType, known.get(field.name)
        if had is not None and (
            isinstance(kind, types.NullType)
            or (isinstance(kind, types.DecimalType) and isinstance(had, types.DecimalType))
        ):
            kind = merged(kind, had)
        fields.append(types.StructField(field.name, kind))
    return types.StructType(fields)


def conformed(value: Any, kind: Any) -> Any:
    """A value as Spark takes it for a type."""
    if value is None:
        return None
    if isinstance(kind, types.StructType):
        return tuple(conformed(value.get(field.name), field.dataType) for field in kind)
    if isinstance(kind, types.ArrayType):
        return [conformed(item, kind.elementType) for item in value]
    if isinstance(kind, types.DoubleType):
        return float(value)
    return value


def _decimal_type(value: Decimal) -> Any:
    _, digits, exponent = value.as_tuple()
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return types.DecimalType(max(len(digits), scale) or 1, scale)
