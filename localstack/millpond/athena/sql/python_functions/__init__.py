"""Trino's functions that SQL macros cannot express: Python, called by DuckDB with Arrow vectors.

Each module has a table `FUNCTIONS`. They are defined in a database when the first statement names one, so
that statements without them pay nothing: `define_functions`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from millpond.athena.sql.python_functions.function import PythonFunction

_MODULES = (
    "hashes",
    "spooky_hash",
    "numbers",
    "texts",
    "formatter",
    "dates",
    "regexps",
    "json_functions",
    "hyperloglog",
    "digests",
)
_NAME = re.compile(r"athena_py_\w+")
_defining = threading.Lock()


def define_functions(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Define the Python functions that a statement names and that the database does not have yet."""
    if "athena_py_" not in sql:
        return
    functions = _functions()
    define(connection, (functions[name] for name in set(_NAME.findall(sql)) if name in functions))


def define(connection: duckdb.DuckDBPyConnection, functions: Iterable[PythonFunction]) -> None:
    """Define functions that the database may have already."""
    with _defining:
        for function in functions:
            _define(connection, function)


def _define(connection: duckdb.DuckDBPyConnection, function: PythonFunction) -> None:
    try:
        connection.create_function(
            function.name,
            _vectorised(function),
            [duckdb.sqltype(parameter) for parameter in function.parameters],
            duckdb.sqltype(function.result),
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
            side_effects=function.volatile,
        )
    except (duckdb.CatalogException, duckdb.NotImplementedException):
        # Another connection to this database has defined it, or this one.
        return


@cache
def _vectorised(function: PythonFunction) -> Callable[..., Any]:
    """What DuckDB calls; kept for good, DuckDB keeps it as long as the connection that defined it."""
    return function.vectorised()


@cache
def _functions() -> dict[str, PythonFunction]:
    found = {}
    for module in _MODULES:
        for function in import_module(f"{__name__}.{module}").FUNCTIONS:
            found[function.name] = function
    return found
