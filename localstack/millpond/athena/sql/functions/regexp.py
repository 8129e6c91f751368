"""Regular expression functions: https://trino.io/docs/401/functions/regexp.html.

Patterns are RE2's here and Java's there: what RE2 has not (look-around, back-references) fails when
the query runs, it never matches otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.value import Value, quote_text


def _replace(arguments: Sequence[Value]) -> str:
    text, pattern, *rest = arguments
    if not rest:
        return f"regexp_replace({text.sql}, {pattern.sql}, '', 'g')"
    return f"regexp_replace({text.sql}, {pattern.sql}, {_replacement(rest[0])}, 'g')"


def _replacement(value: Value) -> str:
    r"""Java's `$1` as RE2's `\1`."""
    if value.literal is None:
        return f"regexp_replace(replace({value.sql}, '\\', '\\\\'), '\\$([0-9])', '\\\\\\1', 'g')"
    text = re.sub(r"\\(.)|\$(\d)|\$\{\w+\}|(\\)", _group, value.literal)
    return quote_text(text)


def _group(match: re.Match[str]) -> str:
    if match[2]:
        return f"\\{match[2]}"
    if match[1]:
        return "\\\\" if match[1] == "\\" else match[1]
    return match[0]


FUNCTIONS = (
    Function("regexp_count(varchar, varchar) -> bigint", "len(regexp_extract_all({0}, {1}))"),
    Function("regexp_extract(varchar(x), varchar) -> varchar(x)", "athena_regexp_extract({0}, {1}, 0)"),
    Function(
        "regexp_extract(varchar(x), varchar, bigint) -> varchar(x)",
        "athena_regexp_extract({0}, {1}, CAST({2} AS INTEGER))",
    ),
    Function("regexp_extract_all(varchar, varchar) -> array(varchar)", "regexp_extract_all({0}, {1})"),
    Function(
        "regexp_extract_all(varchar, varchar, bigint) -> array(varchar)",
        "regexp_extract_all({0}, {1}, CAST({2} AS INTEGER))",
    ),
    Function("regexp_like(varchar, varchar) -> boolean", "regexp_matches({0}, {1})"),
    Function("regexp_position(varchar, varchar) -> integer", "athena_regexp_position({0}, {1})"),
    Function("regexp_replace(varchar, varchar) -> varchar", _replace),
    Function("regexp_replace(varchar, varchar, varchar) -> varchar", _replace),
    Function("regexp_split(varchar, varchar) -> array(varchar)", "string_split_regex({0}, {1})"),
)
