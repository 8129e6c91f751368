"""Date and time functions: https://trino.io/docs/401/functions/datetime.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from millpond.athena.sql.binding import once
from millpond.athena.sql.functions.signature import Function, Renderer
from millpond.athena.sql.text_casts import fractional_text
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.value import Value, local_time

_FIELDS = {
    "year": "year",
    "quarter": "quarter",
    "month": "month",
    "week": "week",
    "week_of_year": "week",
    "day": "day",
    "day_of_month": "day",
    "day_of_week": "isodow",
    "dow": "isodow",
    "day_of_year": "doy",
    "doy": "doy",
    "year_of_week": "isoyear",
    "yow": "isoyear",
}
_TIME_FIELDS = {"hour": "hour", "minute": "minute", "second": "second", "millisecond": "millisecond"}


def _local(value: Value) -> str:
    return local_time(value) if value.type.name == "timestamp with time zone" else value.sql


def _field(part: str) -> Renderer:
    extra = " % 1000" if part == "millisecond" else ""

    def render(arguments: Sequence[Value]) -> str:
        return f"(date_part('{part}', {_local(arguments[0])}){extra})"

    return render


def _last_day(arguments: Sequence[Value]) -> str:
    return f"last_day({_local(arguments[0])})"


def _date(arguments: Sequence[Value]) -> str:
    return f"CAST({_local(arguments[0])} AS DATE)"


def _iso(arguments: Sequence[Value]) -> str:
    return once(lambda sql: _iso_text(replace(arguments[0], sql=sql)), arguments[0].sql)


def _iso_type(types: Sequence[SqlType]) -> SqlType:
    """A year may have a sign and six digits, an offset has six characters."""
    [type_] = types
    digits = type_.parameters[0] if type_.parameters else 3
    seconds = 22 + (digits + 1 if digits else 0)
    return SqlType("varchar", (seconds + (6 if type_.name.endswith("zone") else 0),))


def _iso_text(value: Value) -> str:
    digits = value.type.parameters[0] if value.type.parameters else 3
    text = f"replace({fractional_text(_local(value), digits)}, ' ', 'T')"
    if value.type.name == "timestamp":
        return text
    if value.zone is None:
        return f"({text} || 'Z')"
    offset = f"athena_offset_text({_offset(value)})"
    if value.zone.name is None:
        offset = f"CASE WHEN {value.zone.sql} = 'UTC' THEN 'Z' ELSE {offset} END"
    return f"({text} || {offset})"


def _offset(value: Value) -> str:
    """How many minutes a value's zone is ahead of UTC then."""
    return f"date_diff('minute', timezone('UTC', {value.sql}), {_local(value)})"


def _zone_part(operator: str) -> Renderer:
    def render(arguments: Sequence[Value]) -> str:
        value = arguments[0]
        return once(lambda sql: f"({_offset(replace(value, sql=sql))} {operator} 60)", value.sql)

    return render


_MOMENTS = ("date", "timestamp(p)", "timestamp(p) with time zone")

FUNCTIONS = (
    *(
        Function(f"{name}({type_}) -> bigint", _field(part))
        for name, part in _FIELDS.items()
        for type_ in _MOMENTS
    ),
    *(
        Function(f"{name}({type_}) -> bigint", _field(part))
        for name, part in _TIME_FIELDS.items()
        for type_ in ("time(p)", *_MOMENTS[1:])
    ),
    *(
        Function(f"{name}(interval day to second) -> bigint", f"athena_interval_{name}({{0}})")
        for name in ("day", "hour", "minute", "second", "millisecond")
    ),
    *(
        Function(f"{name}(time(p) with time zone) -> bigint", f"date_part('{part}', {{0}})")
        for name, part in (
            ("hour", "hour"),
            ("minute", "minute"),
            ("second", "second"),
            ("timezone_hour", "timezone_hour"),
            ("timezone_minute", "timezone_minute"),
        )
    ),
    *(
        Function(f"{name}(interval year to month) -> bigint", f"date_part('{name}', {{0}})")
        for name in ("year", "month")
    ),
    *(Function(f"date({type_}) -> date", _date) for type_ in _MOMENTS),
    Function("date(varchar) -> date", "athena_text_to_date({0})"),
    *(Function(f"last_day_of_month({type_}) -> date", _last_day) for type_ in _MOMENTS),
    Function("from_iso8601_date(varchar) -> date", "CAST(athena_py_from_iso8601_date({0}) AS DATE)"),
    Function(
        "from_iso8601_timestamp(varchar) -> timestamp(3) with time zone", "athena_from_iso8601_timestamp({0})"
    ),
    Function("from_unixtime_nanos(bigint) -> timestamp(9) with time zone", "make_timestamptz({0} // 1000)"),
    Function(
        "from_unixtime_nanos(decimal(p,s)) -> timestamp(9) with time zone",
        "make_timestamptz(CAST(floor({0} / 1000) AS BIGINT))",
    ),
    Function("to_unixtime(timestamp(p) with time zone) -> double", "epoch({0})"),
    Function("to_unixtime(timestamp(p)) -> double", "epoch({0})"),
    Function("to_iso8601(date) -> varchar(16)", "strftime({0}, '%Y-%m-%d')"),
    *(
        Function(f"to_iso8601({type_}) -> varchar", _iso, result=_iso_type)
        for type_ in ("timestamp(p)", "timestamp(p) with time zone")
    ),
    Function(
        "parse_duration(varchar) -> interval day to second", "to_milliseconds(athena_py_parse_duration({0}))"
    ),
    Function("human_readable_seconds(double) -> varchar", "athena_py_human_readable_seconds({0})"),
    Function("to_milliseconds(interval day to second) -> bigint", "epoch_ms({0})"),
    Function(
        "timezone_hour(timestamp(p) with time zone) -> bigint",
        _zone_part("//"),
    ),
    Function(
        "timezone_minute(timestamp(p) with time zone) -> bigint",
        _zone_part("%"),
    ),
    Function("now() -> timestamp(3) with time zone", "date_trunc('milliseconds', now())"),
    Function("current_date() -> date", "CAST(timezone('UTC', now()) AS DATE)"),
    Function(
        "current_time() -> time(3) with time zone",
        "CAST(CAST(date_trunc('milliseconds', timezone('UTC', now())) AS TIME) AS TIMETZ)",
    ),
    Function("localtime() -> time(3)", "CAST(date_trunc('milliseconds', timezone('UTC', now())) AS TIME)"),
    Function("current_timezone() -> varchar", "'UTC'"),
)
