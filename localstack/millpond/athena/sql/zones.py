"""The time zone that a `timestamp with time zone` is shown in.

DuckDB's type is an instant without a zone, so the zone is followed beside it while a statement is translated.
Mostly it is one for all values: a name. Where it may differ from value to value
(`from_iso8601_timestamp` of a column, `CASE` over two zones), it is an expression; a column then is a struct
of the instant and its zone's name, which `Field.value` takes apart again.

https://trino.io/docs/401/language/types.html#timestamp-p-with-time-zone
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from millpond.athena.sql.exceptions import InvalidFunctionArgument

_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")


@dataclass(frozen=True)
class Zone:
    """A zone that is not UTC for all values.

    Attributes:
        sql: DuckDB's expression that gives its name.
        name: Its name if it is the same for all values.
    """

    sql: str
    name: str | None = None


PER_VALUE = Zone("")
"""The zone of a column that is a struct: each value has its own."""


def named_zone(name: str) -> Zone | None:
    """A zone by its normal name, None for UTC."""
    return None if name == "UTC" else Zone(f"'{name}'", name)


def normal_zone(zone: str) -> str:
    """A zone's name as Trino prints it: `UTC`, `+05:30`, `Europe/Berlin`.

    Raises:
        InvalidFunctionArgument: It is no name of a zone.
    """
    offset = _OFFSET.fullmatch(zone)
    if offset:
        text = f"{offset[1]}{int(offset[2]):02d}:{offset[3] or '00'}"
        return "UTC" if text[1:] == "00:00" else text
    if not re.fullmatch(r"[A-Za-z][\w+-]*(/[\w+-]+)*", zone):
        raise InvalidFunctionArgument(f"'{zone}' is not a valid time zone")
    return "UTC" if zone.upper() in ("UTC", "Z", "GMT", "UCT", "ZULU") else zone


def local_sql(instant: str, zone: Zone | None) -> str:
    """What the clocks of a zone show at an instant, as DuckDB's SQL."""
    return _moved(instant, zone, "+", "athena_local_time")


def instant_sql(local: str, zone: Zone | None) -> str:
    """The instant at which the clocks of a zone show a local time, as DuckDB's SQL."""
    return _moved(local, zone, "-", "athena_instant")


def _moved(moment: str, zone: Zone | None, sign: str, per_value: str) -> str:
    """From instants to local times or back: DuckDB's `timezone` does both, but knows no offsets."""
    if zone is None:
        return f"timezone('UTC', {moment})"
    if zone.name is None:
        return f"{per_value}({moment}, {zone.sql})"
    minutes = _offset_minutes(zone.name)
    if minutes is not None:
        return f"(timezone('UTC', {moment}) {sign} to_minutes({minutes}))"
    return f"timezone({zone.sql}, {moment})"


def zone_name_sql(zone: Zone | None) -> str:
    """DuckDB's expression for a zone's name."""
    return "'UTC'" if zone is None else zone.sql


def _offset_minutes(name: str) -> int | None:
    offset = _OFFSET.fullmatch(name)
    if offset is None:
        return None
    return (int(offset[2]) * 60 + int(offset[3] or 0)) * (1 if offset[1] == "+" else -1)
