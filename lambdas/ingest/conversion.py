"""From text to typed columns.

Values in their usual spelling are recognised by a regular expression and converted all at once by Arrow.
The few that are left are read one by one in Python, by the same definition of the type: they are values in
an unusual spelling (`1e3`, ` 7`), or the reason why a row is quarantined.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lake.column_types import ColumnType
from lake.contracts import ISO_8601, Column

# Decimal's usual context would round what has more than 28 digits.
_EXACT = Context(prec=2 * 38)
_RANGES = {"integer": 2**31, "bigint": 2**63}
# The formats that Arrow reads as they are, and strictly, with the texts that it may be given for each.
_TIMESTAMPS_OF_ARROW = {
    "%Y-%m-%d %H:%M:%S": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "%Y-%m-%dT%H:%M:%S": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    ISO_8601: r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?",
}
_DATES_OF_ARROW = {"%Y-%m-%d": r"\d{4}-\d\d-\d\d", ISO_8601: r"\d{4}-\d\d-\d\d"}
_NEVER = r"\z."


@dataclass(frozen=True)
class ConvertedColumn:
    """A column's values, null where there was none or it could not be read, and why not, by row."""

    values: pa.Array
    problems: dict[int, str]


@dataclass(frozen=True)
class _Converter:
    """How one type is read.

    Attributes:
        arrow: Its Arrow type.
        usual: The regular expression of the values that `all_at_once` can take.
        all_at_once: Converts a column of such values; may raise ArrowInvalid.
        one: Reads any single value or raises ValueError with what it is not.
    """

    arrow: pa.DataType
    usual: str
    all_at_once: Callable[[pa.Array], pa.Array]
    one: Callable[[str], Any]


