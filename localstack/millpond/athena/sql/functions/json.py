"""JSON functions: https://trino.io/docs/401/functions/json.html.

Paths are constants; `$.a["b"][0]` is what both sides know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from millpond.athena.sql.exceptions import InvalidFunctionArgument, NotSupported
from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.value import Value

_STEP = re.compile(
    r"""\.(?P<name>[\w:$/@|#-]+)|\[\s*(?:(?P<index>\d+)|(?P<bare>[\w-]+)|"(?P<quoted>[^"\\]*)")\s*\]"""
)


def _path(value: Value) -> str:
    """A JSON path as DuckDB spells it."""
    if value.literal is None:
        raise NotSupported("json_size with a path that is no constant is not supported here")
    text = value.literal.strip()
    rest = text.removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = f".{rest}"
    steps, at = ["$"], 0
    while at < len(rest):
        match = _STEP.match(rest, at)
        if match is None:
            raise InvalidFunctionArgument(f"Invalid JSON path: '{text}'")
        name = match["name"] or match["quoted"] or match["bare"] or ""
        steps.append(f"[{match['index']}]" if match["index"] else f'."{name}"')
        at = match.end()
    return quote_text("".join(steps))


def _with_path(macro: str, python: str = "") -> Callable[[Sequence[Value]], str]:
    """A path that is a constant is DuckDB's, another is Python's."""

    def render(arguments: Sequence[Value]) -> str:
        if arguments[1].literal is None and python:
            return f"{python}(CAST({arguments[0].sql} AS VARCHAR), {arguments[1].sql})"
        return f"{macro}({arguments[0].sql}, {_path(arguments[1])})"

    return render


_EXTRACT, _EXTRACT_SCALAR = "athena_py_json_extract", "athena_py_json_extract_scalar"
_INPUTS = ("json", "varchar")

FUNCTIONS = (
    Function("is_json_scalar(json) -> boolean", "(json_type({0}) NOT IN ('OBJECT', 'ARRAY'))"),
    Function("is_json_scalar(varchar) -> boolean", "(json_type({0}) NOT IN ('OBJECT', 'ARRAY'))"),
    *(
        Function(
            f"json_array_contains({t}, boolean) -> boolean", "athena_json_array_contains({0}, to_json({1}))"
        )
        for t in _INPUTS
    ),
    *(
        Function(
            f"json_array_contains({t}, bigint) -> boolean", "athena_json_array_contains({0}, to_json({1}))"
        )
        for t in _INPUTS
    ),
    *(
        Function(
            f"json_array_contains({t}, double) -> boolean", "athena_json_array_contains({0}, to_json({1}))"
        )
        for t in _INPUTS
    ),
    *(
        Function(
            f"json_array_contains({t}, varchar) -> boolean", "athena_json_array_contains({0}, to_json({1}))"
        )
        for t in _INPUTS
    ),
    *(Function(f"json_array_get({t}, bigint) -> json", "athena_json_array_get({0}, {1})") for t in _INPUTS),
    *(Function(f"json_array_length({t}) -> bigint", "athena_json_array_length({0})") for t in _INPUTS),
    *(
        Function(f"json_extract({t}, varchar) -> json", _with_path("athena_json_extract", _EXTRACT))
        for t in _INPUTS
    ),
    *(
        Function(
            f"json_extract_scalar({t}, varchar) -> varchar", _with_path("athena_json_scalar", _EXTRACT_SCALAR)
        )
        for t in _INPUTS
    ),
    Function("json_format(json) -> varchar", "CAST({0} AS VARCHAR)"),
    *(Function(f"json_size({t}, varchar) -> bigint", _with_path("athena_json_size")) for t in _INPUTS),
)
