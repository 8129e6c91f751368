"""An event against its contract: every value read by its type, every rule applied, every reason told.

Values keep the spelling that the table's types are read from: numbers as they came, timestamps in UTC as Hive
writes them. What the contract does not name is left out.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Final

from collect_events.exceptions import ValueRejected
from lake.column_types import NUMBERS
from lake.contracts import ISO_8601, Column, SourceContract

_LONGEST_TEXT: Final = 8192
# Decimal's usual context would round what has more than 28 digits.
_EXACT: Final = Context(prec=2 * 38)
_BOUNDS: Final = {"integer": 2**31, "bigint": 2**63}


@dataclass(frozen=True)
class CheckedEvent:
    """An event by the names of the table's columns, or the reasons why it is none."""

    values: Mapping[str, Any]
    reasons: tuple[str, ...]


def check(event: Any, contract: SourceContract) -> CheckedEvent:
    """Read an event by its contract."""
    if not isinstance(event, dict):
        return CheckedEvent({}, ("the event is no JSON object",))
    values: dict[str, Any] = {}
    reasons: list[str] = []
    for column in contract.columns:
        try:
            values[column.name] = _value(column, event.get(column.field))
        except ValueRejected as error:
            reasons.append(f"{column.field}: {error}")
    return CheckedEvent({} if reasons else values, tuple(reasons))


def _value(column: Column, given: Any) -> Any:
    if given is None or given == "":
        if not column.nullable:
            raise ValueRejected("is missing")
        return None
    if isinstance(given, dict | list):
        raise ValueRejected("is a nested value where a single one belongs")
    value = _READERS[column.type.kind](column, given)
    _apply_rules(column, value)
    return value


def _apply_rules(column: Column, value: Any) -> None:
    rules = column.rules
    if column.type.kind in NUMBERS:
        number = Decimal(str(value))
        if rules.minimum is not None and number < Decimal(rules.minimum):
            raise ValueRejected(f"is below {rules.minimum}")
        if rules.maximum is not None and number > Decimal(rules.maximum):
            raise ValueRejected(f"is above {rules.maximum}")
    if rules.accepted_values and value not in rules.accepted_values:
        raise ValueRejected(f"is none of {', '.join(rules.accepted_values)}")
    if rules.pattern is not None and not re.fullmatch(rules.pattern, value):
        raise ValueRejected(f"does not match {rules.pattern}")


def _text(_: Column, given: Any) -> str:
    if not isinstance(given, str):
        raise ValueRejected("is no text")
    if len(given) > _LONGEST_TEXT:
        raise ValueRejected(f"has more than {_LONGEST_TEXT} characters")
    return given


def _whole_number(column: Column, given: Any) -> int:
    number = _number(column, given)
    if number != number.to_integral_value():
        raise ValueRejected(f"is no {column.type}: it has a fraction")
    limit = _BOUNDS[column.type.kind]
    if not -limit <= number < limit:
        raise ValueRejected(f"is too large for {column.type}")
    return int(number)


def _decimal(column: Column, given: Any) -> str:
    """A decimal as text, which Parquet's converter reads exactly."""
    number, kind = _number(column, given), column.type
    if number and number.adjusted() >= kind.precision - kind.scale:
        raise ValueRejected(f"is too large for {kind}")
    rounded = number.quantize(Decimal(1).scaleb(-kind.scale), context=_EXACT)
    if rounded != number:
        raise ValueRejected(f"has more decimals than {kind}")
    return f"{rounded:f}"


def _double(column: Column, given: Any) -> float:
    return float(_number(column, given))


def _number(column: Column, given: Any) -> Decimal:
    # Decimal also reads underscores, the digits of all scripts and NaN.
    text = str(given).strip()
    try:
        number = Decimal(text) if text.isascii() and "_" not in text and not isinstance(given, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueRejected(f"is no {column.type}")
    return number


def _boolean(_: Column, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ValueRejected("is neither true nor false")
    return given


def _timestamp(column: Column, given: Any) -> str:
    moment = _moment(column, given)
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return moment.isoformat(sep=" ", timespec="milliseconds")


def _date(column: Column, given: Any) -> str:
    return _moment(column, given).date().isoformat()


def _moment(column: Column, given: Any) -> datetime.datetime:
    for written in column.formats:
        try:
            if written == ISO_8601:
                return datetime.datetime.fromisoformat(str(given))
            return datetime.datetime.strptime(str(given), written)
        except (ValueError, OverflowError):
            continue
    raise ValueRejected(f"is no {column.type} like {' or '.join(column.formats)}")


_READERS: Final[Mapping[str, Callable[[Column, Any], Any]]] = {
    "string": _text,
    "integer": _whole_number,
    "bigint": _whole_number,
    "decimal": _decimal,
    "double": _double,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
}
