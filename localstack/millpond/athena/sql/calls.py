"""Calls of functions: the overload that fits, its arguments converted, its SQL filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.binding import once
from millpond.athena.sql.decimals import average, short_sum
from millpond.athena.sql.exceptions import (
    FunctionNotAggregate,
    FunctionNotFound,
    FunctionNotWindow,
    InvalidFunctionArgument,
    MissingOver,
    NotSupported,
    SqlError,
)
from millpond.athena.sql.functions import special
from millpond.athena.sql.functions.registry import functions_named
from millpond.athena.sql.functions.signature import (
    Bindings,
    Function,
    Pattern,
    argument_type,
    match,
    substitute,
)
from millpond.athena.sql.functions.unsupported import REASONS
from millpond.athena.sql.scope import Field
from millpond.athena.sql.syntax import Position
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.value import Value, convert
from millpond.athena.sql.windows import over_clause
from millpond.athena.sql.zones import Zone

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer


@dataclass(frozen=True)
class _Resolved:
    """An overload with its variables bound."""

    function: Function
    arguments: tuple[Value, ...]
    result: SqlType


def call(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """The typed SQL of a call, of whatever kind the function is."""
    form = special.FORMS.get(node.name)
    if form is None and any(isinstance(argument, syntax.Lambda) for argument in node.arguments):
        form = special.LAMBDA_FORMS.get(node.name)
    if form is not None and node.window is None and not node.star:
        return form(analyzer, node)
    candidates = functions_named(node.name)
    if not candidates:
        value = analyzer.context.session_value(node.name)
        if value is not None and not node.arguments:
            return value
        raise _unknown(node.name, node.position)
    kind = candidates[0].kind
    if kind == "scalar":
        _refuse_aggregate_clauses(node)
        resolved = _resolve(analyzer, node.name, node.arguments, candidates, node.position)
        return _scalar_value(resolved)
    if node.window is not None:
        return _window_call(analyzer, node, candidates)
    if kind == "window":
        raise MissingOver.at(node.position, f"Window function {node.name} requires an OVER clause")
    if analyzer.grouping is None:
        raise analyzer.misplaced(node)
    return analyzer.grouping.aggregate(node)


def scalar(analyzer: ExpressionAnalyzer, name: str, arguments: Sequence[Value], position: Position) -> Value:
    """A call of a scalar function with arguments that are analysed already."""
    candidates = functions_named(name)
    if not candidates or candidates[0].kind != "scalar":
        raise FunctionNotFound.at(position, f"Function '{name}' not registered")
    return _scalar_value(_resolve_values(name, arguments, candidates, position))


def aggregate(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall, suffix: str = "") -> Value:
    """An aggregate's SQL over the rows of the analyzer's scope; `suffix` is its OVER clause."""
    candidates = functions_named(node.name)
    arguments = node.arguments
    if node.star:
        candidates = tuple(item for item in candidates if not item.parameters)
        if not candidates:
            raise FunctionNotFound.at(node.position, f"Unexpected parameters (*) for function {node.name}")
    resolved = _resolve(analyzer, node.name, arguments, candidates, node.position)
    if node.filter is not None:
        condition = analyzer.condition(node.filter, "Filter expression")
        suffix = f" FILTER (WHERE {condition.sql}){suffix}"
    if node.nulls is not None and candidates[0].kind != "window":
        raise NotSupported.at(node.position, "IGNORE NULLS of an aggregate is not supported here")
    order = ""
    if node.order_by:
        order = " ORDER BY " + ", ".join(sort_sql(analyzer.analyze(i.expression), i) for i in node.order_by)
    values = resolved.arguments
    if node.name == "approx_percentile" and any(
        (value.literal or "").startswith("-") for value in values[1:]
    ):
        # DuckDB would count from the other end.
        raise InvalidFunctionArgument.at(node.position, "Percentile must be between 0 and 1")
    distinct = "DISTINCT " if node.distinct else ""
    args = ", ".join(value.sql for value in values)
    names = {
        "distinct": distinct,
        "order": order,
        "suffix": suffix,
        "nulls": " IGNORE NULLS" if node.nulls == "ignore" else "",
        "args": args,
        "sum": f"sum({distinct}{args}{order}){suffix}",
    }
    if values and values[0].short is not None and not (node.distinct or node.order_by or node.window):
        names["sum"] = short_sum(values[0].short, suffix)
    if node.name == "avg" and resolved.result.name == "decimal":
        names["average"] = average(names["sum"], f"count({distinct}{args}{order}){suffix}", resolved.result)
    template = resolved.function.sql
    if not isinstance(template, str):
        raise TypeError(f"{resolved.function.signature}: an aggregate's SQL is a template")
    sql = template.format(*(value.sql for value in values), **names, type=resolved.result.duckdb)
    zone = None
    if values and _keeps_type(resolved):
        zone = _aggregated_zone(node.name, values, template, names)
    return Value(sql, resolved.result, zone=zone)


def _aggregated_zone(
    name: str, values: Sequence[Value], template: str, names: Mapping[str, str]
) -> Zone | None:
    """The zone of an aggregate or window function that gives one of its first argument's values."""
    zone = values[0].zone
    if zone is None or zone.name is not None:
        return zone
    known = f"(CASE WHEN {values[0].sql} IS NOT NULL THEN {zone.sql} END)"
    if name in ("max", "min"):
        return Zone(f"arg_{name}({known}, {values[0].sql}){names['suffix']}")
    if name in _BY_PLACE and len(values) < 3:
        arguments = (known, *(value.sql for value in values[1:]))
        return Zone(template.format(*arguments, **{**names, "args": ", ".join(arguments)}, type="VARCHAR"))
    return None


