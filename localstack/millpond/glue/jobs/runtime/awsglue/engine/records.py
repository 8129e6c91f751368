"""Records as Python has them: their types, which nobody declared, and the frames that hold them."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import datetime
import json
from collections.abc import Hashable, Iterable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from typing import Any, Final

from pyspark.sql import Row, types

from ..gluetypes import DynamicRecord, type_name
from .choices import MARK, alternatives_of, is_choice, merged

_INTEGER_RANGE: Final = range(-(2**31), 2**31)
_LONG_RANGE: Final = range(-(2**63), 2**63)
_SIMPLE: Final[tuple[tuple[type, Any], ...]] = (
    (bool, types.BooleanType()),
    (float, types.DoubleType()),
    (str, types.StringType()),
    (bytes, types.BinaryType()),
    (bytearray, types.BinaryType()),
    (datetime.datetime, types.TimestampType()),
    (datetime.date, types.DateType()),
)
_MOST_SHAPES: Final = 10_000
_HELD: Final[Mapping[str, tuple[str, ...]]] = {
    "long": ("int",),
    "map": ("struct",),
    "float": ("int", "double"),
    "double": ("int", "long"),
    "timestamp_ntz": ("timestamp",),
}
"""What Python's values seem to be of columns that have another type: it has one integer, and one float."""


def record_of(value: Any) -> Any:
    """A row as a record, and what is nested in it; of a choice, the value that there is."""
    if isinstance(value, Row):
        fields = value.asDict()
        if fields and all(name.startswith(MARK) for name in fields):
            return next((record_of(item) for item in fields.values() if item is not None), None)
        return DynamicRecord({name: record_of(item) for name, item in fields.items()})
    if isinstance(value, list):
        return [record_of(item) for item in value]
    return value


def schema_of(records: Iterable[Mapping[str, Any]]) -> Any:
    """The type of records: the fields of all of them, in the order in which they appear."""
    schema: Any = types.StructType([])
    seen: set[Hashable] = set()
    for record in records:
        shape = _shape(record)
        if shape not in seen:
            if len(seen) < _MOST_SHAPES:
                seen.add(shape)
            schema = merged(schema, type_of(record))
    return schema


def schema_of_all(records: Any) -> Any:
    """The type of an RDD's records."""

    def of_partition(partition: Iterator[Any]) -> Iterator[Any]:
        yield schema_of(partition)

    return reduce(merged, records.mapPartitions(of_partition).collect(), types.StructType([]))


def type_of(value: Any) -> Any:
    """The type of a Python value."""
    if value is None:
        return types.NullType()
    for python, spark in _SIMPLE:
        if isinstance(value, python):
            return spark
    if isinstance(value, int):
        if value in _INTEGER_RANGE:
            return types.IntegerType()
        return types.LongType() if value in _LONG_RANGE else _decimal_type(Decimal(value))
    if isinstance(value, Decimal):
        return _decimal_type(value)
    if isinstance(value, Mapping):
        return types.StructType([types.StructField(name, type_of(item)) for name, item in value.items()])
    if isinstance(value, list | tuple | set):
        return types.ArrayType(reduce(merged, map(type_of, value), types.NullType()))
    raise TypeError(f"A record cannot hold a {type(value).__name__}")


def with_known_types(inferred: Any, before: Any) -> Any:
    """A schema whose fields keep the type that they had, where the values are of no other."""
    if isinstance(inferred, types.NullType):
        return before
    if is_choice(inferred):
        return reduce(merged, (with_known_types(kind, before) for kind in alternatives_of(inferred).values()))
    had, name = alternatives_of(before), type_name(inferred)
    same = had.get(name)
    if same is None:
        return next((had[wide] for wide, held in _HELD.items() if wide in had and name in held), inferred)
    if isinstance(same, types.DecimalType):
        return merged(same, inferred)
    if isinstance(same, types.ArrayType):
        return types.ArrayType(with_known_types(inferred.elementType, same.elementType))
    if isinstance(same, types.StructType):
        known = {field.name: field.dataType for field in same}
        fields = [(f.name, with_known_types(f.dataType, known.get(f.name, f.dataType))) for f in inferred]
        return types.StructType([types.StructField(*field) for field in fields])
    return same


def without_nulls(kind: Any) -> Any:
    """A type in which what is null everywhere is text, as Spark has no files of nothing."""
    if isinstance(kind, types.NullType):
        return types.StringType()
    if isinstance(kind, types.StructType):
        return types.StructType([types.StructField(f.name, without_nulls(f.dataType)) for f in kind])
    if isinstance(kind, types.ArrayType):
        return types.ArrayType(without_nulls(kind.elementType))
    return kind


def conformed(value: Any, kind: Any) -> Any:
    """A value as Spark takes it for a type."""
    if value is None:
        return None
    if is_choice(kind):
        chosen, found = _alternative(value, kind)
        return tuple(conformed(value, found) if name == chosen else None for name in alternatives_of(kind))
    if isinstance(kind, types.StructType):
        return tuple(conformed(value.get(field.name), field.dataType) for field in kind)
    if isinstance(kind, types.ArrayType):
        return [conformed(item, kind.elementType) for item in value]
    if isinstance(kind, types.MapType):
        return {name: conformed(item, kind.valueType) for name, item in value.items()}
    if isinstance(kind, types.DoubleType | types.FloatType):
        return float(value)
    if isinstance(kind, types.DecimalType):
        return Decimal(value)
    return value


def natural_json(text: str) -> str:
    """JSON of Spark's, in which a choice is an object, with the value itself in the place of that."""

    def unwrapped(item: dict[str, Any]) -> Any:
        values = [value for name, value in item.items() if name.startswith(MARK)]
        return values[0] if values else item

    return json.dumps(json.loads(text, object_hook=unwrapped), ensure_ascii=False, separators=(",", ":"))


def _alternative(value: Any, kind: Any) -> tuple[str, Any]:
    """Which of a choice's types a value has."""
    alternatives = alternatives_of(kind)
    name = type_name(type_of(value))
    if name not in alternatives:
        name = next(wide for wide, held in _HELD.items() if wide in alternatives and name in held)
    return name, alternatives[name]


def _shape(value: Any) -> Hashable:
    """What values of one type have in common: cheaper than the type, of which there are few."""
    if isinstance(value, Mapping):
        return tuple((name, _shape(item)) for name, item in value.items())
    if isinstance(value, list | tuple | set):
        return ("[]", *dict.fromkeys(map(_shape, value)))
    if isinstance(value, int) and not isinstance(value, bool):
        return "int" if value in _INTEGER_RANGE else "long" if value in _LONG_RANGE else value
    if isinstance(value, Decimal):
        return value
    return type(value).__name__


def _decimal_type(value: Decimal) -> Any:
    _, digits, exponent = value.as_tuple()
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    whole = len(digits) + max(0, exponent if isinstance(exponent, int) else 0)
    return types.DecimalType(min(38, max(whole, scale) or 1), scale)
