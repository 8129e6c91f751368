"""Functions whose lambda DuckDB cannot take as it is: `reduce`, `zip_with`, the maps'.

Each builds the list that DuckDB's function needs and gives the lambda's parameters as parts of its
elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.binding import once
from millpond.athena.sql.coercion import common_type
from millpond.athena.sql.exceptions import FunctionNotFound, TypeMismatch
from millpond.athena.sql.scope import Field
from millpond.athena.sql.types import VARCHAR, SqlType, array, map_of
from millpond.athena.sql.value import Value, convert

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer


def reduce(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`reduce(array, start, (state, x) -> …, state -> …)`: the state may have a type of its own."""
    items, start = (analyzer.analyze(argument) for argument in _expect(node, 4)[:2])
    _expect_type(node, items, "array")
    element, state = items.type.elements[0], start.type
    name, other, inner, final = map(analyzer.parameter_name, range(4))
    for _ in range(3):
        body = _body(analyzer, node, 2, [(f"{name}.s", state), (f"{other}.x", element)])
        wider = common_type(state, body.type)
        if wider is None:
            raise TypeMismatch.at(
                node.position,
                f"Unexpected parameters for function reduce: "
                f"state is {state.trino}, input gives {body.type.trino}",
            )
        if wider == state:
            break
        state = wider
    body = convert(body, state)
    nothing, no_state = f"CAST(NULL AS {element.duckdb})", f"CAST(NULL AS {state.duckdb})"
    first = f"{{'s': CAST({start.sql} AS {state.duckdb}), 'x': {nothing}}}"
    step = f"lambda {name}, {other}: {{'s': {body.sql}, 'x': {nothing}}}"
    result = _body(analyzer, node, 3, [(final, state)])

    def reduced(sql: str) -> str:
        steps = f"list_transform({sql}, lambda {inner}: {{'s': {no_state}, 'x': {inner}}})"
        last = f"list_reduce(list_prepend({first}, {steps}), {step}).s"
        given = f"list_transform([{last}], lambda {final}: {result.sql})[1]"
        return f"(CASE WHEN {sql} IS NOT NULL THEN {given} END)"

    return Value(once(reduced, items.sql), result.type)