_BY_PLACE = ("first_value", "last_value", "nth_value", "lag", "lead")


def sort_sql(value: Value, item: syntax.SortItem) -> str:
    """One item of ORDER BY, with Trino's default for NULLs: last."""
    nulls = "FIRST" if item.nulls_first else "LAST"
    # A bare constant would be an ordinal of DuckDB's, or refused.
    is_constant = value.literal is not None or value.sql == "NULL"
    sql = f"CAST({value.sql} AS {value.type.duckdb})" if is_constant else value.sql
    return f"{sql} {'DESC' if item.descending else 'ASC'} NULLS {nulls}"


def _keeps_type(resolved: _Resolved) -> bool:
    return resolved.arguments[0].type == resolved.result


def _window_call(
    analyzer: ExpressionAnalyzer, node: syntax.FunctionCall, candidates: tuple[Function, ...]
) -> Value:
    if analyzer.windows is None:
        raise analyzer.misplaced(node)
    assert node.window is not None  # noqa: S101 - the caller has looked
    over = over_clause(analyzer, node.window, node.position)
    return aggregate(analyzer, node, f" OVER ({over})")


def _unknown(name: str, position: Position) -> SqlError:
    reason = REASONS.get(name)
    if reason is not None:
        return NotSupported.at(position, f"Function {name} is not supported here: {reason}")
    return FunctionNotFound.at(position, f"Function '{name}' not registered")


def _refuse_aggregate_clauses(node: syntax.FunctionCall) -> None:
    if node.window is not None:
        raise FunctionNotWindow.at(node.position, f"Not a window function: {node.name}")
    if node.star:
        raise FunctionNotFound.at(node.position, f"Unexpected parameters (*) for function {node.name}")
    for is_there, message in (
        (node.distinct, "DISTINCT is not supported for non-aggregation functions"),
        (node.filter is not None, "Filter is only valid for aggregation functions"),
        (bool(node.order_by), "ORDER BY is only valid for aggregation functions"),
    ):
        if is_there:
            raise FunctionNotAggregate.at(node.position, message)


_ORDERLESS = {
    # JSON's functions that give the same whatever the order of keys is
    "is_json_scalar",
    "json_array_contains",
    "json_array_get",
    "json_array_length",
    "json_extract",
    "json_extract_scalar",
    "json_size",
}


_REPEATED = re.compile(r"\{(\d)\}.*\{\1\}", re.DOTALL)


def _filled(resolved: _Resolved, values: Sequence[Value]) -> str:
    template = resolved.function.sql
    if not isinstance(template, str):
        return template(values)

    def fill(*arguments: str) -> str:
        return template.format(*arguments, args=", ".join(arguments), type=resolved.result.duckdb)

    arguments = [value.sql for value in values]
    return once(fill, *arguments) if _REPEATED.search(template) else fill(*arguments)


def _scalar_value(resolved: _Resolved) -> Value:
    function, values = resolved.function, resolved.arguments
    sql, loose = _filled(resolved, values), None
    if function.name in _ORDERLESS and any(value.loose_sql for value in values):
        loose = _filled(resolved, [replace(value, sql=value.loose_sql or value.sql) for value in values])
        if resolved.result.name != "json":
            sql, loose = loose, None
    return Value(sql, resolved.result, loose_sql=loose)


# ---- which overload


