"""The type that texts of a CSV file have.

Dates and times stay text, as they do in Glue: LazySimpleSerDe would read few of their spellings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from millpond.glue.crawlers.column_types import BIGINT, BOOLEAN, DOUBLE, STRING, UNSEEN, ColumnType

_INTEGER: Final = re.compile(r"[+-]?\d{1,19}")
# Digits without a point that are too many for an integer are an identifier, not a number to calculate with.
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,19}|(?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)")
_BOOLEAN: Final = re.compile(r"true|false", re.IGNORECASE)
_LONGEST_SAFE: Final = 18
_LARGEST: Final = 2**63


def type_of_texts(texts: Iterable[str]) -> ColumnType:
    """The type that holds all values; empty ones tell nothing."""
    values = {text.strip() for text in texts} - {""}
    if not values:
        return UNSEEN
    if _all(_INTEGER.fullmatch, values):
        return BIGINT if all(map(_fits, values)) else STRING
    if _all(_NUMBER.fullmatch, values):
        return DOUBLE
    return BOOLEAN if _all(_BOOLEAN.fullmatch, values) else STRING


def _all(match: Callable[[str], object], values: Iterable[str]) -> bool:
    return all(map(match, values))


def _fits(value: str) -> bool:
    return len(value) <= _LONGEST_SAFE or -_LARGEST <= int(value) < _LARGEST
