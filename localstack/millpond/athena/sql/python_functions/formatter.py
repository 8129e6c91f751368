"""`format`: Java's `Formatter`, whose letters and flags differ from Python's in small things.

https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/Formatter.html#syntax. An argument
comes as a text with the name of its kind: `integer`, `decimal`, `double`, `boolean`, `date`, `timestamp`,
`time`, `text`.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_SPECIFIER = re.compile(
    r"%(?:(?P<index>\d+)\$|(?P<again><))?(?P<flags>[-#+ 0,(]*)(?P<width>[1-9]\d*)?"
    r"(?:\.(?P<precision>\d+))?(?P<date>[tT])?(?P<letter>[a-zA-Z%])"
)
_READERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "decimal": Decimal,
    "double": float,
    "boolean": lambda text: text == "true",
    "date": datetime.date.fromisoformat,
    "timestamp": datetime.datetime.fromisoformat,
    "time": datetime.time.fromisoformat,
    "text": str,
}


@dataclass(frozen=True)
class _Specifier:
    flags: str
    width: int
    precision: int | None
    letter: str

    def padded(self, text: str) -> str:
        if "-" in self.flags:
            return text.ljust(self.width)
        return text.rjust(self.width)


def format_text(pattern: str, kinds: list[str], texts: list[str | None]) -> str | None:
    """The pattern with its specifiers filled in."""
    values = [None if text is None else _READERS[kind](text) for kind, text in zip(kinds, texts, strict=True)]
    ordinary, last, pieces, at = 0, -1, [], 0
    while at < len(pattern):
        if pattern[at] != "%":
            end = pattern.find("%", at)
            end = len(pattern) if end < 0 else end
            pieces.append(pattern[at:end])
            at = end
            continue
        match = _SPECIFIER.match(pattern, at)
        if match is None:
            raise _invalid(
                pattern, f"UnknownFormatConversionException: Conversion = '{pattern[at : at + 2]}'"
            )
        at = match.end()
        if match["letter"] in "n%" and not match["date"]:
            pieces.append("\n" if match["letter"] == "n" else "%")
            continue
        if match["index"]:
            last = int(match["index"]) - 1
        elif not match["again"]:
            last, ordinary = ordinary, ordinary + 1
        if not 0 <= last < len(values):
            raise _invalid(pattern, f"MissingFormatArgumentException: Format specifier '{match[0]}'")
        pieces.append(_filled(match, values[last], pattern))
    return "".join(pieces)


def _filled(match: re.Match[str], value: Any, pattern: str) -> str:
    precision = int(match["precision"]) if match["precision"] else None
    item = _Specifier(match["flags"], int(match["width"] or 0), precision, match["letter"])
    upper = (match["date"] or item.letter) in ("T", "S", "X", "E", "G", "B", "H")
    if match["date"]:
        text = "null" if value is None else _moment(value, item.letter, pattern)
        text = item.padded(text)
    else:
        letter = item.letter.lower() if upper else item.letter
        if letter == "b":
            truth = value if isinstance(value, bool) else value is not None
            text = item.padded(_text(truth)[:precision])
        elif value is None or letter == "s":
            text = item.padded(("null" if value is None else _text(value))[:precision])
        elif letter in _NUMBERS and isinstance(value, _NUMBERS[letter][0]) and not isinstance(value, bool):
            text = _signed(value, item, _NUMBERS[letter][1](value, item))
        else:
            raise _invalid(
                pattern, f"IllegalFormatConversionException: {item.letter} != {_java_class(value)}"
            )
    return text.upper() if upper else text


def _text(value: Any) -> str:
    """What Java's `toString` gives."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, datetime.datetime):
        text = value.isoformat(timespec="microseconds" if value.microsecond % 1000 else "milliseconds")
        return re.sub(r"(:00)?\.000$", "", text)
    return str(value)


def java_double(value: float) -> str:
    """`Double.toString`: `1.0E10`, `0.001`."""
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(Decimal(repr(value)), "f")
        return text if "." in text else f"{text}.0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - it is finite
    rest = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{rest}E{exponent + len(digits) - 1}"


# ---- numbers: each gives the digits of the absolute value


def _integer(value: int, item: _Specifier) -> str:
    return _grouped(str(abs(value)), item)


def _fixed(value: float | Decimal, item: _Specifier) -> str:
    if not Decimal(repr(value) if isinstance(value, float) else value).is_finite():
        return java_double(abs(float(value)))
    return _grouped(_rounded(value, 6 if item.precision is None else item.precision), item)


