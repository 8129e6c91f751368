"""The patterns of `date_format` (MySQL's) and `format_datetime` (Joda's), as DuckDB's.

https://trino.io/docs/401/functions/datetime.html#mysql-date-functions
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I",
    "i": "%M", "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p",
    "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "y": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B",
    "dd": "%d", "d": "%-d", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M",
    "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f", "a": "%p", "E": "%a", "EEE": "%a", "EEEE": "%A",
    "DDD": "%j", "xxxx": "%G", "ww": "%V",
}  # fmt: skip


class DatePatternError(Exception):
    """A pattern with a part that Trino refuses; `is_missing` if Trino takes it and it is not built here."""

    def __init__(self, message: str, is_missing: bool = False) -> None:
        super().__init__(message)
        self.is_missing = is_missing


@lru_cache(maxsize=1000)
def mysql_pattern(pattern: str) -> str:
    """A pattern of MySQL's as DuckDB's.

    Raises:
        DatePatternError: It has what Trino does not support.
    """

    def specifier(match: re.Match[str]) -> str:
        letter = match[1]
        if letter in "DUuVwX":
            raise DatePatternError(f"%{letter} not supported in date format string")
        # An unknown letter stands for itself.
        return _MYSQL.get(letter, letter)

    return re.sub(r"%(.)", specifier, pattern, flags=re.DOTALL)


@lru_cache(maxsize=1000)
def joda_pattern(pattern: str) -> str:
    """A pattern of Joda's as DuckDB's.

    Raises:
        DatePatternError: It has letters that are not built here, or that DuckDB has none for (time zones).
    """
    pieces = joda_pieces(pattern)
    for piece in pieces:
        if piece.letters:
            raise DatePatternError(f"the date format {piece.letters}", is_missing=True)
    return "".join(piece.text for piece in pieces)


@dataclass(frozen=True)
class JodaPiece:
    """A part of a pattern: DuckDB's pattern for it, or letters that DuckDB has none for."""

    text: str
    letters: str = ""


@lru_cache(maxsize=1000)
def joda_pieces(pattern: str) -> tuple[JodaPiece, ...]:
    """A pattern of Joda's in parts; neighbours that DuckDB's patterns can say are one."""
    pieces: list[JodaPiece] = []
    for match in _JODA_PIECE.finditer(pattern):
        letters = match["letters"] or ""
        if match["quoted"] is not None:
            piece = JodaPiece((match["quoted"].replace("''", "'") or "'").replace("%", "%%"))
        elif letters in _JODA:
            piece = JodaPiece(_JODA[letters])
        else:
            piece = JodaPiece("", letters) if letters else JodaPiece(match[0].replace("%", "%%"))
        if pieces and not piece.letters and not pieces[-1].letters:
            piece = JodaPiece(pieces.pop().text + piece.text)
        pieces.append(piece)
    return tuple(pieces)


_JODA_PIECE = re.compile(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|.", re.DOTALL)
