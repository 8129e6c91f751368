"""The types that a crawler gives columns, and what becomes of two types of the same column.

Types are Hive's, as the Data Catalog spells them. Where files disagree, the wider type holds both values;
where none does, text does.

https://docs.aws.amazon.com/athena/latest/ug/data-types.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Scalar:
    """A type without parts, as `bigint` or `decimal(10,2)`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Array:
    """A list of values of one type."""

    element: ColumnType

    def __str__(self) -> str:
        return f"array<{self.element}>"


@dataclass(frozen=True)
class MapOf:
    """Values by key."""

    key: ColumnType
    value: ColumnType

    def __str__(self) -> str:
        return f"map<{self.key},{self.value}>"


@dataclass(frozen=True)
class Struct:
    """Named values; names keep their case."""

    fields: tuple[tuple[str, ColumnType], ...]

    def __str__(self) -> str:
        if not self.fields:
            return "string"  # Hive has no struct without fields; its JSON is readable as text
        return f"struct<{','.join(f'{name}:{type_}' for name, type_ in self.fields)}>"


@dataclass(frozen=True)
class Decimal:
    """An exact number."""

    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@dataclass(frozen=True)
class Unseen:
    """The type of a column that had no value yet; any other type takes its place."""

    def __str__(self) -> str:
        return "string"


ColumnType = Scalar | Array | MapOf | Struct | Decimal | Unseen

UNSEEN: Final = Unseen()
STRING: Final = Scalar("string")
BOOLEAN: Final = Scalar("boolean")
INT: Final = Scalar("int")
BIGINT: Final = Scalar("bigint")
DOUBLE: Final = Scalar("double")

_WIDTHS: Final[Mapping[Scalar, int]] = {
    Scalar(name): width
    for width, name in enumerate(("tinyint", "smallint", "int", "bigint", "float", "double"))
}
_INTEGERS: Final = frozenset(Scalar(name) for name in ("tinyint", "smallint", "int", "bigint"))
_LONGEST_DECIMAL: Final = 38


def merged(one: ColumnType, other: ColumnType) -> ColumnType:
    """The type that holds the values of both."""
    if one == other or isinstance(other, Unseen):
        return one
    match one, other:
        case Unseen(), _:
            return other
        case Scalar(), Scalar() if one in _WIDTHS and other in _WIDTHS:
            return _wider(one, other)
        case Array(), Array():
            return Array(merged(one.element, other.element))
        case MapOf(), MapOf():
            return MapOf(merged(one.key, other.key), merged(one.value, other.value))
        case Struct(), Struct():
            return _joined(one, other)
        case Decimal(), Decimal():
            return _roomier(one, other)
        case (Decimal(), Scalar()) | (Scalar(), Decimal()):
            return DOUBLE if one in _WIDTHS or other in _WIDTHS else STRING
    return STRING


def merge_types(types: Iterable[ColumnType]) -> ColumnType:
    """The type that holds the values of all."""
    found: ColumnType = UNSEEN
    for type_ in dict.fromkeys(types):
        found = merged(found, type_)
    return found


def _wider(one: Scalar, other: Scalar) -> Scalar:
    wide, narrow = (one, other) if _WIDTHS[one] > _WIDTHS[other] else (other, one)
    # A float has not the digits of an int.
    return DOUBLE if wide == Scalar("float") and narrow in _INTEGERS else wide


def _roomier(one: Decimal, other: Decimal) -> ColumnType:
    scale = max(one.scale, other.scale)
    whole = max(one.precision - one.scale, other.precision - other.scale)
    return Decimal(whole + scale, scale) if whole + scale <= _LONGEST_DECIMAL else DOUBLE


def _joined(one: Struct, other: Struct) -> Struct:
    fields = dict(one.fields)
    for name, type_ in other.fields:
        fields[name] = merged(fields[name], type_) if name in fields else type_
    return Struct(tuple(fields.items()))
