"""RegexSerDe: the groups of a regular expression over each line are the columns.

https://docs.aws.amazon.com/athena/latest/ug/apache.html
"""

from __future__ import annotations

import re

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.hive.lines import read_lines
from millpond.athena.hive.source import FileSet
from millpond.athena.hive.text_syntax import text_value


def read_regex(context: QueryContext, files: FileSet) -> str:
    """A line that the expression does not match as a whole gives NULLs.

    Raises:
        HiveMetastoreError: The table has no `input.regex`, or one with too few groups.
    """
    pattern = files.serde_parameters.get("input.regex")
    if not pattern:
        raise HiveMetastoreError("RegexSerDe needs the property 'input.regex'")
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise HiveMetastoreError(f"'input.regex' is no regular expression: {error}") from None
    if groups < len(files.declared):
        raise HiveMetastoreError(
            f"'input.regex' has {groups} groups for {len(files.declared)} columns of the table"
        )
    options = ", 'i'" if files.serde_parameters.get("input.regex.case.insensitive") == "true" else ""
    positions = {column.name: i for i, column in enumerate(files.declared, start=1)}
    columns = "".join(
        f"{text_value(f'fields[{positions[c.name]}]', c.type)} AS {identifier(c.name)}, "
        for c in files.columns
    )
    names = ", ".join(literal(f"f{i}") for i in range(1, groups + 1))
    struct = f"regexp_extract(line, {literal(pattern)}, [{names}]{options})"
    values = ", ".join(f"found.f{i}" for i in range(1, groups + 1))
    match = f"regexp_full_match(line, {literal(pattern)}{options})"
    return (
        f'SELECT {columns}"$file" FROM (SELECT CASE WHEN matches THEN [{values}] END AS fields, "$file" '
        f'FROM (SELECT {match} AS matches, {struct} AS found, "$file" FROM ({read_lines(context, files)})))'
    )
