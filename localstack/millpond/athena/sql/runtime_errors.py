"""What goes wrong while DuckDB runs, told in Trino's words and with Trino's codes.

The library's macros raise Trino's errors themselves, as `athena!CODE!message` inside a failing cast,
its Python functions with `!end` behind it;
DuckDB's own errors are translated by a table of patterns.
"""

from __future__ import annotations

import re

import duckdb

from millpond.athena.sql.exceptions import SqlError

_RAISED = re.compile(r"athena!(?P<code>[A-Z_]+)!(?P<message>.*?)(?:' to INT32|!end)", re.DOTALL)


class RuntimeSqlError(SqlError):
    """An error of a running query; `code` is set for each."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_INTERNAL = "GENERIC_INTERNAL_ERROR"
_PATTERNS: tuple[tuple[str, str, str], ...] = (
    # what DuckDB says, Trino's code, Trino's words (with the pattern's groups)
    (
        r"memory exhausted at or near|Max expression depth limit|Python exception .*RecursionError",
        "STACK_OVERFLOW",
        "statement is too large (stack overflow during analysis)",
    ),
    (r"Division by zero|division by zero", "DIVISION_BY_ZERO", "Division by zero"),
    (
        r"Overflow in (?P<what>\w+) of (?P<type>\w+) \((?P<operation>[^)]*)\)",
        "NUMERIC_VALUE_OUT_OF_RANGE",
        "{type} {what} overflow: {operation}",
    ),
    (r"Type INT128 with value", "NUMERIC_VALUE_OUT_OF_RANGE", "bigint addition overflow"),
    (r"Out of Range Error: (?P<what>.*)", "NUMERIC_VALUE_OUT_OF_RANGE", "{what}"),
    (
        r"Type \w+ with value (?P<value>\S+) can't be cast .* destination type (?P<type>\w+)",
        "INVALID_CAST_ARGUMENT",
        "Out of range for {type}: {value}",
    ),
    (
        r"Casting value \"(?P<value>.*)\" to type (?P<target>\S+) failed: value is out of range",
        "INVALID_CAST_ARGUMENT",
        "Cannot cast {value} to {target}",
    ),
    (
        r"(?P<target>date|timestamp|time) field value out of range: \"(?P<value>[^\"]*)\"",
        "INVALID_CAST_ARGUMENT",
        "Value cannot be cast to {target}: {value}",
    ),
    (
        r"Failed to cast decimal value (?P<value>\S+) to type (?P<type>\w+)",
        "INVALID_CAST_ARGUMENT",
        "Cannot cast '{value}' to {type}",
    ),
    (
        r"Could not cast value (?P<value>\S+) to (?P<target>\S+)",
        "INVALID_CAST_ARGUMENT",
        "Cannot cast '{value}' to {target}",
    ),
    (
        r"Could not convert string ['\"](?P<value>.*)['\"] to (?P<target>\S+)",
        "INVALID_CAST_ARGUMENT",
        "Cannot cast '{value}' to {target}",
    ),
    (
        r"invalid (?P<target>\w+) field format: \"(?P<value>[^\"]*)\"",
        "INVALID_CAST_ARGUMENT",
        "Value cannot be cast to {target}: {value}",
    ),
    (
        r"Malformed JSON|is not valid JSON|Failed to cast value to JSON|ValueError: -?(?:Infinity|NaN)",
        "INVALID_FUNCTION_ARGUMENT",
        "Cannot convert value to JSON",
    ),
    (
        r"More than one row returned by a subquery",
        "SUBQUERY_MULTIPLE_ROWS",
        "Scalar sub-query has returned multiple rows",
    ),
    (
        r"Cannot perform non-inner join on subquery",
        "NOT_SUPPORTED",
        "an outer join ON a condition with a query",
    ),
    (r"Duplicate struct entry name", "NOT_SUPPORTED", "a row with two fields of one name"),
    (r"QUANTILE can only take", "INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1"),
    (r"Map keys must be unique", "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed"),
    (r"Map keys can not be NULL", "INVALID_FUNCTION_ARGUMENT", "map key cannot be null"),
    (r"Unknown TimeZone '(?P<zone>[^']*)'", "INVALID_FUNCTION_ARGUMENT", "'{zone}' is not a valid time zone"),
    (
        r"Could not parse string \"(?P<value>[^\"\x1f]*)",
        "INVALID_FUNCTION_ARGUMENT",
        'Invalid format: "{value}"',
    ),
    (
        r"Date out of range: (?P<value>\S+)",
        "INVALID_FUNCTION_ARGUMENT",
        'Cannot parse "{value}": the day is not in the month',
    ),
    (
        r"(?:no argument|invalid) (?:for|perl|escape|character)|missing [\])]|missing argument"
        r"|unexpected \)|trailing \\|bad repetition|repetition operator|pattern too large",
        "INVALID_FUNCTION_ARGUMENT",
        "Invalid regular expression",
    ),
    (r"Out of Memory Error", "EXCEEDED_LOCAL_MEMORY_LIMIT", "Query exceeded per-node memory limit"),
)
_TYPES = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "bigint"}
_COMPILED = tuple((re.compile(pattern, re.DOTALL), code, words) for pattern, code, words in _PATTERNS)


_BEHIND_THE_MESSAGE = re.compile(r"\n+(?:LINE \d+:|Candidate|Did you mean)")
"""What DuckDB adds to its message: where in its own SQL, and what it would have taken."""


def translate_error(error: duckdb.Error) -> SqlError:
    """Athena's error for one of DuckDB's."""
    text = str(error)
    raised = _RAISED.search(text)
    if raised:
        return RuntimeSqlError(raised["code"], raised["message"])
    first = _BEHIND_THE_MESSAGE.split(text, maxsplit=1)[0]
    for pattern, code, words in _COMPILED:
        found = pattern.search(first)
        if found:
            groups = {name: value or "" for name, value in found.groupdict().items()}
            groups["type"] = _TYPES.get(groups.get("type", ""), groups.get("type", "").lower())
            return RuntimeSqlError(code, words.format(**groups))
    return RuntimeSqlError(_INTERNAL, first)
