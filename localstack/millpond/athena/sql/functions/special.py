"""Functions that are syntax rather than calls: their arguments are conditions, units or one type.

`FORMS` maps a name to what analyses the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from millpond.athena.sql import syntax
from millpond.athena.sql.binding import once
from millpond.athena.sql.casts import cast
from millpond.athena.sql.coercion import common_type, is_number
from millpond.athena.sql.comparison import FRACTIONS, compare
from millpond.athena.sql.exceptions import FunctionNotFound, InvalidFunctionArgument, TypeMismatch
from millpond.athena.sql.functions import date_formats, lambdas
from millpond.athena.sql.literals import constant_text
from millpond.athena.sql.operators import concatenate
from millpond.athena.sql.quoting import quote_text
from millpond.athena.sql.types import BIGINT, DOUBLE, JSON, TIMESTAMP_WITH_TIME_ZONE, VARCHAR, SqlType
from millpond.athena.sql.value import Value, common_zone, convert, local_time, tried
from millpond.athena.sql.zones import Zone, instant_sql, local_sql, named_zone, normal_zone

if TYPE_CHECKING:
    from millpond.athena.sql.expressions import ExpressionAnalyzer

Form = Callable[["ExpressionAnalyzer", syntax.FunctionCall], Value]


def _coalesce(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) >= 2)
    values, type_ = analyzer.unified(
        [analyzer.analyze(a) for a in node.arguments], "All COALESCE operands", node.position
    )

    def of_first(texts: Sequence[str]) -> str:
        branches = (f"WHEN {v.sql} IS NOT NULL THEN {text}" for v, text in zip(values, texts, strict=True))
        return f"(CASE {' '.join(branches)} END)"

    return Value(f"coalesce({_list(values)})", type_, zone=common_zone(values, of_first))


def _if(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) in (2, 3))
    condition = analyzer.condition(node.arguments[0], "IF condition")
    branches = [analyzer.analyze(argument) for argument in node.arguments[1:]]
    if len(branches) == 2 and common_type(branches[0].type, branches[1].type) is None:
        types = " vs ".join(branch.type.trino for branch in branches)
        raise TypeMismatch.at(node.position, f"Result types for IF must be the same: {types}")
    values, type_ = analyzer.unified(branches, "Result types for IF", node.position)

    def chosen(items: Sequence[str]) -> str:
        otherwise = f" ELSE {items[1]}" if len(items) == 2 else ""
        return f"(CASE WHEN {condition.sql} THEN {items[0]}{otherwise} END)"

    return Value(chosen([value.sql for value in values]), type_, zone=common_zone(values, chosen))


def _nullif(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 2)

    first, second = (analyzer.analyze(argument) for argument in node.arguments)
    if common_type(first.type, second.type) is None:
        types = f"{first.type.trino} vs {second.type.trino}"
        raise TypeMismatch.at(node.position, f"Types are not comparable with NULLIF: {types}")

    def unless_equal(sql: str) -> str:
        equal = compare("=", replace(first, sql=sql), second, node.position)
        return f"(CASE WHEN {equal.sql} THEN NULL ELSE {sql} END)"

    return Value(once(unless_equal, first.sql), first.type, zone=first.zone)


def _try(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 1)
    if analyzer.hoisted is None:
        analyzer.hoisted = []
        try:
            return _with_hoisted(_try(analyzer, node), analyzer.hoisted)
        finally:
            analyzer.hoisted = None
    value = analyzer.analyze(node.arguments[0])
    loose = tried(value.loose_sql, node.position) if value.loose_sql else None
    sql = value.safe_sql or tried(value.sql, node.position)
    return Value(sql, value.type, zone=value.zone, loose_sql=loose)


def _with_hoisted(value: Value, hoisted: Sequence[str]) -> Value:
    """A TRY in which names stand for what is computed before it."""
    if not hoisted:
        return value
    items = ", ".join(f"'a{number}': {sql}" for number, sql in enumerate(hoisted, 1))
    sql = f"list_transform([{{{items}}}], lambda hoisted: {value.sql})[1]"
    return Value(sql, value.type, zone=value.zone)


def _typeof(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 1)
    name = analyzer.analyze(node.arguments[0]).type.trino
    return Value(quote_text(name), VARCHAR, name)


def _extreme(name: str) -> Form:
    def form(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
        _expect(node, len(node.arguments) >= 1)
        values, type_ = analyzer.unified(
            [analyzer.analyze(a) for a in node.arguments], f"All {name.upper()} operands", node.position
        )

        def unless_null(*items: str) -> str:
            any_null = " OR ".join(f"{item} IS NULL" for item in items)
            if name == "greatest" and type_.name in FRACTIONS:
                return f"(CASE WHEN NOT ({any_null}) THEN list_max(athena_numbers([{', '.join(items)}])) END)"
            return f"(CASE WHEN NOT ({any_null}) THEN {name}({', '.join(items)}) END)"

        sql = once(unless_null, *(value.sql for value in values))

        def of_extreme(texts: Sequence[str]) -> str:
            branches = (f"WHEN {v.sql} THEN {text}" for v, text in zip(values, texts, strict=True))
            return f"(CASE {sql} {' '.join(branches)} END)"

        return Value(sql, type_, zone=common_zone(values, of_extreme))

    return form


_TRUNCATIONS = ("millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year")
_DATE_UNITS = ("day", "week", "month", "quarter", "year")


def _by_unit(
    analyzer: ExpressionAnalyzer,
    node: syntax.FunctionCall,
    moment: SqlType,
    result: SqlType,
    render: Callable[[str], str],
) -> str:
    """What `render` gives for the unit that the first argument names, row by row if it is no constant."""
    unit = analyzer.analyze(node.arguments[0])
    if unit.type.name not in ("varchar", "char", "unknown"):
        raise _unexpected(analyzer, node)
    allowed = _DATE_UNITS if moment.name == "date" else _TRUNCATIONS
    what = f"is not a valid {moment.name.upper()} field"
    if unit.literal is None:
        branches = " ".join(f"WHEN '{name}' THEN {render(name)}" for name in allowed)
        failure = f"athena_fail_text('INVALID_FUNCTION_ARGUMENT', '''' || {unit.sql} || ''' {what}')"
        otherwise = f"WHEN {unit.sql} IS NOT NULL THEN CAST({failure} AS {result.duckdb})"
        return f"(CASE lower({unit.sql}) {branches} ELSE CASE {otherwise} END END)"
    if unit.literal.lower() not in allowed:
        raise InvalidFunctionArgument.at(node.position, f"'{unit.literal}' {what}")
    return render(unit.literal.lower())


def _moment(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall, index: int) -> Value:
    value = analyzer.analyze(node.arguments[index])
    if value.type.name not in ("date", "time", "timestamp", "timestamp with time zone"):
        raise _unexpected(analyzer, node)
    return value


def _unexpected(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> FunctionNotFound:
    types = ", ".join(analyzer.analyze(argument).type.trino for argument in node.arguments)
    return FunctionNotFound.at(node.position, f"Unexpected parameters ({types}) for function {node.name}")


def _date_trunc(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 2)
    value = _moment(analyzer, node, 1)

    def truncated(unit: str) -> str:
        if value.type.name == "timestamp with time zone":
            return instant_sql(f"date_trunc('{unit}', {local_time(value)})", value.zone)
        if value.type.name == "time":
            return f"CAST(date_trunc('{unit}', DATE '1970-01-01' + {value.sql}) AS TIME)"
        sql = f"date_trunc('{unit}', {value.sql})"
        return f"CAST({sql} AS {value.type.duckdb})" if value.type.name == "date" else sql

    return Value(_by_unit(analyzer, node, value.type, value.type, truncated), value.type, zone=value.zone)


def _date_add(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 3)
    value = _moment(analyzer, node, 2)
    amount = analyzer.analyze(node.arguments[1])
    if amount.type.name not in ("tinyint", "smallint", "integer", "bigint", "unknown"):
        raise _unexpected(analyzer, node)

    def added(unit: str) -> str:
        interval = _interval(unit, amount.sql)
        if value.zone is not None and unit in _DATE_UNITS:
            # A day is one of the calendar there, however many hours it has.
            return instant_sql(f"({local_time(value)} + {interval})", value.zone)
        sql = f"({value.sql} + {interval})"
        return f"CAST({sql} AS DATE)" if value.type.name == "date" else sql

    return Value(_by_unit(analyzer, node, value.type, value.type, added), value.type, zone=value.zone)


def _interval(unit: str, amount: str) -> str:
    if unit == "quarter":
        return f"to_months(CAST({amount} * 3 AS INTEGER))"
    if unit in ("day", "week", "month", "year"):
        return f"to_{unit}s(CAST({amount} AS INTEGER))"
    return f"to_{unit}s({amount})"


def _date_diff(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 3)
    start, end = _moment(analyzer, node, 1), _moment(analyzer, node, 2)
    type_ = common_type(start.type, end.type)
    if type_ is None:
        raise _unexpected(analyzer, node)
    start, end = convert(start, type_), convert(end, type_)

    def between(unit: str) -> str:
        # Trino counts whole units that have passed, not boundaries crossed: DuckDB's date_sub.
        if start.zone is not None and unit in _DATE_UNITS:
            return f"date_sub('{unit}', {local_time(start)}, {local_sql(end.sql, start.zone)})"
        return f"date_sub('{unit}', {start.sql}, {end.sql})"

    return Value(_by_unit(analyzer, node, type_, BIGINT, between), BIGINT)


def _at_timezone(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 2)
    return at_time_zone(
        analyzer.analyze(node.arguments[0]), analyzer.analyze(node.arguments[1]), node.position
    )


def at_time_zone(value: Value, zone: Value, position: syntax.Position) -> Value:
    """`value AT TIME ZONE zone`: the same instant, shown in another zone."""
    digits = value.type.parameters
    if value.type.name == "timestamp":
        value = convert(value, SqlType("timestamp with time zone", digits))
    if value.type.name != "timestamp with time zone":
        raise TypeMismatch.at(
            position,
            "Type of value must be a time or timestamp with or without time zone "
            f"(actual {value.type.trino})",
        )
    return Value(value.sql, value.type, zone=_zone(zone, position))


def _zone(value: Value, position: syntax.Position) -> Zone | None:
    """The zone that a text names."""
    if value.type.name not in ("varchar", "char", "unknown"):
        raise TypeMismatch.at(
            position, f"Type of time zone must be a varchar or interval (actual {value.type.trino})"
        )
    if value.literal is None:
        return Zone(f"athena_normal_zone({value.sql})")
    return named_zone(normal_zone(value.literal))


def _with_timezone(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:

    _expect(node, len(node.arguments) == 2)
    value = analyzer.analyze(node.arguments[0])
    zone = analyzer.analyze(node.arguments[1])
    type_ = SqlType("timestamp with time zone", value.type.parameters or (3,))
    if value.type.name not in ("timestamp", "date"):
        raise FunctionNotFound.at(
            node.position,
            f"Unexpected parameters ({value.type.trino}, {zone.type.trino}) for function with_timezone",
        )
    shown = _zone(zone, node.position)
    return Value(instant_sql(f"CAST({value.sql} AS TIMESTAMP)", shown), type_, zone=shown)


def _current_timestamp(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`current_timestamp(p)` and `localtimestamp(p)`: when the query began."""
    _expect(node, len(node.arguments) <= 1)
    digits = 3
    if node.arguments:
        digits = int(analyzer.analyze(node.arguments[0]).literal or 3)
    now = "now()" if node.name == "current_timestamp" else "timezone('UTC', now())"
    name = "timestamp with time zone" if node.name == "current_timestamp" else "timestamp"
    sql = now if digits >= 6 else f"time_bucket(to_microseconds({10 ** (6 - digits)}), {now})"
    return Value(sql, SqlType(name, (digits,)))


