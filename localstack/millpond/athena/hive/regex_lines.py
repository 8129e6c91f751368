"""RegexSerDe: the groups of a regular expression over each line are the columns.

https://docs.aws.amazon.com/athena/latest/ug/apache.html
"""

from __future__ import annotations

import duckdb

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.hive.lines import read_lines
from millpond.athena.hive.source import FileSet
from millpond.athena.hive.text_syntax import text_value
from millpond.athena.hive.timestamps import TimestampFormats
from millpond.athena.sql.functions.regexp import may_take_no_part
from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction
from millpond.athena.sql.python_functions.regexps import compile_java


def read_regex(context: QueryContext, files: FileSet) -> str:
    """A line that the expression does not match as a whole gives NULLs, as does a group without a part.

    Raises:
        HiveMetastoreError: The table has no `input.regex`, or one with too few groups.
    """
    pattern = files.serde_parameters.get("input.regex")
    if not pattern:
        raise HiveMetastoreError("RegexSerDe needs the property 'input.regex'")
    if files.serde_parameters.get("input.regex.case.insensitive", "").lower() == "true":
        pattern = f"(?i){pattern}"
    try:
        groups = compile_java(pattern).groups
    except FunctionFailure:
        raise HiveMetastoreError(f"'input.regex' is no regular expression: {pattern}") from None
    if groups < len(files.declared):
        raise HiveMetastoreError(
            f"'input.regex' has {groups} groups for {len(files.declared)} columns of the table"
        )
    timestamps = TimestampFormats.of(files.text_parameters)
    positions = {column.name: i for i, column in enumerate(files.declared, start=1)}
    columns = "".join(
        f"{text_value(f'fields[{positions[c.name]}]', c.type, timestamps)} AS {identifier(c.name)}, "
        for c in files.columns
    )
    fields, lines = _fields(context, pattern, groups), read_lines(context, files)
    return f'SELECT {columns}"$file" FROM (SELECT {fields} AS fields, "$file" FROM ({lines}))'


def _fields(context: QueryContext, pattern: str, groups: int) -> str:
    """DuckDB's expression for the list of a line's groups; NULL if it does not match."""
    text = literal(pattern)
    if not _is_of_re2(context, pattern) or any(may_take_no_part(pattern, n) for n in range(1, groups + 1)):
        context.session.define((_GROUPS,))
        return f"hive_regex_groups(line, {text})"
    names = ", ".join(literal(f"f{i}") for i in range(1, groups + 1))
    values = ", ".join(f"found.f{i}" for i in range(1, groups + 1))
    # The first match that extraction finds would not always be that of the whole line.
    found = f"regexp_extract(line, {literal(f'^(?:{pattern})$')}, [{names}])"
    listed = f"list_transform([{found}], lambda found: [{values}])[1]"
    return f"CASE WHEN regexp_full_match(line, {text}) THEN {listed} END"


def _is_of_re2(context: QueryContext, pattern: str) -> bool:
    try:
        context.session.rows(f"SELECT regexp_full_match('', {literal(pattern)})")
    except duckdb.Error:
        return False
    return True


def _groups_of(line: str, pattern: str) -> list[str | None] | None:
    match = compile_java(pattern).fullmatch(line)
    return None if match is None else list(match.groups())


_GROUPS = PythonFunction("hive_regex_groups", ("VARCHAR", "VARCHAR"), "VARCHAR[]", _groups_of)