def _resolve(
    analyzer: ExpressionAnalyzer,
    name: str,
    arguments: Sequence[syntax.Expression],
    candidates: tuple[Function, ...],
    position: Position,
) -> _Resolved:
    values = [None if isinstance(item, syntax.Lambda) else analyzer.analyze(item) for item in arguments]
    if None not in values:
        return _resolve_values(name, [value for value in values if value is not None], candidates, position)
    for function in candidates:
        if not function.takes(len(arguments)):
            continue
        patterns = [function.pattern_of(i) for i in range(len(arguments))]
        if any((value is None) != bool(p and p.is_lambda) for value, p in zip(values, patterns, strict=True)):
            continue
        resolved = _resolve_lambda(analyzer, function, arguments, values)
        if resolved is not None:
            return resolved
    types = [value.type.trino if value else "function" for value in values]
    raise _no_overload(name, types, candidates, position)


def _resolve_values(
    name: str, values: Sequence[Value], candidates: tuple[Function, ...], position: Position
) -> _Resolved:
    best: tuple[int, Function, Bindings] | None = None
    for function in candidates:
        if not function.takes(len(values)):
            continue
        bindings: Bindings = {}
        cost = 0
        for i, value in enumerate(values):
            pattern = function.pattern_of(i)
            step = match(pattern, value.type, bindings) if pattern is not None else None
            if step is None:
                break
            cost += step
        else:
            if best is None or cost < best[0]:
                best = (cost, function, bindings)
    if best is None:
        raise _no_overload(name, [value.type.trino for value in values], candidates, position)
    _, function, bindings = best
    converted = []
    for i, value in enumerate(values):
        pattern = function.pattern_of(i)
        assert pattern is not None  # noqa: S101 - the overload was matched with it
        converted.append(convert(value, argument_type(pattern, value.type, bindings)))
    types = [value.type for value in converted]
    result = function.result(types) if function.result else substitute(function.returns, bindings)
    return _Resolved(function, tuple(converted), result)


def _resolve_lambda(
    analyzer: ExpressionAnalyzer,
    function: Function,
    arguments: Sequence[syntax.Expression],
    values: Sequence[Value | None],
) -> _Resolved | None:
    """Bind the plain arguments first, then each lambda with the types that these give it."""
    bindings: Bindings = {}
    for i, value in enumerate(values):
        pattern = function.pattern_of(i)
        if value is not None and (pattern is None or match(pattern, value.type, bindings) is None):
            return None
    # A lambda's result may widen a variable (reduce's state): a second round sees the wider type.
    for _ in range(2):
        before = dict(bindings)
        done: list[Value] = []
        for i, (node, value) in enumerate(zip(arguments, values, strict=True)):
            pattern = function.pattern_of(i)
            assert pattern is not None  # noqa: S101 - matched above
            if value is not None:
                done.append(convert(value, argument_type(pattern, value.type, bindings)))
                continue
            assert isinstance(node, syntax.Lambda)  # noqa: S101 - that is why it has no value
            body = _lambda_value(analyzer, node, pattern, bindings)
            if body is None:
                return None
            done.append(body)
        if all(bindings[name] == type_ for name, type_ in before.items()):
            break
    result = (
        function.result([v.type for v in done]) if function.result else substitute(function.returns, bindings)
    )
    return _Resolved(function, tuple(done), result)


def _lambda_value(
    analyzer: ExpressionAnalyzer, node: syntax.Lambda, pattern: Pattern, bindings: Bindings
) -> Value | None:
    *inputs, output = pattern.elements
    if len(inputs) != len(node.parameters):
        return None
    names, fields = [], []
    for number, (parameter, item) in enumerate(zip(node.parameters, inputs, strict=True)):
        name = analyzer.parameter_name(number)
        names.append(name)
        fields.append(Field(parameter.lower, parameter.value, substitute(item, bindings), name))
    body = analyzer.with_lambda([item.lower for item in node.parameters], fields).analyze(node.body)
    if match(output, body.type, bindings) is None:
        return None
    body = convert(body, argument_type(output, body.type, bindings))
    return Value(f"lambda {', '.join(names)}: {body.sql}", body.type)


def _no_overload(
    name: str, types: Sequence[str], candidates: tuple[Function, ...], position: Position
) -> FunctionNotFound:
    expected = ", ".join(_describe(function) for function in candidates)
    return FunctionNotFound.at(
        position, f"Unexpected parameters ({', '.join(types)}) for function {name}. Expected: {expected}"
    )


def _describe(function: Function) -> str:
    return function.signature.rpartition(" -> ")[0]
