"""Column types as the Glue catalog spells them, and JSON values of these types.

https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
"""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from millpond.firehose.exceptions import InvalidArgument

_SIMPLE: dict[str, pa.DataType] = {
    "bigint": pa.int64(),
    "binary": pa.binary(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "double": pa.float64(),
    "float": pa.float32(),
    "int": pa.int32(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "string": pa.string(),
    "timestamp": pa.timestamp("ms"),
    "tinyint": pa.int8(),
}


def parse_type(text: str) -> pa.DataType:
    """The Arrow type of a Hive type, nested ones too.

    Raises:
        InvalidArgument: There is no such type.
    """
    text = text.strip().lower()
    if text in _SIMPLE:
        return _SIMPLE[text]
    name, _, content = text.partition("<")
    if re.fullmatch(r"(var)?char\(\d+\)", text):
        return pa.string()
    if match := re.fullmatch(r"decimal(?:\((\d+)(?:,\s*(\d+))?\))?", text):
        return pa.decimal128(int(match[1] or 10), int(match[2] or 0))
    if content.endswith(">"):
        parts = _split(content[:-1])
        if name == "array" and len(parts) == 1:
            return pa.list_(parse_type(parts[0]))
        if name == "map" and len(parts) == 2:
            return pa.map_(parse_type(parts[0]), parse_type(parts[1]))
        if name == "struct" and all(":" in part for part in parts):
            fields = [part.partition(":") for part in parts]
            return pa.struct([(field.strip(), parse_type(type_)) for field, _, type_ in fields])
    raise InvalidArgument(f"The local cloud cannot convert records to the type {text}.")


def _split(text: str) -> list[str]:
    """The parts between the outer commas."""
    parts, depth, begin = [], 0, 0
    for position, character in enumerate(text):
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[begin:position])
            begin = position + 1
    return [*parts, text[begin:]]


def convert(value: Any, type_: pa.DataType) -> Any:
    """A JSON value as one of a type.

    Raises:
        ValueError: It is none of this type.
    """
    if value is None:
        return None
    if pa.types.is_list(type_):
        _expect(isinstance(value, list), value, type_)
        return [convert(element, type_.value_type) for element in value]
    if pa.types.is_map(type_):
        _expect(isinstance(value, dict), value, type_)
        items = value.items()
        return [(convert(key, type_.key_type), convert(item, type_.item_type)) for key, item in items]
    if pa.types.is_struct(type_):
        _expect(isinstance(value, dict), value, type_)
        lower = {key.lower(): item for key, item in value.items()}
        return {field.name: convert(lower.get(field.name), field.type) for field in type_}
    for matches, make in _SCALARS:
        if matches(type_):
            return make(value, type_)
    raise ValueError(f"cannot make {type_} of {json.dumps(value)}")


def _expect(condition: bool, value: Any, type_: pa.DataType) -> None:
    if not condition:
        raise ValueError(f"{json.dumps(value)} is no {type_}")


def _integer(value: Any, type_: pa.DataType) -> int:
    number = Decimal(str(value)) if isinstance(value, int | float | str) and value is not True else None
    _expect(number is not None and number == int(number), value, type_)
    made = int(number or 0)
    _expect(-(2 ** (type_.bit_width - 1)) <= made < 2 ** (type_.bit_width - 1), value, type_)
    return made


def _boolean(value: Any, type_: pa.DataType) -> bool:
    known = {True: True, False: False, "true": True, "false": False}
    _expect(isinstance(value, bool | str) and value in known, value, type_)
    return known[value]


def _string(value: Any, _: pa.DataType) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _timestamp(value: Any, type_: pa.DataType) -> datetime.datetime:
    """Seconds or milliseconds since 1970, or a text; without a zone, as everything in a lake."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if abs(value) >= 1e11 else value
        return datetime.datetime.fromtimestamp(seconds, datetime.UTC).replace(tzinfo=None)
    _expect(isinstance(value, str), value, type_)
    moment = datetime.datetime.fromisoformat(value.strip())
    return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _date(value: Any, type_: pa.DataType) -> datetime.date:
    _expect(isinstance(value, str), value, type_)
    return datetime.date.fromisoformat(value.strip()[:10])


def _decimal(value: Any, type_: pa.DataType) -> Decimal:
    _expect(isinstance(value, int | float | str) and not isinstance(value, bool), value, type_)
    number = Decimal(str(value)).quantize(Decimal(1).scaleb(-type_.scale))
    _expect(len(number.as_tuple().digits) <= type_.precision, value, type_)
    return number


def _floating(value: Any, type_: pa.DataType) -> float:
    _expect(isinstance(value, int | float | str) and not isinstance(value, bool), value, type_)
    return float(value)


_Make = Callable[[Any, pa.DataType], Any]
_SCALARS: tuple[tuple[Callable[[pa.DataType], bool], _Make], ...] = (
    (pa.types.is_integer, _integer),
    (pa.types.is_boolean, _boolean),
    (pa.types.is_string, _string),
    (pa.types.is_timestamp, _timestamp),
    (pa.types.is_date, _date),
    (pa.types.is_decimal, _decimal),
    (pa.types.is_floating, _floating),
    (pa.types.is_binary, lambda value, _: base64.b64decode(value)),
)


def row_of(document: Mapping[str, Any], schema: pa.Schema, mappings: Mapping[str, str]) -> dict[str, Any]:
    """A JSON object as a row.

    Args:
        document: The object.
        schema: The table's.
        mappings: Of columns to the keys that they come from, where these differ.

    Raises:
        ValueError: A value is none of its column's type.
    """
    lower = {key.lower(): value for key, value in document.items()}
    row = {}
    for column in schema:
        value = lower.get(mappings.get(column.name, column.name).lower())
        try:
            row[column.name] = convert(value, column.type)
        except (ValueError, ArithmeticError) as error:
            raise ValueError(f"column {column.name}: {error}") from None
    return row
