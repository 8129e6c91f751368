"""Compiles one URL rule at a time.

werkzeug makes a syntax tree of each rule when a service is first asked for. Before 3.11.9 and 3.12.3, Python
counts the depth of such a tree for all threads together, so that two that make one at a time fail with a
SystemError (https://github.com/python/cpython/issues/106905).
"""

from __future__ import annotations

import threading
from typing import Any, Final

from werkzeug.routing import Rule

# One that is entered again by the same thread: collecting garbage may run anything.
_COMPILING: Final = threading.RLock()


def compile_one_at_a_time() -> None:
    """Make werkzeug do so, in this process; doing it again changes nothing."""
    if Rule.compile is not _compile:
        Rule.compile = _compile  # type: ignore[method-assign, assignment]  # werkzeug has no setting for it


def _compile(rule: Rule, *arguments: Any, **named: Any) -> None:
    with _COMPILING:
        _unguarded(rule, *arguments, **named)


_unguarded: Final = Rule.compile
