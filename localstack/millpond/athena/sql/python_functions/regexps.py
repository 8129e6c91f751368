r"""Regular expressions where RE2 does not do: look-around, references, groups that took no part, lambdas.

Java's syntax is read by Python's `re`, which knows nearly all of it; what it does not know (`\p{…}`, classes
that intersect) is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_OTHERWISE = re.compile(r"\\(?:[pPXRGE]|Q(?P<quoted>.*?)(?:\\E|$)|k<(?P<name>\w+)>|(?P<other>.))"
                        r"|\(\?<(?=[A-Za-z])|&&",
                        re.DOTALL)  # fmt: skip
_SPACES = {
    "h": r"[ \t\xA0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000]",
    "z": r"\Z",
    "Z": r"(?=\n?\Z)",
    "e": r"\x1b",
}


@lru_cache(maxsize=256)
def compile_java(pattern: str) -> re.Pattern[str]:
    """A pattern of Java's as one of Python's."""

    def translated(match: re.Match[str]) -> str:
        if match["quoted"] is not None:
            return re.escape(match["quoted"])
        if match["name"]:
            return f"(?P={match['name']})"
        if match["other"]:
            return _SPACES.get(match["other"], match[0])
        if match[0] == "(?<":
            return "(?P<"
        raise FunctionFailure(f"{match[0]} in a regular expression is not supported here", "NOT_SUPPORTED")

    try:
        return re.compile(_OTHERWISE.sub(translated, pattern), re.ASCII if "(?i" not in pattern else 0)
    except re.error as error:
        raise FunctionFailure(f"Invalid regular expression: {error}") from error


def like(text: str, pattern: str) -> bool:
    """Whether a text has a match in it."""
    return compile_java(pattern).search(text) is not None


def count(text: str, pattern: str) -> int:
    """How many matches a text has."""
    return sum(1 for _ in compile_java(pattern).finditer(text))


def extract(text: str, pattern: str, group: int) -> str | None:
    """A group of the first match; None if it took no part."""
    compiled = _with_group(pattern, group)
    match = compiled.search(text)
    return None if match is None else match[group]


def extract_all(text: str, pattern: str, group: int) -> list[str | None]:
    """A group of each match."""
    return [match[group] for match in _with_group(pattern, group).finditer(text)]


def _with_group(pattern: str, group: int) -> re.Pattern[str]:
    compiled = compile_java(pattern)
    if group < 0:
        raise FunctionFailure("Group cannot be negative")
    if group > compiled.groups:
        raise FunctionFailure(f"Pattern has {compiled.groups} groups. Cannot access group {group}")
    return compiled


def position(text: str, pattern: str, start: int, occurrence: int) -> int:
    """Where the nth match begins, from 1; -1 if there is none."""
    if start < 1:
        raise FunctionFailure("start position cannot be smaller than 1")
    if occurrence < 1:
        raise FunctionFailure("occurrence cannot be smaller than 1")
    for number, match in enumerate(compile_java(pattern).finditer(text, start - 1), 1):
        if number == occurrence:
            return match.start() + 1
    return -1


def replace(text: str, pattern: str, replacement: str) -> str:
    r"""Each match replaced; `$1` and `${name}` are groups, `\$` is a dollar sign."""
    compiled = compile_java(pattern)

    def filled(match: re.Match[str]) -> str:
        def piece(part: re.Match[str]) -> str:
            if part["literal"] is not None:
                return part["literal"]
            try:
                if part["name"]:
                    return match[part["name"]] or ""
                if part["number"]:
                    return _numbered(match, part["number"])
            except IndexError:
                raise FunctionFailure(f"Illegal replacement sequence: unknown group {part[0]}") from None
            raise FunctionFailure("Illegal replacement sequence")

        return re.sub(r"\\(?P<literal>.)|\$\{(?P<name>\w+)\}|\$(?P<number>\d+)|[$\\]", piece, replacement)

    return compiled.sub(filled, text)


def _numbered(match: re.Match[str], digits: str) -> str:
    """`$12` is group 12 if there is one, else group 1 and the digit 2."""
    end = 1
    while end < len(digits) and int(digits[: end + 1]) <= match.re.groups:
        end += 1
    return (match[int(digits[:end])] or "") + digits[end:]


def split(text: str, pattern: str) -> list[str]:
    """What lies between matches."""
    pieces, at = [], 0
    for match in compile_java(pattern).finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
    return [*pieces, text[at:]]


def matches(text: str, pattern: str) -> list[dict[str, Any]]:
    """Each match's groups, with the text between it and the one before."""
    found, at = [], 0
    for match in compile_java(pattern).finditer(text):
        found.append({"before": text[at : match.start()], "parts": list(match.groups())})
        at = match.end()
    return found


def rest(text: str, pattern: str) -> str:
    """The text after the last match."""
    at = 0
    for match in compile_java(pattern).finditer(text):
        at = match.end()
    return text[at:]


_TWO = ("VARCHAR", "VARCHAR")

FUNCTIONS = (
    PythonFunction("athena_py_regexp_like", _TWO, "BOOLEAN", like),
    PythonFunction("athena_py_regexp_count", _TWO, "BIGINT", count),
    PythonFunction("athena_py_regexp_extract", (*_TWO, "BIGINT"), "VARCHAR", extract),
    PythonFunction("athena_py_regexp_extract_all", (*_TWO, "BIGINT"), "VARCHAR[]", extract_all),
    PythonFunction("athena_py_regexp_position", (*_TWO, "BIGINT", "BIGINT"), "INTEGER", position),
    PythonFunction("athena_py_regexp_replace", (*_TWO, "VARCHAR"), "VARCHAR", replace),
    PythonFunction("athena_py_regexp_split", _TWO, "VARCHAR[]", split),
    PythonFunction(
        "athena_py_regexp_matches", _TWO, 'STRUCT("before" VARCHAR, "parts" VARCHAR[])[]', matches
    ),
    PythonFunction("athena_py_regexp_rest", _TWO, "VARCHAR", rest),
)