def arrow_type(column_type: ColumnType) -> pa.DataType:
    """The Arrow type, and so the Parquet type, of a column of raw.

    Timestamps have milliseconds, which is what Athena reads from a Hive table.
    """
    if column_type.kind == "decimal":
        return pa.decimal128(column_type.precision, column_type.scale)
    return {
        "string": pa.string(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("ms"),
    }[column_type.kind]


def convert(column: Column, texts: list[str | None]) -> ConvertedColumn:
    """Give a column its type."""
    written = pa.array(texts, pa.string())
    if column.type.kind == "string":
        return ConvertedColumn(written, {})
    converter = _CONVERTERS[column.type.kind](column)
    is_usual = pc.match_substring_regex(written, converter.usual)
    try:
        values = converter.all_at_once(pc.if_else(is_usual, written, None))
        left = pc.indices_nonzero(pc.invert(is_usual)).to_pylist()
    except pa.ArrowInvalid:
        # A 30 February among them: it looks usual and is none.
        values = pa.nulls(len(written), converter.arrow)
        left = pc.indices_nonzero(pc.is_valid(written)).to_pylist()
    return _convert_one_by_one(column, converter, texts, values, left)


def _convert_one_by_one(
    column: Column, converter: _Converter, texts: list[str | None], values: pa.Array, left: list[int]
) -> ConvertedColumn:
    problems: dict[int, str] = {}
    read: dict[int, Any] = {}
    for row in left:
        text = texts[row] or ""
        try:
            read[row] = converter.one(text.strip())
        except ValueError as error:
            problems[row] = f"{column.field}: {_shortened(text)} {error}"
    if read:
        mask = pa.array([row in read for row in range(len(texts))])
        values = pc.replace_with_mask(values, mask, pa.array(list(read.values()), converter.arrow))
    return ConvertedColumn(values, problems)


def _integer(column: Column) -> _Converter:
    kind = column.type.kind
    arrow, limit = arrow_type(column.type), _RANGES[kind]

    def all_at_once(texts: pa.Array) -> pa.Array:
        return pc.cast(pc.replace_substring_regex(texts, r"\.0+\z", ""), arrow)

    def one(text: str) -> int:
        number = _decimal_number(text, kind)
        if number != number.to_integral_value():
            raise ValueError(f"is no {kind}: it has a fraction")
        if not -limit <= number < limit:
            raise ValueError(f"is too large for {kind}")
        return int(number)

    digits = 9 if kind == "integer" else 18
    return _Converter(arrow, rf"\A-?\d{{1,{digits}}}(\.0+)?\z", all_at_once, one)


def _decimal(column: Column) -> _Converter:
    arrow, precision, scale = arrow_type(column.type), column.type.precision, column.type.scale
    whole = precision - scale

    def one(text: str) -> Decimal:
        number = _decimal_number(text, str(column.type))
        if number.adjusted() >= whole and number:
            raise ValueError(f"is too large for {column.type}")
        rounded = number.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
        if rounded != number:
            raise ValueError(f"has more decimals than {column.type}")
        return rounded

    fraction = rf"(\.\d{{1,{scale}}})?" if scale else ""
    usual = rf"\A-?\d{{1,{whole}}}{fraction}\z" if whole else rf"\A-?0{fraction}\z"
    return _Converter(arrow, usual, lambda texts: pc.cast(texts, arrow), one)


def _double(_: Column) -> _Converter:
    def one(text: str) -> float:
        number = float(_decimal_number(text, "double"))
        if math.isinf(number):
            raise ValueError("is too large for double")
        return number

    usual = r"\A-?\d{1,200}(\.\d+)?([eE][+-]?\d{1,2})?\z"
    return _Converter(pa.float64(), usual, lambda texts: pc.cast(texts, pa.float64()), one)


def _boolean(_: Column) -> _Converter:
    def one(text: str) -> bool:
        if text.lower() not in ("true", "false"):
            raise ValueError("is neither true nor false")
        return text.lower() == "true"

    return _Converter(pa.bool_(), r"\A(true|false)\z", lambda texts: pc.equal(texts, "true"), one)


def _timestamp(column: Column) -> _Converter:
    arrow = pa.timestamp("ms")

    def one(text: str) -> datetime.datetime:
        for written in column.formats:
            try:
                if written == ISO_8601:
                    moment = datetime.datetime.fromisoformat(text)
                else:
                    moment = datetime.datetime.strptime(text, written)
                if moment.tzinfo is not None:
                    moment = moment.astimezone(datetime.UTC).replace(tzinfo=None)
            except (ValueError, OverflowError):
                # The second is a moment of the year 1 or 9999 that lies in another one in UTC.
                continue
            return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        raise ValueError(f"is no timestamp like {' or '.join(column.formats)}")

    def all_at_once(texts: pa.Array) -> pa.Array:
        return pc.cast(pc.cast(texts, pa.timestamp("us")), arrow, safe=False)

    return _Converter(arrow, _usual_texts(column, _TIMESTAMPS_OF_ARROW), all_at_once, one)


def _date(column: Column) -> _Converter:
    def one(text: str) -> datetime.date:
        for written in column.formats:
            try:
                if written == ISO_8601:
                    return datetime.date.fromisoformat(text)
                return datetime.datetime.strptime(text, written).date()
            except ValueError:
                continue
        raise ValueError(f"is no date like {' or '.join(column.formats)}")

    return _Converter(
        pa.date32(), _usual_texts(column, _DATES_OF_ARROW), lambda texts: pc.cast(texts, pa.date32()), one
    )


def _usual_texts(column: Column, known: Mapping[str, str]) -> str:
    """What Arrow may read; nothing if a format is unknown to it, which could claim the same texts."""
    if not known.keys() >= set(column.formats):
        return _NEVER
    return rf"\A(?:{'|'.join(known[written] for written in column.formats)})\z"


def _decimal_number(text: str, what: str) -> Decimal:
    # Decimal also reads underscores, the digits of all scripts and NaN.
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise ValueError(f"is no {what}")
    return number


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 100 else f"{text[:100]}…")


_CONVERTERS: dict[str, Callable[[Column], _Converter]] = {
    "integer": _integer,
    "bigint": _integer,
    "decimal": _decimal,
    "double": _double,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "date": _date,
}
