"""Condition operators: how a value of the request is compared with one of the policy.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

from millpond.iam.evaluation.patterns import arn_pattern, as_text, text_pattern

Comparison = Callable[[str, str], bool]


@dataclass(frozen=True)
class Operator:
    """A condition operator.

    Attributes:
        name: As the policy spells it, without `ForAnyValue:` and `IfExists`.
        holds: Compares a value of the request with one of the policy.
        negated: Holds when no value of the policy compares.
        takes_variables: Whether the policy's values may have variables.
    """

    name: str
    holds: Comparison
    negated: bool = False
    takes_variables: bool = False


def _string_equals(actual: str, expected: str) -> bool:
    return actual == as_text(expected)


def _string_equals_ignore_case(actual: str, expected: str) -> bool:
    return actual.casefold() == as_text(expected).casefold()


def _string_like(actual: str, expected: str) -> bool:
    return text_pattern(expected).fullmatch(actual) is not None


def _arn_like(actual: str, expected: str) -> bool:
    return arn_pattern(expected).fullmatch(actual) is not None


@lru_cache(maxsize=1024)
def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _numeric(compare: Callable[[Decimal, Decimal], bool]) -> Comparison:
    def holds(actual: str, expected: str) -> bool:
        left, right = _number(actual), _number(expected)
        return left is not None and right is not None and compare(left, right)

    return holds


@lru_cache(maxsize=1024)
def instant(text: str) -> datetime | None:
    """A date in one of W3C's ISO 8601 profiles, or seconds since 1970; `None` when it is neither."""
    number = _number(text)
    if number is not None and not (len(text) == 4 and text.isdigit()):
        try:
            return datetime.fromtimestamp(float(number), UTC)
        except (OverflowError, ValueError, OSError):
            return None
    padded = f"{text}-01-01" if len(text) == 4 else f"{text}-01" if len(text) == 7 else text
    try:
        parsed = datetime.fromisoformat(padded)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _date(compare: Callable[[datetime, datetime], bool]) -> Comparison:
    def holds(actual: str, expected: str) -> bool:
        left, right = instant(actual), instant(expected)
        return left is not None and right is not None and compare(left, right)

    return holds


def _bool(actual: str, expected: str) -> bool:
    wanted = as_text(expected).lower()
    return actual.lower() == wanted and wanted in ("true", "false")


@lru_cache(maxsize=1024)
def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _binary_equals(actual: str, expected: str) -> bool:
    return _bytes(expected) is not None and _bytes(actual) == _bytes(expected)


@lru_cache(maxsize=1024)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _ip_address(actual: str, expected: str) -> bool:
    address, network = _address(actual), _network(expected)
    return address is not None and network is not None and address in network


_ALL: Final = (
    Operator("StringEquals", _string_equals, takes_variables=True),
    Operator("StringNotEquals", _string_equals, negated=True, takes_variables=True),
    Operator("StringEqualsIgnoreCase", _string_equals_ignore_case, takes_variables=True),
    Operator("StringNotEqualsIgnoreCase", _string_equals_ignore_case, negated=True, takes_variables=True),
    Operator("StringLike", _string_like, takes_variables=True),
    Operator("StringNotLike", _string_like, negated=True, takes_variables=True),
    Operator("NumericEquals", _numeric(lambda left, right: left == right)),
    Operator("NumericNotEquals", _numeric(lambda left, right: left == right), negated=True),
    Operator("NumericLessThan", _numeric(lambda left, right: left < right)),
    Operator("NumericLessThanEquals", _numeric(lambda left, right: left <= right)),
    Operator("NumericGreaterThan", _numeric(lambda left, right: left > right)),
    Operator("NumericGreaterThanEquals", _numeric(lambda left, right: left >= right)),
    Operator("DateEquals", _date(lambda left, right: left == right)),
    Operator("DateNotEquals", _date(lambda left, right: left == right), negated=True),
    Operator("DateLessThan", _date(lambda left, right: left < right)),
    Operator("DateLessThanEquals", _date(lambda left, right: left <= right)),
    Operator("DateGreaterThan", _date(lambda left, right: left > right)),
    Operator("DateGreaterThanEquals", _date(lambda left, right: left >= right)),
    Operator("Bool", _bool, takes_variables=True),
    Operator("BinaryEquals", _binary_equals),
    Operator("IpAddress", _ip_address),
    Operator("NotIpAddress", _ip_address, negated=True),
    Operator("ArnEquals", _arn_like, takes_variables=True),
    Operator("ArnLike", _arn_like, takes_variables=True),
    Operator("ArnNotEquals", _arn_like, negated=True, takes_variables=True),
    Operator("ArnNotLike", _arn_like, negated=True, takes_variables=True),
)

OPERATORS: Final = {operator.name.lower(): operator for operator in _ALL}
"""By name in lower case; `Null` is not among them, for it compares no values."""
