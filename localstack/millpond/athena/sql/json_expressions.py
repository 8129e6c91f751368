"""JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_ARRAY and JSON_OBJECT as SQL.

A path's items come from Python as a list of JSON texts, NULL where the path fails; ON EMPTY, ON ERROR,
wrappers and conversions are SQL around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.casts import can_cast, cast
from millpond.athena.sql.exceptions import InvalidPath, TypeMismatch
from millpond.athena.sql.json_casts import to_json
from millpond.athena.sql.python_functions.json_path import JsonPathSyntaxError, parse_path
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.types import BOOLEAN, VARBINARY, VARCHAR, SqlType
from millpond.athena.sql.value import Value

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer

_TEXTS = ("varchar", "char", "json", "unknown")


def path_call(analyzer: ExpressionAnalyzer, node: syntax.JsonPathCall) -> Value:
    """One of the three functions that follow a path."""
    try:
        parse_path(node.path)
    except JsonPathSyntaxError as error:
        raise InvalidPath.at(node.position, str(error)) from error
    text = _json_text(analyzer, node.input, node.position)
    names = ", ".join(quote_text(argument.name) for argument in node.passing)
    values = ", ".join(_json_item(analyzer, argument.value, node.position) for argument in node.passing)
    items = (
        f"athena_py_json_path({text}, {quote_text(node.path)}, "
        f"CAST([{names}] AS VARCHAR[]), CAST([{values}] AS VARCHAR[]))"
    )
    found = analyzer.parameter_name(0)
    value = _RESULTS[node.name](analyzer, node, found)
    # The list is bound to a name, so that the path is followed once.
    sql = f"list_transform([{items}], lambda {found}: {value.sql})[1]"
    return Value(f"(CASE WHEN {text} IS NOT NULL THEN {sql} END)", value.type)


def constructor(analyzer: ExpressionAnalyzer, node: syntax.JsonConstructor) -> Value:
    """JSON_ARRAY or JSON_OBJECT."""
    items = _list([_json_item(analyzer, item, node.position) for item in node.items])
    absent = str(node.absent).lower()
    if node.name == "json_array":
        return _returned(f"athena_py_json_array({items}, {absent})", node, node.encoding)
    keys = []
    for key in map(analyzer.analyze, node.keys):
        if key.type.name not in ("varchar", "char", "unknown"):
            raise TypeMismatch.at(node.position, f"Invalid type of JSON object key: {key.type.trino}")
        keys.append(f"CAST({key.sql} AS VARCHAR)")
    unique = str(node.unique).lower()
    return _returned(
        f"athena_py_json_object({_list(keys)}, {items}, {absent}, {unique})", node, node.encoding
    )


def _list(items: Sequence[str]) -> str:
    return f"CAST([{', '.join(items)}] AS VARCHAR[])"


def _json_text(analyzer: ExpressionAnalyzer, item: syntax.JsonInput, position: syntax.Position) -> str:
    """An input as the text of its JSON."""
    value = analyzer.analyze(item.expression)
    if value.type == VARBINARY:
        return f"athena_py_json_decode({value.sql}, '{item.encoding or 'UTF8'}')"
    if value.type.name not in _TEXTS:
        raise TypeMismatch.at(position, f"Cannot read input of type {value.type.trino} as JSON")
    return f"CAST({value.sql} AS VARCHAR)"


def _json_item(analyzer: ExpressionAnalyzer, item: syntax.JsonInput, position: syntax.Position) -> str:
    """An SQL value as JSON, NULL for NULL; what is JSON already stays."""
    node = item.expression
    is_json = isinstance(node, syntax.JsonConstructor) or (
        isinstance(node, syntax.JsonPathCall) and node.name == "json_query"
    )
    if item.encoding is not None or is_json:
        return _json_text(analyzer, item, position)
    value = analyzer.analyze(node)
    if value.type.name not in (
        "boolean",
        "varchar",
        "char",
        "json",
        "unknown",
    ) and not value.type.name.endswith("int"):
        plain = value.type.name in ("integer", "decimal", "real", "double")
        if not plain:
            value = cast(value, VARCHAR, False, position)
    return f"(CASE WHEN {value.sql} IS NOT NULL THEN CAST({to_json(value)} AS VARCHAR) END)"


# ---- results


def _exists(_: ExpressionAnalyzer, node: syntax.JsonPathCall, found: str) -> Value:
    kind = node.on_error.kind if node.on_error else "false"
    outcomes = {"true": "true", "false": "false", "unknown": "NULL", "error": f"({_failure()} = 0)"}
    return Value(f"CASE WHEN {found} IS NULL THEN {outcomes[kind]} ELSE len({found}) > 0 END", BOOLEAN)


def _query(_: ExpressionAnalyzer, node: syntax.JsonPathCall, found: str) -> Value:
    empty, error = _alternative(node.on_empty), _alternative(node.on_error)
    wrapped = f"'[' || array_to_string({found}, ',') || ']'"
    structured = f"json_type({found}[1]) IN ('OBJECT', 'ARRAY')"
    branches = {
        "without": f"WHEN len({found}) > 1 THEN {error} ELSE {found}[1]",
        "conditional": f"WHEN len({found}) = 1 AND {structured} THEN {found}[1] ELSE {wrapped}",
        "unconditional": f"ELSE {wrapped}",
    }
    rest = branches[node.wrapper]
    text = f"CASE WHEN {found} IS NULL THEN {error} WHEN len({found}) = 0 THEN {empty} {rest} END"
    if node.omits_quotes:
        one = f"len({found}) = 1 AND json_type({found}[1]) = 'VARCHAR'"
        text = f"CASE WHEN {one} THEN json_extract_string({found}[1], '$') ELSE {text} END"
    return _returned(f"({text})", node, node.encoding)


def _value(analyzer: ExpressionAnalyzer, node: syntax.JsonPathCall, found: str) -> Value:
    type_ = node.returning or VARCHAR
    text = Value(f"json_extract_string({found}[1], '$')", VARCHAR)
    if not can_cast(VARCHAR, type_):
        raise TypeMismatch.at(node.position, f"Invalid return type of function JSON_VALUE: {type_.trino}")
    strict = node.on_error is not None and node.on_error.kind == "error"
    converted = cast(text, type_, not strict, node.position).sql
    if type_.name == "char":
        converted = f"rpad({converted}, {type_.parameters[0]}, ' ')"
    error, empty = (
        _default(analyzer, fallback, type_, node.position) for fallback in (node.on_error, node.on_empty)
    )
    wrong = f"{found} IS NULL OR len({found}) > 1 OR json_type({found}[1]) IN ('OBJECT', 'ARRAY')"
    sql = (
        f"CASE WHEN {wrong} THEN {error} WHEN len({found}) = 0 THEN {empty} "
        f"WHEN {found}[1] = 'null' THEN NULL ELSE coalesce({converted}, {error}) END"
    )
    return Value(sql, type_)


_RESULTS = {"json_exists": _exists, "json_query": _query, "json_value": _value}


def _alternative(fallback: syntax.JsonFallback | None) -> str:
    """What JSON_QUERY gives in place of a result."""
    kind = fallback.kind if fallback else "null"
    return {"empty array": "'[]'", "empty object": "'{}'", "error": f"CAST({_failure()} AS VARCHAR)"}.get(
        kind, "NULL"
    )


def _default(
    analyzer: ExpressionAnalyzer,
    fallback: syntax.JsonFallback | None,
    type_: SqlType,
    position: syntax.Position,
) -> str:
    """What JSON_VALUE gives in place of a result."""
    if fallback is not None and fallback.expression is not None:
        return cast(analyzer.analyze(fallback.expression), type_, False, position).sql
    if fallback is not None and fallback.kind == "error":
        return f"CAST(CAST({_failure()} AS VARCHAR) AS {type_.duckdb})"
    return f"CAST(NULL AS {type_.duckdb})"


def _failure() -> str:
    return "athena_fail('PATH_EVALUATION_ERROR', 'path evaluation failed')"


def _returned(sql: str, node: syntax.JsonPathCall | syntax.JsonConstructor, encoding: str) -> Value:
    """JSON's text as the type after RETURNING."""
    type_ = node.returning or VARCHAR
    if type_ == VARBINARY:
        return Value(f"athena_py_json_encode({sql}, '{encoding}')", VARBINARY)
    if type_.name not in ("varchar", "char"):
        name = node.name.upper()
        raise TypeMismatch.at(node.position, f"Cannot output JSON value as {type_.trino} using {name}")
    return cast(Value(sql, VARCHAR), type_, False, node.position)
