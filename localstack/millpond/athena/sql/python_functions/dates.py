"""Dates and durations whose pattern is no constant, or whose text DuckDB does not read.

MySQL's patterns are those of `date_parse`, Joda's those of `parse_datetime`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from millpond.athena.sql.date_patterns import DatePatternError, joda_pattern, joda_pieces, mysql_pattern
from millpond.athena.sql.exceptions import InvalidFunctionArgument
from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction
from millpond.athena.sql.zones import normal_zone

_DURATIONS = {
    "ns": Decimal("0.000001"), "us": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000),
    "m": Decimal(60_000), "h": Decimal(3_600_000), "d": Decimal(86_400_000),
}  # fmt: skip
_BAD_ARGUMENT = "INVALID_FUNCTION_ARGUMENT"
_SPANS = (("week", 604_800), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def parse_duration(text: str) -> int:
    """`42.8ms` in milliseconds."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    if match is None:
        raise FunctionFailure(f"duration is not a valid data duration string: {text}")
    if match[2] not in _DURATIONS:
        raise FunctionFailure(f"Unknown time unit: {match[2]}")
    return int((Decimal(match[1]) * _DURATIONS[match[2]]).quantize(Decimal(1), ROUND_HALF_UP))


def human_readable_seconds(seconds: float) -> str:
    """`1 minute, 1 second`."""
    if seconds != seconds or abs(seconds) == float("inf"):
        raise FunctionFailure(f"Invalid argument found: {seconds}")
    rest, parts = int(abs(seconds) + 0.5), []
    for name, size in _SPANS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return ", ".join(parts) or "0 seconds"


def from_iso8601_date(text: str) -> str:
    """A calendar date, a week's date or a day of a year, as `YYYY-MM-DD`."""
    try:
        if match := re.fullmatch(r"(\d{4})-W(\d{1,2})(?:-(\d))?", text):
            return str(datetime.date.fromisocalendar(int(match[1]), int(match[2]), int(match[3] or 1)))
        if match := re.fullmatch(r"(\d{4})-(\d{3})", text):
            day = datetime.date(int(match[1]), 1, 1) + datetime.timedelta(int(match[2]) - 1)
            if day.year == int(match[1]):
                return str(day)
        elif match := re.fullmatch(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", text):
            return str(datetime.date(int(match[1]), int(match[2] or 1), int(match[3] or 1)))
    except ValueError as error:
        raise _unreadable(text) from error
    raise _unreadable(text)


def date_parse(text: str, pattern: str) -> datetime.datetime:
    """A text read by a pattern of MySQL's."""
    expression, names = _mysql_expression(pattern)
    match = re.fullmatch(expression, text, re.IGNORECASE)
    if match is None:
        raise FunctionFailure(f'Invalid format: "{text}"')
    return _moment(text, dict(zip(names, match.groups(), strict=True)))


def _mysql_expression(pattern: str) -> tuple[str, list[str]]:
    """A pattern of MySQL's as a regular expression, and what each of its groups is."""
    expression, names, at = "", [], 0
    while at < len(pattern):
        letter = pattern[at + 1 : at + 2]
        if pattern[at] != "%" or not letter:
            expression += re.escape(pattern[at])
            at += 1
            continue
        at += 2
        if letter in "DUuVwX":
            raise FunctionFailure(f"%{letter} not supported in date format string")
        found = _MYSQL.get(letter)
        if found is None:
            expression += re.escape(letter)
            continue
        expression += found[0]
        names += found[1]
    return expression, names


def date_format(micros: int, pattern: str) -> str:
    """A local time, in microseconds since 1970, written by a pattern of MySQL's."""
    return _written(micros, _translated(mysql_pattern, pattern))


def format_datetime(micros: int, pattern: str) -> str:
    """A local time, in microseconds since 1970, written by a pattern of Joda's."""
    return _written(micros, _translated(joda_pattern, pattern))


def parse_datetime(text: str, pattern: str) -> datetime.datetime:
    """A text read by a pattern of Joda's."""
    return date_parse(text, _mysql_of_joda(_translated(joda_pattern, pattern)))


def _mysql_of_joda(pattern: str) -> str:
    """MySQL's pattern for what `joda_pattern` gives, which is MySQL's but for some letters."""
    specifiers = {"M": "i", "B": "M", "g": "f", "A": "W", "G": "Y", "V": "v"}
    return re.sub(r"%-?(.)", lambda match: "%" + specifiers.get(match[1], match[1]), pattern)


def parse_zoned_datetime(text: str, pattern: str) -> str:
    """A text read by a pattern of Joda's with a zone in it: the local time, a space and the zone's name."""
    expression, names = "", []
    for piece in joda_pieces(pattern):
        if piece.letters and piece.letters.strip("Z"):
            raise FunctionFailure(f"the date format {piece.letters}", "NOT_SUPPORTED")
        if piece.letters:
            expression += r"(Z|[+-]\d{2}(?::?\d{2})?)" if len(piece.letters) < 3 else r"([A-Za-z][\w/+-]*)"
            names.append("zone")
            continue
        inner, inner_names = _mysql_expression(_mysql_of_joda(piece.text))
        expression += inner
        names += inner_names
    match = re.fullmatch(expression, text, re.IGNORECASE)
    if match is None:
        raise FunctionFailure(f'Invalid format: "{text}"')
    parts = dict(zip(names, match.groups(), strict=True))
    try:
        zone = normal_zone(parts.pop("zone"))
    except InvalidFunctionArgument as error:
        raise FunctionFailure(error.message) from error
    return f"{_moment(text, parts).isoformat(' ', 'microseconds')} {zone}"


def _translated(translate: Callable[[str], str], pattern: str) -> str:
    try:
        return translate(pattern)
    except DatePatternError as error:
        raise FunctionFailure(str(error), "NOT_SUPPORTED" if error.is_missing else _BAD_ARGUMENT) from error


def _written(micros: int, pattern: str) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros)
    # Python has no milliseconds, and writes years before 1000 with fewer digits.
    own = {"%g": f"{moment.microsecond // 1000:03d}", "%Y": f"{moment.year:04d}"}
    return moment.strftime(re.sub("%%|%[gY]", lambda match: own.get(match[0], match[0]), pattern))


