"""Fields by path: `a.b` is the field b of the struct a, and `` `a.b` `` a column of that name."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import ArrayType, StructType, _parse_datatype_string

_PART: Final = re.compile(r"`([^`]+)`|([^.`]+)")
_GLUE_TYPES: Final = {
    "byte": "tinyint",
    "short": "smallint",
    "long": "bigint",
    "integer": "int",
    "str": "string",
}
"""Glue's names of types that Spark's SQL calls otherwise."""


def parts_of(path: str) -> list[str]:
    """The names of a path; `[]` after that of an array says only what it is."""
    return [quoted or plain.removesuffix("[]") for quoted, plain in _PART.findall(path)]


def column(path: str) -> Column:
    """The column or field at a path."""
    return F.col(_quoted(parts_of(path)))


def spark_type(name: str) -> Any:
    """Spark's type of one that is written as Glue's."""
    return _parse_datatype_string(_GLUE_TYPES.get(name.strip().lower(), name))


def type_at(frame: DataFrame, path: str) -> Any:
    """The type of what is at a path, None if there is nothing."""
    kind: Any = frame.schema
    for part in parts_of(path):
        while isinstance(kind, ArrayType):
            kind = kind.elementType
        if not isinstance(kind, StructType):
            return None
        found = [field.dataType for field in kind if field.name.lower() == part.lower()]
        if not found:
            return None
        kind = found[0]
    return kind


def nested(fields: Sequence[tuple[Sequence[str], Column]]) -> list[Column]:
    """Columns of which those with paths of several names are put into structs."""
    groups: dict[str, list[tuple[Sequence[str], Column]]] = {}
    for path, value in fields:
        groups.setdefault(path[0], []).append((path[1:], value))
    return [
        (inside[-1][1] if not inside[-1][0] else F.struct(*nested(inside))).alias(name)
        for name, inside in groups.items()
    ]


def without(frame: DataFrame, path: str) -> DataFrame:
    """A frame without a field; one that is not there is none."""
    if type_at(frame, path) is None:
        return frame
    top, *rest = parts_of(path)
    if not rest:
        return frame.drop(F.col(f"`{top}`"))
    parent = _quoted([top, *rest[:-1]])
    if len(type_at(frame, parent).fields) == 1:
        return without(frame, parent)  # a struct without fields is none
    inner = _quoted(rest)
    return frame.withColumn(top, F.col(f"`{top}`").dropFields(inner))


def renamed(frame: DataFrame, old: str, new: str) -> DataFrame:
    """A frame in which a field has another place or name."""
    if type_at(frame, old) is None:
        return frame
    before, after = parts_of(old), parts_of(new)
    if len(before) == len(after) == 1:
        return frame.withColumnRenamed(before[0], after[0])
    value = column(old)
    if len(after) == 1:
        return without(frame.withColumn(after[0], value), old)
    top, inner = after[0], _quoted(after[1:])
    if top in frame.columns:
        return without(frame.withColumn(top, F.col(f"`{top}`").withField(inner, value)), old)
    (made,) = nested([(after, value)])
    return without(frame.withColumn(top, made), old)


def _quoted(parts: Sequence[str]) -> str:
    return ".".join(f"`{part}`" for part in parts)
