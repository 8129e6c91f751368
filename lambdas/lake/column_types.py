"""The types that a contract may give a column, spelled as Glue and Athena's DDL spell them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["string", "integer", "bigint", "double", "boolean", "date", "timestamp", "decimal"]

NUMBERS: frozenset[Kind] = frozenset({"integer", "bigint", "double", "decimal"})
WHAT_TYPES_THERE_ARE = (
    "Use string, integer, bigint, double, boolean, date, timestamp or decimal(precision, scale)."
)

_DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)")
_MAX_PRECISION = 38
_GLUE_NAMES = {"integer": "int"}


@dataclass(frozen=True)
class ColumnType:
    """The type of a column; precision and scale are those of a decimal and zero otherwise."""

    kind: Kind
    precision: int = 0
    scale: int = 0

    @classmethod
    def parse(cls, text: str) -> ColumnType:
        """Read `bigint` or `decimal(12, 4)`.

        Raises:
            ValueError: There is no such type.
        """
        decimal = _DECIMAL.fullmatch(text)
        if decimal:
            precision, scale = int(decimal[1]), int(decimal[2])
            if not 1 <= precision <= _MAX_PRECISION or scale > precision:
                raise ValueError(
                    f"{text} has a precision over {_MAX_PRECISION} or a scale over its precision"
                )
            return cls("decimal", precision, scale)
        for kind in get_args(Kind):
            if text == kind and kind != "decimal":
                return cls(kind)
        raise ValueError(f"there is no type {text!r}")

    @property
    def glue(self) -> str:
        """The type's name in the Glue catalog."""
        if self.kind == "decimal":
            return f"decimal({self.precision},{self.scale})"
        return _GLUE_NAMES.get(self.kind, self.kind)

    def __str__(self) -> str:
        return f"decimal({self.precision}, {self.scale})" if self.kind == "decimal" else self.kind