def teradata_parse(text: str, pattern: str) -> datetime.datetime:
    """A text read by a pattern of Teradata's: `yyyy-mm-dd hh24:mi:ss`."""
    expression, names, at = "", [], 0
    while at < len(pattern):
        for word, (part, name) in _TERADATA.items():
            if pattern.startswith(word, at):
                expression += part
                names.append(name)
                at += len(word)
                break
        else:
            if pattern[at].isalpha():
                raise FunctionFailure(f"Failed to tokenize string [{pattern}] at offset [{at}]")
            expression += re.escape(pattern[at])
            at += 1
    match = re.fullmatch(expression, text)
    if match is None:
        raise FunctionFailure(f'Invalid format: "{text}"')
    return _moment(text, dict(zip(names, match.groups(), strict=True)))


_TWO = r"(\d{1,2})"
_NAMES_OF_MONTHS = f"({'|'.join(_MONTHS)})"
_MYSQL: dict[str, tuple[str, list[str]]] = {
    "a": (f"({'|'.join(day[:3] for day in _DAYS)})", ["_"]),
    "b": (f"({'|'.join(month[:3] for month in _MONTHS)})", ["month_name"]),
    "c": (_TWO, ["month"]),
    "d": (_TWO, ["day"]),
    "e": (_TWO, ["day"]),
    "f": (r"(\d{1,9})", ["fraction"]),
    "H": (_TWO, ["hour"]),
    "h": (_TWO, ["half_hour"]),
    "I": (_TWO, ["half_hour"]),
    "i": (_TWO, ["minute"]),
    "j": (r"(\d{1,3})", ["day_of_year"]),
    "k": (_TWO, ["hour"]),
    "l": (_TWO, ["half_hour"]),
    "M": (_NAMES_OF_MONTHS, ["month_name"]),
    "m": (_TWO, ["month"]),
    "p": ("(AM|PM)", ["half"]),
    "r": (rf"{_TWO}:{_TWO}:{_TWO} (AM|PM)", ["half_hour", "minute", "second", "half"]),
    "S": (_TWO, ["second"]),
    "s": (_TWO, ["second"]),
    "T": (rf"{_TWO}:{_TWO}:{_TWO}", ["hour", "minute", "second"]),
    "W": (f"({'|'.join(_DAYS)})", ["_"]),
    "Y": (r"(\d{1,4})", ["year"]),
    "y": (r"(\d{2})", ["short_year"]),
    "%": ("%", []),
}
_TERADATA = {
    "yyyy": (r"(\d{4})", "year"),
    "hh24": (_TWO, "hour"),
    "yy": (r"(\d{2})", "short_year"),
    "mm": (_TWO, "month"),
    "mi": (_TWO, "minute"),
    "dd": (_TWO, "day"),
    "hh": (_TWO, "half_hour"),
    "ss": (_TWO, "second"),
}


