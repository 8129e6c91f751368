"""Regular expression functions: https://trino.io/docs/401/functions/regexp.html.

Patterns are RE2's in DuckDB and Java's in Trino. A constant pattern that RE2 cannot do (look-around,
references, possessive quantifiers), or with a group that may take no part (NULL in Trino, empty in RE2),
goes to Python. A pattern that is no constant is RE2's: what it has not fails when the query runs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from millpond.athena.sql.functions.signature import Function, Renderer
from millpond.athena.sql.value import Value, quote_text


def _replace(arguments: Sequence[Value]) -> str:
    text, pattern, *rest = arguments
    if _in_python(pattern) or (rest and "${" in (rest[0].literal or "")):
        return (
            f"athena_py_regexp_replace({text.sql}, {pattern.sql}, {rest[0].sql if rest else quote_text('')})"
        )
    if not rest:
        return f"regexp_replace({text.sql}, {pattern.sql}, '', 'g')"
    return f"regexp_replace({text.sql}, {pattern.sql}, {_replacement(rest[0])}, 'g')"


def _replacement(value: Value) -> str:
    r"""Java's `$1` as RE2's `\1`."""
    if value.literal is None:
        return f"regexp_replace(replace({value.sql}, '\\', '\\\\'), '\\$([0-9])', '\\\\\\1', 'g')"
    text = re.sub(r"\\(.)|\$(\d)|(\\)", _group, value.literal)
    return quote_text(text)


def _group(match: re.Match[str]) -> str:
    if match[2]:
        return f"\\{match[2]}"
    if match[1]:
        return "\\\\" if match[1] == "\\" else match[1]
    return match[0]


_NOT_IN_RE2 = re.compile(r"""(?<!\\)(?:\\\\)*(?:\(\?(?:=|!|<=|<!|>)|\\[1-9]|\\k<|\\Z|\\h|[*+?}]\+|&&)""")


def _in_python(pattern: Value, group: Value | None = None) -> bool:
    """Whether RE2 would not do."""
    if pattern.literal is None:
        return False
    if _NOT_IN_RE2.search(pattern.literal):
        return True
    if group is None or group.literal == "0":
        return False
    number = int(group.literal) if group.literal is not None and group.literal.isdigit() else None
    return number is None or may_take_no_part(pattern.literal, number)


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
    if _in_python(pattern, group):
        return f"athena_py_regexp_extract({text.sql}, {pattern.sql}, {number})"
    return f"athena_regexp_extract({text.sql}, {pattern.sql}, {number})"


def _extract_all(arguments: Sequence[Value]) -> str:
    text, pattern, *rest = arguments
    group = rest[0] if rest else None
    number = f"CAST({group.sql} AS INTEGER)" if group else "0"
    if _in_python(pattern, group):
        return f"athena_py_regexp_extract_all({text.sql}, {pattern.sql}, {number})"
    return f"regexp_extract_all({text.sql}, {pattern.sql}, {number})"


def _either(ordinary: str, python: str) -> Renderer:
    """One template for RE2, one for Python."""

    def render(arguments: Sequence[Value]) -> str:
        template = python if _in_python(arguments[1]) else ordinary
        return template.format(*(value.sql for value in arguments))

    return render


FUNCTIONS = (
    Function(
        "regexp_count(varchar, varchar) -> bigint",
        _either("len(regexp_extract_all({0}, {1}))", "athena_py_regexp_count({0}, {1})"),
    ),
    Function("regexp_extract(varchar(x), varchar) -> varchar(x)", _extract),
    Function("regexp_extract(varchar(x), varchar, bigint) -> varchar(x)", _extract),
    Function("regexp_extract_all(varchar, varchar) -> array(varchar)", _extract_all),
    Function("regexp_extract_all(varchar, varchar, bigint) -> array(varchar)", _extract_all),
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
    Function("regexp_replace(varchar, varchar) -> varchar", _replace),
    Function("regexp_replace(varchar, varchar, varchar) -> varchar", _replace),
    Function(
        "regexp_split(varchar, varchar) -> array(varchar)",
        _either("string_split_regex({0}, {1})", "athena_py_regexp_split({0}, {1})"),
    ),
)
