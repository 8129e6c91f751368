"""Regular expression functions: https://trino.io/docs/401/functions/regexp.html.

Patterns are RE2's in DuckDB and Java's in Trino. A pattern that RE2 cannot do (look-around, references,
possessive quantifiers), or a constant one with a group that may take no part (NULL in Trino, empty in RE2) or
that replaces or parts where there is nothing, goes to Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from millpond.athena.sql.functions.signature import Function, Renderer, longest
from millpond.athena.sql.python_functions.function import FunctionFailure
from millpond.athena.sql.python_functions.regexps import compile_java
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.types import VARCHAR
from millpond.athena.sql.value import Value


def _replace(arguments: Sequence[Value]) -> str:
    text, pattern, *rest = arguments
    replacement = rest[0] if rest else Value(quote_text(""), VARCHAR, "")
    python = f"athena_py_regexp_replace({text.sql}, {pattern.sql}, {replacement.sql})"
    groups = _groups(pattern)
    if (
        groups is None
        or _in_python(pattern)
        or _finds_nothing(pattern)
        or replacement.literal is None
        or not _is_plain(replacement.literal, groups)
    ):
        return python
    return f"regexp_replace({text.sql}, {pattern.sql}, {_replacement(replacement.literal)}, 'g')"


def _groups(pattern: Value) -> int | None:
    """How many groups a constant pattern has, None if that is not known."""
    compiled = _compiled(pattern)
    return None if compiled is None else compiled.groups


def _finds_nothing(pattern: Value) -> bool:
    """Whether a constant pattern may match where nothing is: RE2 and Java go on from there otherwise."""
    compiled = _compiled(pattern)
    return compiled is not None and any(
        match.start() == match.end() for sample in ("", "a b\n") for match in compiled.finditer(sample)
    )


def _compiled(pattern: Value) -> re.Pattern[str] | None:
    try:
        return None if pattern.literal is None else compile_java(pattern.literal)
    except FunctionFailure:
        return None


def _is_plain(replacement: str, groups: int) -> bool:
    r"""Whether a replacement has nothing but texts, `\x`, and `$n` of groups that are there."""
    parts = re.sub(r"\\.|\$(\d)(?!\d)", lambda part: "" if int(part[1] or 0) <= groups else "$", replacement)
    return not re.search(r"[$\\]", parts)


def _replacement(literal: str) -> str:
    r"""Java's `$1` as RE2's `\1`."""
    return quote_text(re.sub(r"\\(.)|\$(\d)", _group, literal))


def _group(match: re.Match[str]) -> str:
    if match[2]:
        return f"\\{match[2]}"
    return "\\\\" if match[1] == "\\" else match[1]


_PYTHONS = r"""\(\?(?:=|!|<=|<!|>)|\\[1-9]|\\k<|\\Z|\\h|[*+?}]\+|&&"""
_NOT_IN_RE2 = re.compile(rf"""(?<!\\)(?:\\\\)*(?:{_PYTHONS})""")


def _in_python(pattern: Value, group: Value | None = None) -> bool:
    """Whether RE2 would not do."""
    if pattern.literal is None:
        return False
    if _NOT_IN_RE2.search(pattern.literal):
        return True
    if group is None or group.literal == "0":
        return False
    number = int(group.literal) if group.literal is not None and group.literal.isdigit() else None
    groups = _groups(pattern)
    if number is None or (groups is not None and number > groups):
        return True
    return may_take_no_part(pattern.literal, number)


def may_take_no_part(pattern: str, group: int) -> bool:
    """Whether a match may leave out a group: it stands behind `|`, or something may be there zero times."""
    open_groups: list[tuple[int | None, set[int]]] = [(None, {0})]
    optional: set[int] = set()
    branching: list[bool] = [False]
    count = 0
    for match in re.finditer(
        r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?P<kind>P?<\w+>|[^)]))?|\)(?P<many>[*?]|\{0)?|\|", pattern
    ):
        text = match[0]
        if text.startswith("("):
            number = None
            if not match["kind"] or match["kind"].endswith(">"):
                count += 1
                number = count
            open_groups.append((number, {number} if number else set()))
            branching.append(False)
        elif text.startswith(")") and len(open_groups) > 1:
            number, inside = open_groups.pop()
            if branching.pop():
                optional |= inside - {number}
            if match["many"]:
                optional |= inside
            open_groups[-1][1].update(inside)
        elif text == "|":
            branching[-1] = True
    if branching[0]:
        optional |= open_groups[0][1]
    return group in optional


def _extract(arguments: Sequence[Value]) -> str:
    text, pattern, *rest = arguments
    group = rest[0] if rest else None
    number = f"CAST({group.sql} AS INTEGER)" if group else "0"
    python = f"athena_py_regexp_extract({text.sql}, {pattern.sql}, {number})"
    return _chosen(f"athena_regexp_extract({text.sql}, {pattern.sql}, {number})", python, pattern, group)


def _extract_all(arguments: Sequence[Value]) -> str:
    text, pattern, *rest = arguments
    group = rest[0] if rest else None
    number = f"CAST({group.sql} AS INTEGER)" if group else "0"
    python = f"athena_py_regexp_extract_all({text.sql}, {pattern.sql}, {number})"
    return _chosen(f"regexp_extract_all({text.sql}, {pattern.sql}, {number})", python, pattern, group)


def _chosen(ordinary: str, python: str, pattern: Value, group: Value | None = None) -> str:
    """RE2's way or Python's: for a pattern that is no constant, row by row."""
    if pattern.literal is None:
        if group is not None and group.literal != "0":
            return python
        beyond = f"regexp_matches({pattern.sql}, {quote_text(_PYTHONS)})"
        return f"(CASE WHEN {beyond} THEN {python} ELSE {ordinary} END)"
    return python if _in_python(pattern, group) else ordinary


def _split(arguments: Sequence[Value]) -> str:
    text, pattern = arguments
    python = f"athena_py_regexp_split({text.sql}, {pattern.sql})"
    if pattern.literal is None or _finds_nothing(pattern):
        return python
    return _chosen(f"string_split_regex({text.sql}, {pattern.sql})", python, pattern)


def _either(ordinary: str, python: str) -> Renderer:
    """One template for RE2, one for Python."""

    def render(arguments: Sequence[Value]) -> str:
        values = [value.sql for value in arguments]
        return _chosen(ordinary.format(*values), python.format(*values), arguments[1])

    return render


FUNCTIONS = (
    Function(
        "regexp_count(varchar, varchar) -> bigint",
        _either("len(regexp_extract_all({0}, {1}))", "athena_py_regexp_count({0}, {1})"),
    ),
    Function("regexp_extract(varchar(x), varchar) -> varchar(x)", _extract),
    Function("regexp_extract(varchar(x), varchar, bigint) -> varchar(x)", _extract),
    Function("regexp_extract_all(varchar(x), varchar) -> array(varchar(x))", _extract_all),
    Function("regexp_extract_all(varchar(x), varchar, bigint) -> array(varchar(x))", _extract_all),
    Function(
        "regexp_like(varchar, varchar) -> boolean",
        _either("regexp_matches({0}, {1})", "athena_py_regexp_like({0}, {1})"),
    ),
    Function(
        "regexp_position(varchar, varchar) -> integer",
        _either("athena_regexp_position({0}, {1})", "athena_py_regexp_position({0}, {1}, 1, 1)"),
    ),
    Function(
        "regexp_position(varchar, varchar, bigint) -> integer", "athena_py_regexp_position({0}, {1}, {2}, 1)"
    ),
    Function(
        "regexp_position(varchar, varchar, bigint, bigint) -> integer",
        "athena_py_regexp_position({0}, {1}, {2}, {3})",
    ),
    Function("regexp_replace(varchar(x), varchar) -> varchar(x)", _replace),
    Function(
        "regexp_replace(varchar(x), varchar, varchar(y)) -> varchar",
        _replace,
        result=longest(lambda x, _, y: x + max(x * y // 2, y) * (x + 1)),
    ),
    Function(
        "regexp_split(varchar(x), varchar) -> array(varchar(x))",
        _split,
    ),
)
