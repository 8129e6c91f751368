"""`date_format` and `date_parse` (MySQL's patterns), `format_datetime` and `parse_datetime` (Joda's).

A pattern that is a constant is translated to DuckDB's when the query is planned; Python follows another.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.date_patterns import (
    DatePatternError,
    JodaPiece,
    joda_pattern,
    joda_pieces,
    mysql_pattern,
)
from millpond.athena.sql.exceptions import FunctionNotFound, InvalidFunctionArgument, NotSupported
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import TIMESTAMP, TIMESTAMP_WITH_TIME_ZONE, VARCHAR
from millpond.athena.sql.value import Value, convert, local_time
from millpond.athena.sql.zones import Zone, zone_name_sql

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer

_NAMES = (syntax.Identifier, syntax.Dereference, syntax.Literal)


def date_format(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`date_format(timestamp, '%Y-%m-%d')`."""
    return _formatted(analyzer, node, mysql_pattern, "athena_py_date_format")


def date_parse(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`date_parse(text, '%Y-%m-%d')`."""
    text, pattern = _arguments(analyzer, node)
    if text.type.name not in ("varchar", "char", "unknown"):
        raise _unexpected(node, text, pattern)
    if pattern.literal is None:
        return Value(f"CAST(athena_py_date_parse({text.sql}, {pattern.sql}) AS TIMESTAMP)", TIMESTAMP)
    # Where the text is a column, nothing but the parsing can fail.
    is_safe = isinstance(node.arguments[0], _NAMES)
    strict, safe = (
        _parsed(name, text.sql, pattern.literal, node.position) for name in ("strptime", "try_strptime")
    )
    return Value(strict, TIMESTAMP, safe_sql=safe if is_safe else None)


def _parsed(function: str, text: str, pattern: str, position: Position) -> str:
    """A text read by a pattern of MySQL's, where DuckDB's `strptime` understands some of it otherwise."""
    format_ = _translated(mysql_pattern, pattern, position)
    letters = set(re.findall(r"%(.)", pattern, re.DOTALL))
    if not letters & set("Yyx"):
        # A text without a year is one of 1970; DuckDB's year would be 1900.
        text, format_ = f"({text} || e'\\x1f1970')", f"{format_}\x1f%Y"
    moment = f"{function}({text}, {quote_text(format_)})"
    if "f" in letters:
        # Up to nine digits, and no more than milliseconds of them are kept.
        longer = quote_text(format_.replace("%f", "%n"))
        moment = (
            f"coalesce(try_strptime({text}, {quote_text(format_)}), "
            f"CAST({function}({text}, {longer}) AS TIMESTAMP))"
        )
        moment = f"time_bucket(to_microseconds(1000), {moment})"
    if letters & set("hIl") and not letters & set("pr"):
        moment = f"athena_noon_is_midnight({moment})"
    if "y" in letters:
        moment = f"athena_from_1970_to_2069({moment})"
    return moment


def format_datetime(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`format_datetime(timestamp, 'yyyy-MM-dd')`."""
    value, pattern = _arguments(analyzer, node)
    pieces = joda_pieces(pattern.literal) if pattern.literal is not None else ()
    if all(not piece.letters for piece in pieces):
        return _formatted(analyzer, node, joda_pattern, "athena_py_format_datetime")
    if value.type.name not in ("date", "timestamp", "timestamp with time zone"):
        raise _unexpected(node, value, pattern)
    return Value(f"({' || '.join(_piece_text(value, piece, node.position) for piece in pieces)})", VARCHAR)


def _piece_text(value: Value, piece: JodaPiece, position: Position) -> str:
    """What a part of a pattern of Joda's makes of a moment."""
    is_zoned = value.type.name == "timestamp with time zone"
    local = local_time(value) if is_zoned else convert(value, TIMESTAMP).sql
    if not piece.letters:
        return f"strftime({local}, {quote_text(piece.text)})"
    if piece.letters[0] in "Zz":
        if not is_zoned:
            raise InvalidFunctionArgument.at(
                position,
                "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not "
                "contain TZ information",
            )
        offset = f"athena_offset_text(date_diff('minute', timezone('UTC', {value.sql}), {local}))"
        if piece.letters == "Z":
            return f"replace({offset}, ':', '')"
        if piece.letters == "ZZ":
            return offset
        if piece.letters[0] == "Z" or value.zone is None:
            return zone_name_sql(value.zone)
    if piece.letters.strip("S") == "":
        digits = len(piece.letters)
        return f"rpad(left(strftime({local}, '%n'), {digits}), {digits}, '0')"
    if piece.letters in _NUMBERS:
        return f"CAST(date_part('{_NUMBERS[piece.letters]}', {local}) AS VARCHAR)"
    raise NotSupported.at(position, f"The date format {piece.letters} is not supported here")


_NUMBERS = {"e": "isodow", "w": "week", "D": "doy"}


def parse_datetime(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`parse_datetime(text, 'yyyy-MM-dd')`: in the zone that the text names, UTC if it names none."""
    text, pattern = _arguments(analyzer, node)
    if text.type.name not in ("varchar", "char", "unknown"):
        raise _unexpected(node, text, pattern)
    if pattern.literal is not None and any(p.letters[:1] == "Z" for p in joda_pieces(pattern.literal)):
        parsed = f"athena_py_parse_zoned_datetime({text.sql}, {pattern.sql})"
        zone = Zone(f"split_part({parsed}, ' ', 3)")
        instant = f"athena_instant(CAST(left({parsed}, 26) AS TIMESTAMP), {zone.sql})"
        return Value(instant, TIMESTAMP_WITH_TIME_ZONE, zone=zone)
    if pattern.literal is None:
        moment = f"CAST(athena_py_parse_datetime({text.sql}, {pattern.sql}) AS TIMESTAMP)"
    else:
        format_ = _translated(joda_pattern, pattern.literal, node.position)
        moment = f"strptime({text.sql}, {quote_text(format_)})"
    return Value(f"timezone('UTC', {moment})", TIMESTAMP_WITH_TIME_ZONE)


def _formatted(
    analyzer: ExpressionAnalyzer, node: syntax.FunctionCall, translate: Callable[[str], str], python: str
) -> Value:
    value, pattern = _arguments(analyzer, node)
    if value.type.name not in ("date", "timestamp", "timestamp with time zone"):
        raise _unexpected(node, value, pattern)
    local = (
        local_time(value) if value.type.name == "timestamp with time zone" else convert(value, TIMESTAMP).sql
    )
    if pattern.literal is None:
        if pattern.type.name not in ("varchar", "char", "unknown"):
            raise _unexpected(node, value, pattern)
        return Value(f"{python}(epoch_us({local}), CAST({pattern.sql} AS VARCHAR))", VARCHAR)
    format_ = _translated(translate, pattern.literal, node.position)
    return Value(f"strftime({local}, {quote_text(format_)})", VARCHAR)


def _translated(translate: Callable[[str], str], pattern: str, position: Position) -> str:
    if not pattern:
        raise InvalidFunctionArgument.at(position, "Both printing and parsing not supported")
    try:
        return translate(pattern)
    except DatePatternError as error:
        kind = NotSupported if error.is_missing else InvalidFunctionArgument
        raise kind.at(position, str(error)) from error


def _arguments(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> tuple[Value, Value]:
    if len(node.arguments) != 2:
        raise FunctionNotFound.at(node.position, f"Unexpected parameters for function {node.name}")
    return analyzer.analyze(node.arguments[0]), analyzer.analyze(node.arguments[1])


def _unexpected(node: syntax.FunctionCall, first: Value, second: Value) -> FunctionNotFound:
    return FunctionNotFound.at(
        node.position,
        f"Unexpected parameters ({first.type.trino}, {second.type.trino}) for function {node.name}",
    )
