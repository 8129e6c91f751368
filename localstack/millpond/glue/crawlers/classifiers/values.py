"""The type that a text of a CSV file or of a log has.

Dates and times stay text, as they do in Glue: LazySimpleSerDe would read few of their spellings.
"""

from __future__ import annotations

import re
from typing import Final

from millpond.glue.crawlers.column_types import BIGINT, BOOLEAN, DOUBLE, STRING, UNSEEN, ColumnType

_INTEGER: Final = re.compile(r"[+-]?\d{1,19}")
_DOUBLE: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_LARGEST: Final = 2**63


def type_of_text(text: str) -> ColumnType:
    """The type of one value; an empty one tells nothing."""
    value = text.strip()
    if not value:
        return UNSEEN
    if _INTEGER.fullmatch(value):
        return BIGINT if -_LARGEST <= int(value) < _LARGEST else STRING
    if _DOUBLE.fullmatch(value):
        # More digits than a double has are an identifier, not a number to calculate with.
        return DOUBLE if "." in value or "e" in value.lower() else STRING
    return BOOLEAN if value.lower() in ("true", "false") else STRING
