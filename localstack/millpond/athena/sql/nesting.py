"""How deep a statement may nest.

The grammar and the analysis call themselves for each level of parentheses, and Python's own limit of
1,000 frames would refuse a hundred `||` in a row. Frames of Python functions are not on the C stack,
so the limit can be raised without harm.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from millpond.athena.sql.exceptions import AthenaSyntaxError

_FRAMES = 20_000


@contextmanager
def deep_statements() -> Iterator[None]:
    """Let a statement nest deep; one that nests deeper still is refused in Trino's words.

    The limit stays raised: it is the whole process's, and another thread may be at work below it.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _FRAMES))
    try:
        yield
    except RecursionError as error:
        raise AthenaSyntaxError("statement is too large (stack overflow during analysis)") from error
