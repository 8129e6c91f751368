"""Teradata functions: https://trino.io/docs/401/functions/teradata.html."""

from __future__ import annotations

import re
from collections.abc import Sequence

from millpond.athena.sql.exceptions import InvalidFunctionArgument, NotSupported
from millpond.athena.sql.functions.signature import Function
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.value import Value, local_time

_WORDS = {
    "yyyy": "%Y",
    "hh24": "%H",
    "yy": "%y",
    "mm": "%m",
    "mi": "%M",
    "dd": "%d",
    "hh": "%I",
    "ss": "%S",
}


def _to_char(arguments: Sequence[Value]) -> str:
    value, pattern = arguments
    if pattern.literal is None:
        raise NotSupported("to_char with a format that is no constant is not supported here")
    rest = re.sub("|".join(_WORDS), "", pattern.literal)
    if re.search("[A-Za-z]", rest):
        raise InvalidFunctionArgument(f"Failed to tokenize string [{pattern.literal}]")
    text = pattern.literal.replace("%", "%%")
    format_ = re.sub("|".join(_WORDS), lambda match: _WORDS[match[0]], text)
    return f"strftime({local_time(value)}, {quote_text(format_)})"


FUNCTIONS = (
    Function("char2hexint(varchar) -> varchar", "athena_py_char2hexint({0})"),
    Function("index(varchar, varchar) -> bigint", "strpos({0}, {1})"),
    Function("to_char(timestamp(p) with time zone, varchar) -> varchar", _to_char),
    Function(
        "to_timestamp(varchar, varchar) -> timestamp(3)",
        "CAST(athena_py_teradata_parse({0}, {1}) AS TIMESTAMP)",
    ),
    Function("to_date(varchar, varchar) -> date", "CAST(athena_py_teradata_parse({0}, {1}) AS DATE)"),
)
