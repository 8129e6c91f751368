"""JSON of SQL's standard (`json_value`, …), JSON in Trino's order, paths that are no constants."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from millpond.athena.sql.python_functions.formatter import java_double
from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction
from millpond.athena.sql.python_functions.json_path import JsonPathSyntaxError, parse_path
from millpond.athena.sql.python_functions.json_path_steps import Context, JsonPathError

_STEP = re.compile(r"""\.([\w:$/@|#-]+)|\[\s*(?:([\w-]+)|"((?:[^"\\]|\\.)*)")\s*\]""")
_NOTHING = object()
_ENCODINGS = {"UTF8": "utf-8", "UTF16": "utf-16-le", "UTF32": "utf-32-le"}


def canonical(text: str) -> str:
    """JSON as `json_parse` gives it: keys in order, no spaces, numbers as doubles print."""
    try:
        return write(json.loads(text, parse_constant=_refuse), sort_keys=True)
    except (ValueError, RecursionError):
        raise FunctionFailure(f"Cannot convert value to JSON: '{text[:1000]}'") from None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def write(item: Any, sort_keys: bool = False) -> str:
    """An item as JSON without spaces; a double as Java prints it."""
    if isinstance(item, dict):
        pairs = sorted(item.items()) if sort_keys else item.items()
        return f"{{{','.join(f'{_quoted(key)}:{write(value, sort_keys)}' for key, value in pairs)}}}"
    if isinstance(item, list):
        return f"[{','.join(write(value, sort_keys) for value in item)}]"
    if isinstance(item, float):
        return java_double(item)
    if isinstance(item, Decimal):
        return format(item, "f")
    return _quoted(item) if isinstance(item, str) else json.dumps(item)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read(text: str) -> Any:
    """An item, its numbers exact."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


# ---- paths like `$.a["b"][0]`


def extract(text: str, path: str) -> str | None:
    """`json_extract` with a path that is no constant."""
    found = _follow(text, path)
    return None if found is _NOTHING else write(found)


def extract_scalar(text: str, path: str) -> str | None:
    """`json_extract_scalar` with a path that is no constant."""
    found = _follow(text, path)
    if found is _NOTHING or found is None or isinstance(found, dict | list):
        return None
    return found if isinstance(found, str) else write(found)


def _follow(text: str, path: str) -> Any:
    stripped = path.strip()
    rest = stripped.removeprefix("$")
    if rest and rest[0] not in ".[":
        rest = f".{rest}"
    at, steps = 0, []
    while at < len(rest):
        match = _STEP.match(rest, at)
        if match is None:
            raise FunctionFailure(f"Invalid JSON path: '{path}'")
        steps.append(match[1] or match[2] or re.sub(r"\\(.)", r"\1", match[3]))
        at = match.end()
    try:
        item = read(text)
    except (ValueError, RecursionError):
        return _NOTHING
    for step in steps:
        if isinstance(item, dict) and step in item:
            item = item[step]
        elif isinstance(item, list) and step.isdigit() and int(step) < len(item):
            item = item[int(step)]
        else:
            return _NOTHING
    return item


# ---- SQL's standard; a result is a list, empty for an empty sequence, None for an error


def evaluate(text: str, path: str, names: list[str], values: list[str]) -> list[str | None] | None:
    """The items of a path as JSON; None if it fails."""
    try:
        found = parse_path(path)(Context(read(text), dict(zip(names, map(read, values), strict=True))))
        return [write(item) for item in found]
    except JsonPathSyntaxError as error:
        raise FunctionFailure(str(error), "INVALID_PATH") from error
    except (JsonPathError, ValueError, RecursionError):
        return None


def decode(data: bytes, encoding: str) -> str:
    """JSON in bytes."""
    return data.decode(_ENCODINGS[encoding])


def encode(text: str, encoding: str) -> bytes:
    """JSON as bytes."""
    return text.encode(_ENCODINGS[encoding])


def json_array(items: list[str | None], absent: bool) -> str:
    """An array of items that are JSON each."""
    found = [None if item is None else read(item) for item in items if item is not None or not absent]
    return write(found)


def json_object(keys: list[str | None], items: list[str | None], absent: bool, unique: bool) -> str:
    """An object of keys and items that are JSON each."""
    found: dict[str, Any] = {}
    for key, item in zip(keys, items, strict=True):
        if key is None:
            raise FunctionFailure("null value passed for JSON object key to JSON_OBJECT function")
        if item is None and absent:
            continue
        if unique and key in found:
            raise FunctionFailure("duplicate key passed to JSON_OBJECT function")
        found[key] = None if item is None else read(item)
    return write(found)


FUNCTIONS = (
    PythonFunction("athena_py_json_canonical", ("VARCHAR",), "VARCHAR", canonical),
    PythonFunction("athena_py_json_extract", ("VARCHAR", "VARCHAR"), "VARCHAR", extract),
    PythonFunction("athena_py_json_extract_scalar", ("VARCHAR", "VARCHAR"), "VARCHAR", extract_scalar),
    PythonFunction(
        "athena_py_json_path",
        ("VARCHAR", "VARCHAR", "VARCHAR[]", "VARCHAR[]"),
        "VARCHAR[]",
        evaluate,
    ),
    PythonFunction("athena_py_json_decode", ("BLOB", "VARCHAR"), "VARCHAR", decode),
    PythonFunction("athena_py_json_encode", ("VARCHAR", "VARCHAR"), "BLOB", encode),
    PythonFunction("athena_py_json_array", ("VARCHAR[]", "BOOLEAN"), "VARCHAR", json_array),
    PythonFunction(
        "athena_py_json_object", ("VARCHAR[]", "VARCHAR[]", "BOOLEAN", "BOOLEAN"), "VARCHAR", json_object
    ),
)
