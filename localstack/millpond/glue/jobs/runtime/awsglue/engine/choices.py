"""Choices: fields whose values are of several types, as structs of which each value fills one field.

Such a struct is known by the names of its fields alone (`choice:int`, `choice:string`). So it goes through
whatever Spark does with it, and no list of choices has to be kept beside a frame.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-types.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, Final

from pyspark.sql import Column, DataFrame, types
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from ..gluetypes import ChoiceType, type_name

MARK: Final = "choice:"
"""What the name of each field of a choice begins with; after it comes the type's name in Glue."""


def choice_of(alternatives: Iterable[Any]) -> Any:
    """The choice of several types, in the order of their names."""
    named = sorted((type_name(kind), kind) for kind in alternatives)
    return types.StructType([types.StructField(f"{MARK}{name}", kind) for name, kind in named])


def is_choice(kind: Any) -> bool:
    """Whether a type is a choice."""
    return (
        isinstance(kind, types.StructType)
        and len(kind.fields) > 0
        and all(field.name.startswith(MARK) for field in kind)
    )


def alternatives_of(kind: Any) -> dict[str, Any]:
    """The types of a choice by their names in Glue; a type that is none is its own only one."""
    if is_choice(kind):
        return {field.name.removeprefix(MARK): field.dataType for field in kind}
    return {type_name(kind): kind}


def has_choices(kind: Any) -> bool:
    """Whether there is a choice in a type, at any depth."""
    if isinstance(kind, types.StructType):
        return is_choice(kind) or any(has_choices(field.dataType) for field in kind)
    if isinstance(kind, types.ArrayType):
        return has_choices(kind.elementType)
    return isinstance(kind, types.MapType) and has_choices(kind.valueType)


def merged(one: Any, other: Any) -> Any:
    """The type that holds the values of both: of two kinds a choice, as int and long are, too."""
    if isinstance(other, types.NullType) or one == other:
        return one
    if isinstance(one, types.NullType):
        return other
    if is_choice(one) or is_choice(other) or type(one) is not type(other):
        found = alternatives_of(one)
        for name, kind in alternatives_of(other).items():
            found[name] = merged(found[name], kind) if name in found else kind
        return choice_of(found.values()) if len(found) > 1 else next(iter(found.values()))
    if isinstance(one, types.DecimalType):
        scale = max(one.scale, other.scale)
        whole = max(one.precision - one.scale, other.precision - other.scale)
        return types.DecimalType(min(38, whole + scale), scale)
    if isinstance(one, types.ArrayType):
        return types.ArrayType(merged(one.elementType, other.elementType))
    if isinstance(one, types.MapType):
        return types.MapType(one.keyType, merged(one.valueType, other.valueType))
    if isinstance(one, types.StructType):
        fields = {field.name: field.dataType for field in one}
        for field in other:
            fields[field.name] = merged(fields.get(field.name, types.NullType()), field.dataType)
        return types.StructType([types.StructField(name, kind) for name, kind in fields.items()])
    return one


def union(frames: Sequence[DataFrame]) -> DataFrame:
    """The records of all; a column that not all of them have, or have alike, is of the merged type."""
    spelled: dict[str, str] = {}
    for frame in frames:
        for name in frame.columns:
            spelled.setdefault(name.lower(), name)  # Spark's names differ by more than their case
    alike = [frame.toDF(*(spelled[name.lower()] for name in frame.columns)) for frame in frames]
    schema = reduce(merged, (frame.schema for frame in alike))
    return reduce(DataFrame.union, (_with_schema(frame, schema) for frame in alike))


def _with_schema(frame: DataFrame, schema: Any) -> DataFrame:
    """A frame with a schema that its own is merged into."""
    if frame.schema.simpleString() == schema.simpleString():
        return frame
    have = {field.name: field.dataType for field in frame.schema}
    columns = [
        adapted(F.col(f"`{field.name}`"), have[field.name], field.dataType)
        if field.name in have
        else F.lit(None).cast(field.dataType)
        for field in schema
    ]
    return frame.select(*(value.alias(field.name) for value, field in zip(columns, schema, strict=True)))


def as_structs(frame: DataFrame) -> DataFrame:
    """A frame whose choices are plain structs: a field per type, called like it."""
    if not has_choices(frame.schema):
        return frame
    return frame.select(
        *(
            F.col(f"`{field.name}`").cast(_plain(field.dataType)).alias(field.name)
            if has_choices(field.dataType)
            else F.col(f"`{field.name}`")
            for field in frame.schema
        )
    )


def described(kind: Any) -> Any:
    """A type as scripts see it, with Glue's own `ChoiceType`."""
    if is_choice(kind):
        return ChoiceType([described(alternative) for alternative in alternatives_of(kind).values()])
    if isinstance(kind, types.StructType):
        return types.StructType([types.StructField(f.name, described(f.dataType)) for f in kind])
    if isinstance(kind, types.ArrayType):
        return types.ArrayType(described(kind.elementType))
    if isinstance(kind, types.MapType):
        return types.MapType(kind.keyType, described(kind.valueType))
    return kind


def adapted(value: Column, have: Any, want: Any) -> Column:
    """A value as of the type that its own is merged into."""
    if have.simpleString() == want.simpleString():
        return value
    if isinstance(have, types.NullType):
        return F.lit(None).cast(want)
    if is_choice(want):
        given = alternatives_of(have)
        fields = [
            adapted(value.getField(f"{MARK}{name}") if is_choice(have) else value, given[name], kind)
            if name in given
            else F.lit(None).cast(kind)
            for name, kind in alternatives_of(want).items()
        ]
        named = [field.alias(item.name) for field, item in zip(fields, want, strict=True)]
        return F.when(value.isNotNull(), F.struct(*named))
    if isinstance(want, types.StructType):
        known = {field.name: field.dataType for field in have}
        named = [
            (
                adapted(value.getField(field.name), known[field.name], field.dataType)
                if field.name in known
                else F.lit(None).cast(field.dataType)
            ).alias(field.name)
            for field in want
        ]
        return F.when(value.isNotNull(), F.struct(*named))
    if isinstance(want, types.ArrayType):
        return F.transform(value, lambda item: adapted(item, have.elementType, want.elementType))
    if isinstance(want, types.MapType):
        return F.transform_values(value, lambda _, item: adapted(item, have.valueType, want.valueType))
    return value.cast(want)


def _plain(kind: Any) -> Any:
    if isinstance(kind, types.StructType):
        fields = [types.StructField(f.name.removeprefix(MARK), _plain(f.dataType)) for f in kind]
        return types.StructType(fields)
    if isinstance(kind, types.ArrayType):
        return types.ArrayType(_plain(kind.elementType))
    if isinstance(kind, types.MapType):
        return types.MapType(kind.keyType, _plain(kind.valueType))
    return kind
