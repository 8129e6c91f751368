"""Athena's types and values in Avro: the schema of a file, and the bytes of its rows.

https://avro.apache.org/docs/1.11.1/specification/
"""

from __future__ import annotations

import datetime
import decimal
import itertools
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.types import SqlType

Encode = Callable[[Any], bytes]

_EPOCH = datetime.datetime(1970, 1, 1)
_MILLISECOND = datetime.timedelta(milliseconds=1)
_NULL = b"\x00"
_NOT_NULL = b"\x02"


def record_schema(columns: Sequence[Column]) -> dict[str, Any]:
    """The schema of a file with these columns; every value may be NULL.

    Raises:
        NotSupported: Avro has no type for a column.
    """
    numbers = itertools.count(1)
    fields = [_field(column.name, column.type, numbers) for column in columns]
    return {"type": "record", "name": "row", "fields": fields}


def row_encoder(columns: Sequence[Column]) -> Callable[[Sequence[Any]], bytes]:
    """What gives the bytes of a row, of Arrow's Python values."""
    encoders = [_nullable(column.type) for column in columns]
    return lambda row: b"".join([encode(value) for encode, value in zip(encoders, row, strict=True)])


def long_bytes(value: int) -> bytes:
    """A number in Avro's zigzag coding, seven bits a byte."""
    rest = value << 1 if value >= 0 else (-value << 1) - 1
    encoded = bytearray()
    while rest >= 0x80:
        encoded.append(rest & 0x7F | 0x80)
        rest >>= 7
    encoded.append(rest)
    return bytes(encoded)


def sized(data: bytes) -> bytes:
    """Bytes behind their number."""
    return long_bytes(len(data)) + data


def _field(name: str, type_: SqlType, numbers: Iterator[int]) -> dict[str, Any]:
    return {"name": name, "type": ["null", _schema(type_, numbers)], "default": None}


def _schema(type_: SqlType, numbers: Iterator[int]) -> Any:
    if type_.name == "array":
        return {"type": "array", "items": ["null", _schema(type_.elements[0], numbers)]}
    if type_.name == "map":
        key, value = type_.elements
        if key.name not in ("varchar", "char"):
            raise NotSupported(f"Avro has maps with text keys only, not {type_.trino}")
        return {"type": "map", "values": ["null", _schema(value, numbers)]}
    if type_.name == "row":
        fields = [_field(f.name or f"field{i}", f.type, numbers) for i, f in enumerate(type_.fields)]
        return {"type": "record", "name": f"row{next(numbers)}", "fields": fields}
    if type_.name == "decimal":
        precision, scale = type_.parameters
        return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
    try:
        return _SCHEMAS[type_.name]
    except KeyError:
        raise NotSupported(f"Avro has no type for {type_.trino}") from None


def _nullable(type_: SqlType) -> Encode:
    encode = _encoder(type_)
    return lambda value: _NULL if value is None else _NOT_NULL + encode(value)


def _encoder(type_: SqlType) -> Encode:
    if type_.name == "array":
        item = _nullable(type_.elements[0])
        return lambda values: _block([item(value) for value in values])
    if type_.name == "map":
        entry = _nullable(type_.elements[1])
        return lambda entries: _block([_text(key) + entry(value) for key, value in entries])
    if type_.name == "row":
        fields = [(f.name or f"field{i}", _nullable(f.type)) for i, f in enumerate(type_.fields)]
        return lambda row: b"".join([encode(row[name]) for name, encode in fields])
    if type_.name == "decimal":
        return _decimal(type_.parameters[1])
    return _ENCODERS[type_.name]


def _block(items: Sequence[bytes]) -> bytes:
    return (long_bytes(len(items)) + b"".join(items) if items else b"") + long_bytes(0)


def _text(value: str) -> bytes:
    return sized(value.encode())


def _days(value: datetime.date) -> bytes:
    return long_bytes((value - _EPOCH.date()).days)


def _milliseconds(value: datetime.datetime) -> bytes:
    return long_bytes((value - _EPOCH) // _MILLISECOND)


def _decimal(scale: int) -> Encode:
    context = decimal.Context(prec=76)

    def encode(value: decimal.Decimal) -> bytes:
        unscaled = int(value.scaleb(scale, context))
        return sized(unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True))

    return encode


_SCHEMAS: Mapping[str, Any] = {
    "boolean": "boolean",
    **dict.fromkeys(("tinyint", "smallint", "integer"), "int"),
    "bigint": "long",
    "real": "float",
    "double": "double",
    **dict.fromkeys(("varchar", "char"), "string"),
    "varbinary": "bytes",
    "date": {"type": "int", "logicalType": "date"},
    "timestamp": {"type": "long", "logicalType": "timestamp-millis"},
}

_ENCODERS: Mapping[str, Encode] = {
    "boolean": lambda value: b"\x01" if value else b"\x00",
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), long_bytes),
    "real": struct.Struct("<f").pack,
    "double": struct.Struct("<d").pack,
    **dict.fromkeys(("varchar", "char"), _text),
    "varbinary": sized,
    "date": _days,
    "timestamp": _milliseconds,
}
