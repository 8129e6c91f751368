"""`date_format` and `date_parse` (MySQL's patterns), `format_datetime` and `parse_datetime` (Joda's).

The pattern has to be a constant: it is translated to DuckDB's when the query is planned.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.exceptions import FunctionNotFound, InvalidFunctionArgument, NotSupported
from millpond.athena.sql.literals import constant_text, local_time
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import TIMESTAMP, TIMESTAMP_WITH_TIME_ZONE, VARCHAR
from millpond.athena.sql.value import Value, convert, quote_text

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer

_NAMES = (syntax.Identifier, syntax.Dereference, syntax.Literal)
_MYSQL = {
    "a": "%a", "b": "%b", "c": "%-m", "d": "%d", "e": "%-d", "f": "%f", "H": "%H", "h": "%I", "I": "%I",
    "i": "%M", "j": "%j", "k": "%-H", "l": "%-I", "M": "%B", "m": "%m", "p": "%p", "r": "%I:%M:%S %p",
    "S": "%S", "s": "%S", "T": "%H:%M:%S", "v": "%V", "W": "%A", "x": "%G", "Y": "%Y", "y": "%y", "%": "%%",
}  # fmt: skip
_JODA = {
    "yyyy": "%Y", "YYYY": "%Y", "y": "%Y", "yy": "%y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B",
    "dd": "%d", "d": "%-d", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M",
    "ss": "%S", "s": "%-S", "SSS": "%g", "SSSSSS": "%f", "a": "%p", "E": "%a", "EEE": "%a", "EEEE": "%A",
    "DDD": "%j", "xxxx": "%G", "ww": "%V",
}  # fmt: skip


def date_format(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`date_format(timestamp, '%Y-%m-%d')`."""
    return _formatted(analyzer, node, mysql_pattern)


def date_parse(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`date_parse(text, '%Y-%m-%d')`."""
    text, pattern = _arguments(analyzer, node)
    if text.type.name not in ("varchar", "char", "unknown"):
        raise _unexpected(node, text, pattern)
    if pattern.literal is None:
        return Value(f"CAST(athena_py_date_parse({text.sql}, {pattern.sql}) AS TIMESTAMP)", TIMESTAMP)
    format_ = mysql_pattern(pattern.literal, node.position)
    arguments = f"({text.sql}, {quote_text(format_)})"
    # Where the text is a column, nothing but the parsing can fail.
    safe = f"try_strptime{arguments}" if isinstance(node.arguments[0], _NAMES) else None
    return Value(f"strptime{arguments}", TIMESTAMP, safe_sql=safe)


def format_datetime(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`format_datetime(timestamp, 'yyyy-MM-dd')`."""
    return _formatted(analyzer, node, joda_pattern)


def parse_datetime(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`parse_datetime(text, 'yyyy-MM-dd')`: in UTC, since a pattern with a zone is not supported."""
    text, pattern = _arguments(analyzer, node)
    if text.type.name not in ("varchar", "char", "unknown"):
        raise _unexpected(node, text, pattern)
    format_ = joda_pattern(constant_text(pattern, "a date format", node.position), node.position)
    return Value(f"timezone('UTC', strptime({text.sql}, {quote_text(format_)}))", TIMESTAMP_WITH_TIME_ZONE)


def mysql_pattern(pattern: str, position: Position) -> str:
    """A pattern of MySQL's as DuckDB's."""

    def specifier(match: re.Match[str]) -> str:
        letter = match[1]
        if letter in "DUuVwX":
            raise InvalidFunctionArgument.at(position, f"%{letter} not supported in date format string")
        # An unknown letter stands for itself.
        return _MYSQL.get(letter, letter)

    return re.sub(r"%(.)", specifier, pattern, flags=re.DOTALL)


def joda_pattern(pattern: str, position: Position) -> str:
    """A pattern of Joda's as DuckDB's."""

    def piece(match: re.Match[str]) -> str:
        if match["quoted"] is not None:
            return (match["quoted"].replace("''", "'") or "'").replace("%", "%%")
        if match["letters"]:
            if match["letters"] not in _JODA:
                raise NotSupported.at(position, f"the date format {match['letters']}")
            return _JODA[match["letters"]]
        return match[0].replace("%", "%%")

    return re.sub(r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|.", piece, pattern, flags=re.DOTALL)


def _formatted(
    analyzer: ExpressionAnalyzer, node: syntax.FunctionCall, translate: Callable[[str, Position], str]
) -> Value:
    value, pattern = _arguments(analyzer, node)
    if value.type.name not in ("date", "timestamp", "timestamp with time zone"):
        raise _unexpected(node, value, pattern)
    format_ = translate(constant_text(pattern, "a date format", node.position), node.position)
    local = (
        local_time(value) if value.type.name == "timestamp with time zone" else convert(value, TIMESTAMP).sql
    )
    return Value(f"strftime({local}, {quote_text(format_)})", VARCHAR)


def _arguments(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> tuple[Value, Value]:
    if len(node.arguments) != 2:
        raise FunctionNotFound.at(node.position, f"Unexpected parameters for function {node.name}")
    return analyzer.analyze(node.arguments[0]), analyzer.analyze(node.arguments[1])


def _unexpected(node: syntax.FunctionCall, first: Value, second: Value) -> FunctionNotFound:
    return FunctionNotFound.at(
        node.position,
        f"Unexpected parameters ({first.type.trino}, {second.type.trino}) for function {node.name}",
    )