def _moment(text: str, parts: dict[str, str]) -> datetime.datetime:
    number: Callable[[str, int], int] = lambda name, default: int(parts.get(name, default))  # noqa: E731
    year = number("year", 1970)
    if "short_year" in parts:
        short = number("short_year", 0)
        year = short + (2000 if short < 70 else 1900)
    month = number("month", 1)
    if "month_name" in parts:
        month = 1 + [name[:3] for name in _MONTHS].index(parts["month_name"][:3].title())
    hour = number("hour", 0)
    if "half_hour" in parts:
        half = number("half_hour", 12)
        if not 1 <= half <= 12:
            raise FunctionFailure(f'Cannot parse "{text}"')
        hour = half % 12 + (12 if parts.get("half", "AM").upper() == "PM" else 0)
    millis = int(parts.get("fraction", "0").ljust(3, "0")[:3])
    try:
        moment = datetime.datetime(
            year, month, number("day", 1), hour, number("minute", 0), number("second", 0), millis * 1000
        )
    except ValueError as error:
        raise FunctionFailure(f'Cannot parse "{text}": {error}') from error
    if "day_of_year" in parts:
        moment = moment.replace(month=1, day=1) + datetime.timedelta(number("day_of_year", 1) - 1)
    return moment


def _unreadable(text: str) -> FunctionFailure:
    return FunctionFailure(f'Invalid format: "{text}"')


FUNCTIONS = (
    PythonFunction("athena_py_parse_duration", ("VARCHAR",), "BIGINT", parse_duration),
    PythonFunction("athena_py_human_readable_seconds", ("DOUBLE",), "VARCHAR", human_readable_seconds),
    PythonFunction("athena_py_from_iso8601_date", ("VARCHAR",), "VARCHAR", from_iso8601_date),
    PythonFunction(
        "athena_py_date_parse",
        ("VARCHAR", "VARCHAR"),
        "VARCHAR",
        lambda text, pattern: str(date_parse(text, pattern)),
    ),
    PythonFunction("athena_py_date_format", ("BIGINT", "VARCHAR"), "VARCHAR", date_format),
    PythonFunction("athena_py_format_datetime", ("BIGINT", "VARCHAR"), "VARCHAR", format_datetime),
    PythonFunction(
        "athena_py_parse_datetime",
        ("VARCHAR", "VARCHAR"),
        "VARCHAR",
        lambda text, pattern: str(parse_datetime(text, pattern)),
    ),
    PythonFunction("athena_py_parse_zoned_datetime", ("VARCHAR", "VARCHAR"), "VARCHAR", parse_zoned_datetime),
    PythonFunction(
        "athena_py_teradata_parse",
        ("VARCHAR", "VARCHAR"),
        "VARCHAR",
        lambda text, pattern: str(teradata_parse(text, pattern)),
    ),
)