def zip_with(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`zip_with(a, b, (x, y) -> …)`."""
    left, right = (analyzer.analyze(argument) for argument in _expect(node, 3)[:2])
    _expect_type(node, left, "array")
    _expect_type(node, right, "array")
    name = analyzer.parameter_name(0)
    parts = [
        (f"struct_extract_at({name}, {i + 1})", side.type.elements[0]) for i, side in enumerate((left, right))
    ]
    body = _body(analyzer, node, 2, parts)

    def zipped(a: str, b: str) -> str:
        items = f"list_transform(list_zip({a}, {b}), lambda {name}: {body.sql})"
        return f"(CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN {items} END)"

    return Value(once(zipped, left.sql, right.sql), array(body.type))


def array_sort(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`array_sort(array, (x, y) -> …)`: an element's place is how many it comes after."""
    items = analyzer.analyze(_expect(node, 2)[0])
    _expect_type(node, items, "array")
    left, right, place = map(analyzer.parameter_name, range(3))
    element = items.type.elements[0]
    body = _body(analyzer, node, 1, [(left, element), (right, element)])
    if body.type.name not in ("tinyint", "smallint", "integer", "bigint", "unknown"):
        raise _unexpected(node)
    problem = "athena_bad_argument('Lambda comparator must return either -1, 0, or 1')"
    outcome = f"CASE {body.sql} WHEN 1 THEN 1 WHEN 0 THEN 0 WHEN -1 THEN 0 ELSE {problem} END"

    def sorted_list(sql: str) -> str:
        rank = f"list_sum(list_transform({sql}, lambda {right}: {outcome}))"
        ranked = f"list_transform({sql}, lambda {left}, {place}: {{'rank': {rank}, 'place': {place}}})"
        return f"list_transform(list_sort({ranked}), lambda {place}: {sql}[{place}.place])"

    return Value(once(sorted_list, items.sql), items.type)


def regexp_replace(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`regexp_replace(text, pattern, groups -> …)`; a replacement that is NULL makes the whole NULL."""
    text, pattern = (analyzer.analyze(argument) for argument in _expect(node, 3)[:2])
    name = analyzer.parameter_name(0)
    body = _body(analyzer, node, 2, [(f"{name}.parts", array(VARCHAR))])
    if any(value.type.name not in ("varchar", "char", "unknown") for value in (text, pattern, body)):
        raise _unexpected(node)

    def replaced(text_sql: str, pattern_sql: str) -> str:
        arguments = f"(CAST({text_sql} AS VARCHAR), CAST({pattern_sql} AS VARCHAR))"
        matches = f"athena_py_regexp_matches{arguments}"
        pieces = f"list_transform({matches}, lambda {name}: {name}.before || {body.sql})"
        return f"(athena_joined({pieces}) || athena_py_regexp_rest{arguments})"

    return Value(once(replaced, text.sql, pattern.sql), VARCHAR)


def map_filter(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`map_filter(map, (k, v) -> boolean)`."""
    value, name, body = _entry_lambda(analyzer, node)
    if body.type.name not in ("boolean", "unknown"):
        raise _unexpected(node)
    return Value(
        f"map_from_entries(list_filter(map_entries({value.sql}), lambda {name}: {body.sql}))", value.type
    )


def transform_keys(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`transform_keys(map, (k, v) -> key)`."""
    value, name, body = _entry_lambda(analyzer, node)
    return _rebuilt(value, name, body.sql, f"{name}.value", map_of(body.type, value.type.elements[1]))


def transform_values(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`transform_values(map, (k, v) -> value)`."""
    value, name, body = _entry_lambda(analyzer, node)
    return _rebuilt(value, name, f"{name}.key", body.sql, map_of(value.type.elements[0], body.type))


def map_zip_with(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`map_zip_with(a, b, (k, x, y) -> …)`: all keys of both, NULL where one has none."""
    left, right = (analyzer.analyze(argument) for argument in _expect(node, 3)[:2])
    _expect_type(node, left, "map")
    _expect_type(node, right, "map")
    common = common_type(left.type.elements[0], right.type.elements[0])
    if common is None:
        raise _unexpected(node)
    left = convert(left, map_of(common, left.type.elements[1]))
    right = convert(right, map_of(common, right.type.elements[1]))
    name = analyzer.parameter_name(0)
    parts = [
        (f"{name}.key", common),
        (f"{name}.x", left.type.elements[1]),
        (f"{name}.y", right.type.elements[1]),
    ]
    body = _body(analyzer, node, 2, parts)

    def zipped(a: str, b: str) -> str:
        keys = f"athena_array_union(map_keys({a}), map_keys({b}))"
        values = f"'x': map_extract_value({a}, {name}), 'y': map_extract_value({b}, {name})"
        zipped = f"list_transform({keys}, lambda {name}: {{'key': {name}, {values}}})"
        entries = f"list_transform({zipped}, lambda {name}: {{'key': {name}.key, 'value': {body.sql}}})"
        return f"(CASE WHEN {a} IS NOT NULL AND {b} IS NOT NULL THEN map_from_entries({entries}) END)"

    return Value(once(zipped, left.sql, right.sql), map_of(common, body.type))


def _entry_lambda(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> tuple[Value, str, Value]:
    value = analyzer.analyze(_expect(node, 2)[0])
    _expect_type(node, value, "map")
    name = analyzer.parameter_name(0)
    key_type, value_type = value.type.elements
    return value, name, _body(analyzer, node, 1, [(f"{name}.key", key_type), (f"{name}.value", value_type)])


def _rebuilt(value: Value, name: str, key: str, item: str, type_: SqlType) -> Value:
    entries = f"list_transform(map_entries({value.sql}), lambda {name}: {{'key': {key}, 'value': {item}}})"
    return Value(f"map_from_entries({entries})", type_)


def _body(
    analyzer: ExpressionAnalyzer, node: syntax.FunctionCall, index: int, parts: Sequence[tuple[str, SqlType]]
) -> Value:
    """A lambda's body, its parameters standing for these pieces of SQL."""
    argument = node.arguments[index]
    if not isinstance(argument, syntax.Lambda) or len(argument.parameters) != len(parts):
        raise _unexpected(node)
    names = [parameter.lower for parameter in argument.parameters]
    fields = [Field(name, name, type_, sql) for name, (sql, type_) in zip(names, parts, strict=True)]
    return analyzer.with_lambda(names, fields).analyze(argument.body)


def _expect(node: syntax.FunctionCall, count: int) -> tuple[syntax.Expression, ...]:
    if len(node.arguments) != count:
        raise _unexpected(node)
    return node.arguments


def _expect_type(node: syntax.FunctionCall, value: Value, name: str) -> None:
    if value.type.name != name:
        raise _unexpected(node)


def _unexpected(node: syntax.FunctionCall) -> FunctionNotFound:
    return FunctionNotFound.at(node.position, f"Unexpected parameters for function {node.name}")