def _scientific(value: float | Decimal, item: _Specifier) -> str:
    places = 6 if item.precision is None else item.precision
    number = abs(Decimal(repr(value) if isinstance(value, float) else value))
    exponent = number.adjusted() if number else 0
    mantissa = number.scaleb(-exponent).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if mantissa >= 10:
        mantissa, exponent = (mantissa / 10).quantize(Decimal(1).scaleb(-places)), exponent + 1
    return f"{mantissa:f}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _general(value: float | Decimal, item: _Specifier) -> str:
    digits = 6 if item.precision is None else max(item.precision, 1)
    number = abs(Decimal(repr(value) if isinstance(value, float) else value))
    if number == 0 or Decimal("0.0001") <= number < Decimal(10) ** digits:
        whole = number.adjusted() + 1 if number >= 1 else 1 if number == 0 else number.adjusted() + 1
        places = digits - whole if number else digits - 1
        return _fixed(value, _Specifier(item.flags, item.width, max(places, 0), "f"))
    return _scientific(value, _Specifier(item.flags, item.width, digits - 1, "e"))


def _hexadecimal(value: int, _: _Specifier) -> str:
    return format(value % 2**64, "x")


def _octal(value: int, _: _Specifier) -> str:
    return format(value % 2**64, "o")


def _character(value: int, _: _Specifier) -> str:
    return chr(value)


_NUMBERS: dict[str, tuple[Any, Callable[[Any, _Specifier], str]]] = {
    "d": (int, _integer),
    "f": ((float, Decimal), _fixed),
    "e": ((float, Decimal), _scientific),
    "g": ((float, Decimal), _general),
    "x": (int, _hexadecimal),
    "o": (int, _octal),
    "c": (int, _character),
}


def _rounded(value: float | Decimal, places: int) -> str:
    number = abs(Decimal(repr(value) if isinstance(value, float) else value))
    return format(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), "f")


def _grouped(digits: str, item: _Specifier) -> str:
    if "," not in item.flags:
        return digits
    whole, point, fraction = digits.partition(".")
    return f"{int(whole):,}{point}{fraction}"


def _signed(value: Any, item: _Specifier, digits: str) -> str:
    if item.letter in "xXoc":
        return digits.rjust(item.width, "0") if "0" in item.flags else item.padded(digits)
    before, after = "", ""
    if value < 0:
        before, after = ("(", ")") if "(" in item.flags else ("-", "")
    elif "+" in item.flags:
        before = "+"
    elif " " in item.flags:
        before = " "
    if "0" in item.flags:
        digits = digits.rjust(item.width - len(before) - len(after), "0")
    return item.padded(before + digits + after)


# ---- dates and times

_MOMENTS = {
    "A": "%A", "a": "%a", "B": "%B", "b": "%b", "h": "%b", "Y": "%Y", "y": "%y", "m": "%m", "d": "%d",
    "j": "%j",
    "H": "%H", "I": "%I", "M": "%M", "S": "%S", "D": "%m/%d/%y", "F": "%Y-%m-%d", "T": "%H:%M:%S",
    "R": "%H:%M", "r": "%I:%M:%S %p",
}  # fmt: skip
_OF_TIME = set("HIMSTRrklLNp")


def _moment(value: Any, letter: str, pattern: str) -> str:
    is_date = isinstance(value, datetime.date)
    has_time = isinstance(value, datetime.datetime | datetime.time)
    if not (has_time if letter in _OF_TIME else is_date):
        raise _invalid(pattern, f"IllegalFormatConversionException: {letter} != {_java_class(value)}")
    if letter in _MOMENTS:
        return str(value.strftime(_MOMENTS[letter]))
    special: dict[str, Callable[[Any], str]] = {
        "e": lambda v: str(v.day),
        "k": lambda v: str(v.hour),
        "l": lambda v: str((v.hour + 11) % 12 + 1),
        "L": lambda v: f"{v.microsecond // 1000:03d}",
        "N": lambda v: f"{v.microsecond * 1000:09d}",
        "p": lambda v: "am" if v.hour < 12 else "pm",
        "C": lambda v: f"{v.year // 100:02d}",
    }
    if letter not in special:
        raise FunctionFailure(f"format with %t{letter} is not supported", "NOT_SUPPORTED")
    return special[letter](value)


def _java_class(value: Any) -> str:
    names = {
        bool: "java.lang.Boolean",
        int: "java.lang.Long",
        float: "java.lang.Double",
        Decimal: "java.math.BigDecimal",
        datetime.date: "java.time.LocalDate",
        datetime.datetime: "java.time.LocalDateTime",
        datetime.time: "java.time.LocalTime",
    }
    return names.get(type(value), "java.lang.String")


def _invalid(pattern: str, reason: str) -> FunctionFailure:
    kind, _, detail = reason.partition(": ")
    return FunctionFailure(f"Invalid format string: {pattern} ({kind.removesuffix('Exception')}: {detail})")


FUNCTIONS = (
    PythonFunction("athena_py_format", ("VARCHAR", "VARCHAR[]", "VARCHAR[]"), "VARCHAR", format_text),
)
