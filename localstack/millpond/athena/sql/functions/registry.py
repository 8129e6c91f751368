"""All functions by name, read from the tables of the documentation's pages."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from millpond.athena.sql.functions.signature import Function

PAGES = (
    "aggregate",
    "array",
    "binary",
    "bitwise",
    "conversion",
    "datetime",
    "hyperloglog",
    "json",
    "map",
    "math",
    "qdigest",
    "regexp",
    "setdigest",
    "string",
    "tdigest",
    "teradata",
    "url",
    "uuid",
    "window",
)
"""The modules of this package that have functions."""


def functions_named(name: str) -> tuple[Function, ...]:
    """The overloads of a function, in the order in which they are declared; none if it is unknown."""
    return _by_name().get(name, ())


@cache
def _by_name() -> dict[str, tuple[Function, ...]]:
    found: dict[str, list[Function]] = {}
    for page in PAGES:
        for function in import_module(f"millpond.athena.sql.functions.{page}").FUNCTIONS:
            found.setdefault(function.name, []).append(function)
    return {name: tuple(functions) for name, functions in found.items()}