def _from_unixtime(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:

    _expect(node, len(node.arguments) in (1, 2, 3))
    seconds = analyzer.analyze(node.arguments[0])
    if not is_number(seconds.type):
        raise _unexpected(analyzer, node)
    moment = Value(f"athena_from_unixtime({convert(seconds, DOUBLE).sql})", TIMESTAMP_WITH_TIME_ZONE)
    if len(node.arguments) == 1:
        return moment
    if len(node.arguments) == 2:
        return at_time_zone(moment, analyzer.analyze(node.arguments[1]), node.position)
    hours, minutes = (
        int(constant_text(analyzer.analyze(item), "a time zone", node.position))
        for item in node.arguments[1:]
    )
    offset = f"{'-' if hours < 0 or minutes < 0 else '+'}{abs(hours):02d}:{abs(minutes):02d}"
    return at_time_zone(moment, Value(f"'{offset}'", VARCHAR, offset), node.position)


def _concat(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:

    _expect(node, len(node.arguments) >= 2)
    value = analyzer.analyze(node.arguments[0])
    for argument in node.arguments[1:]:
        value = concatenate(value, analyzer.analyze(argument), node.position)
    return value


def _expect(node: syntax.FunctionCall, right: bool) -> None:
    if not right or node.distinct or node.order_by or node.filter is not None:
        raise FunctionNotFound.at(node.position, f"Unexpected parameters for function {node.name}")


def _list(values: list[Value]) -> str:
    return ", ".join(value.sql for value in values)


_FORMAT_KINDS = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), "integer"),
    **dict.fromkeys(("real", "double"), "double"),
    **{name: name for name in ("decimal", "boolean", "date", "timestamp", "time")},
}


