"""A schema as `printSchema` shows it."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyspark.sql import types

from ..gluetypes import ChoiceType, type_name


def schema_tree(schema: Any) -> str:
    """The fields, each with its type, and what is nested in them."""
    return "\n".join(["root", *_fields(schema, "|")]) + "\n"


def _fields(kind: Any, prefix: str) -> Iterator[str]:
    deeper = f"{prefix}    |"
    if isinstance(kind, types.StructType):
        for field in kind:
            yield from _field(f"{prefix}-- {field.name}: ", field.dataType, deeper)
    elif isinstance(kind, types.ArrayType):
        yield from _field(f"{prefix}-- element: ", kind.elementType, deeper)
    elif isinstance(kind, types.MapType):
        yield from _field(f"{prefix}-- keyType: ", kind.keyType, deeper)
        yield from _field(f"{prefix}-- valueType: ", kind.valueType, deeper)
    elif isinstance(kind, ChoiceType):
        for name, alternative in kind.choices.items():
            yield f"{prefix}-- {name}"
            yield from _fields(alternative, deeper)


def _field(start: str, kind: Any, deeper: str) -> Iterator[str]:
    shown = kind.simpleString() if isinstance(kind, types.DecimalType) else type_name(kind)
    yield start + shown
    yield from _fields(kind, deeper)
