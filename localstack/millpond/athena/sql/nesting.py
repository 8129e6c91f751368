"""How deep a statement may nest.

The grammar and the analysis call themselves for each level of parentheses, and Python's own limit of
1,000 frames would refuse a hundred `||` in a row. Frames of Python functions are not on the C stack,
so the limit can be raised without harm.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from millpond.athena.sql.exceptions import AthenaSyntaxError

_FRAMES = 20_000
_PARENTHESES = 1500


@contextmanager
def deep_statements() -> Iterator[None]:
    """Let a statement nest deep; one that nests deeper still is refused in Trino's words.

    The limit stays raised: it is the whole process's, and another thread may be at work below it.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    try:
        yield
    except RecursionError as error:
        raise too_large() from error


def refuse_deep_parentheses(words: Iterable[str]) -> None:
    """Refuse what would overflow anyway, before each parenthesis is looked through for its end."""
    depth = 0
    for word in words:
        depth += {"(": 1, ")": -1}.get(word, 0)
        if depth > _PARENTHESES:
            raise too_large()


def too_large() -> AthenaSyntaxError:
    """The error for a statement that nests too deep, or grows too long as it is analysed."""
    return AthenaSyntaxError("statement is too large (stack overflow during analysis)")