def _format(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    """`format(pattern, value, …)`: the values go as texts, with what they are."""
    _expect(node, len(node.arguments) >= 2)
    pattern, *values = (analyzer.analyze(argument) for argument in node.arguments)
    if pattern.type.name not in ("varchar", "char", "unknown"):
        raise FunctionNotFound.at(node.position, "Unexpected parameters for function format")
    kinds = ", ".join(f"'{_FORMAT_KINDS.get(value.type.name, 'text')}'" for value in values)
    texts = ", ".join(
        f"CAST({cast(value, VARCHAR, False, node.position).sql} AS VARCHAR)" for value in values
    )
    return Value(f"athena_py_format({pattern.sql}, [{kinds}], [{texts}])", VARCHAR)


def _json_parse(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 1)
    text = analyzer.analyze(node.arguments[0])
    if text.type.name not in ("varchar", "char", "unknown"):
        raise FunctionNotFound.at(
            node.position,
            f"Unexpected parameters ({text.type.trino}) for function json_parse",
        )
    ordered = f"CAST(athena_py_json_canonical(CAST({text.sql} AS VARCHAR)) AS JSON)"
    return Value(ordered, JSON, loose_sql=f"athena_json_parse({text.sql})")


def _from_iso8601_timestamp(analyzer: ExpressionAnalyzer, node: syntax.FunctionCall) -> Value:
    _expect(node, len(node.arguments) == 1)
    text = analyzer.analyze(node.arguments[0])
    if text.type.name not in ("varchar", "char", "unknown"):
        raise _unexpected(analyzer, node)
    type_ = SqlType("timestamp with time zone", (9 if node.name.endswith("_nanos") else 3,))
    has_nanos = type_.parameters == (9,)
    read = f"athena_with_microseconds({text.sql})" if has_nanos else text.sql
    sql = f"athena_from_iso8601_timestamp({read})"
    if text.literal is None:
        return Value(sql, type_, zone=Zone(f"athena_iso_zone({text.sql})"))
    match = re.search(r"T.*([+-]\d{2}(?::?\d{2})?)$", text.literal)
    return Value(sql, type_, zone=named_zone(normal_zone(match[1])) if match else None)


FORMS: dict[str, Form] = {
    "coalesce": _coalesce,
    "if": _if,
    "nullif": _nullif,
    "try": _try,
    "typeof": _typeof,
    "greatest": _extreme("greatest"),
    "least": _extreme("least"),
    "concat": _concat,
    "date_trunc": _date_trunc,
    "date_add": _date_add,
    "date_diff": _date_diff,
    "at_timezone": _at_timezone,
    "with_timezone": _with_timezone,
    "current_timestamp": _current_timestamp,
    "localtimestamp": _current_timestamp,
    "from_unixtime": _from_unixtime,
    "date_format": date_formats.date_format,
    "date_parse": date_formats.date_parse,
    "format_datetime": date_formats.format_datetime,
    "parse_datetime": date_formats.parse_datetime,
    "format": _format,
    "json_parse": _json_parse,
    "from_iso8601_timestamp": _from_iso8601_timestamp,
    "from_iso8601_timestamp_nanos": _from_iso8601_timestamp,
    "reduce": lambdas.reduce,
    "zip_with": lambdas.zip_with,
    "map_filter": lambdas.map_filter,
    "map_zip_with": lambdas.map_zip_with,
    "transform_keys": lambdas.transform_keys,
    "transform_values": lambdas.transform_values,
}

LAMBDA_FORMS: dict[str, Form] = {
    # those that are calls like any other without a lambda
    "array_sort": lambdas.array_sort,
    "regexp_replace": lambdas.regexp_replace,
}
