"""Where the statements of a policy stand in its text: the policy simulator names lines and columns."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_BLANK: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True)
class Position:
    """A line and a column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Span:
    """From the first character of a statement to the one after its last."""

    start: Position
    end: Position


@lru_cache(maxsize=256)
def statement_spans(text: str) -> tuple[Span, ...]:
    """The spans of a document's statements, in order; the document must be a policy."""
    return tuple(Span(_position(text, start), _position(text, end)) for start, end in _statements(text))


def _statements(text: str) -> list[tuple[int, int]]:
    at = _skip(text, 0) + 1
    while True:
        name, at = _DECODER.raw_decode(text, _skip(text, at))
        start = _skip(text, _skip(text, at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        if name == "Statement":
            return _elements(text, start) if text[start] == "[" else [(start, end)]
        at = _skip(text, end) + 1


def _elements(text: str, bracket: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    at = _skip(text, bracket + 1)
    while text[at] != "]":
        _, end = _DECODER.raw_decode(text, at)
        spans.append((at, end))
        at = _skip(text, end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return spans


def _skip(text: str, at: int) -> int:
    """The next character that is no blank."""
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _position(text: str, offset: int) -> Position:
    return Position(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))
