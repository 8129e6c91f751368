"""Records as the functions of `Filter` and `Map` see them, and the types of schemas: Spark's."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

Field = StructField

__all__ = [
    "ArrayType",
    "BinaryType",
    "BooleanType",
    "ByteType",
    "ChoiceType",
    "DataType",
    "DateType",
    "DecimalType",
    "DoubleType",
    "DynamicRecord",
    "Field",
    "FloatType",
    "IntegerType",
    "LongType",
    "MapType",
    "NullType",
    "ShortType",
    "StringType",
    "StructType",
    "TimestampType",
]


_NAMES: Final = {"bigint": "long", "integer": "int", "smallint": "short", "tinyint": "byte", "void": "null"}
"""Glue's names of types that Spark calls otherwise."""


class ChoiceType(DataType):  # type: ignore[misc]  # PySpark is an optional extra
    """Of a field whose values are of several types.

    Args:
        choices: The types.
    """

    def __init__(self, choices: Iterable[Any]) -> None:
        self.choices = {type_name(kind): kind for kind in choices}

    @classmethod
    def typeName(cls) -> str:  # noqa: N802 - Spark's name
        """What it is called."""
        return "choice"

    def simpleString(self) -> str:  # noqa: N802 - Spark's name
        """Itself and its types."""
        return f"choice<{','.join(kind.simpleString() for kind in self.choices.values())}>"


def type_name(kind: Any) -> str:
    """What Glue calls a type, without what is in it: `int`, `long`, `struct`, ..."""
    name = str(kind.typeName())
    return _NAMES.get(name, name)


class DynamicRecord(dict[str, Any]):
    """A record: its fields are keys, and attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            # Pickling asks for special methods, and must hear that there are none.
            if name.startswith("__"):
                raise AttributeError(name) from None
            raise

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value
