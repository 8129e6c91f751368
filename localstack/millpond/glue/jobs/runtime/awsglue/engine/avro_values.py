"""Avro's binary encoding: what reads and what writes the values of a schema.

https://avro.apache.org/docs/1.11.1/specification/#binary-encoding
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from ..exceptions import NotSupportedLocally


class Input(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""


class Output(Protocol):
    """What bytes are written to."""

    def write(self, data: bytes, /) -> Any:
        """Add bytes."""


Decode = Callable[[Input], Any]
Encode = Callable[[Output, Any], None]

_EPOCH: Final = datetime.datetime(1970, 1, 1)
_FIRST_DAY: Final = _EPOCH.date()
_MICROSECOND: Final = datetime.timedelta(microseconds=1)


def read_long(data: Input) -> int:
    """An integer: seven bits a byte, the sign in the lowest bit."""
    value = shift = 0
    while True:
        byte = data.read(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7


def write_long(data: Output, value: int) -> None:
    """An integer as `read_long` reads it."""
    coded = (value << 1) ^ (value >> 63)
    while coded >= 0x80:
        data.write(bytes((coded & 0x7F | 0x80,)))
        coded >>= 7
    data.write(bytes((coded,)))


# ---- reading


def decoder(schema: Any, *, logical: bool) -> Decode:
    """What reads values of a schema.

    Args:
        schema: Avro's, as JSON has it.
        logical: Whether dates, times and decimals are told from the integers and bytes that they are kept in.
    """
    return _Decoders(logical).of(schema)


def read_bytes(data: Input) -> bytes:
    """Bytes after their length."""
    return data.read(read_long(data))


_PLAIN: Final[Mapping[str, Decode]] = {
    "null": lambda data: None,
    "boolean": lambda data: data.read(1) == b"\x01",
    "int": read_long,
    "long": read_long,
    "float": lambda data: struct.unpack("<f", data.read(4))[0],
    "double": lambda data: struct.unpack("<d", data.read(8))[0],
    "bytes": read_bytes,
    "string": lambda data: read_bytes(data).decode(),
}


class _Decoders:
    def __init__(self, logical: bool) -> None:
        self._logical = logical
        self._named: dict[str, Decode] = {}

    def of(self, schema: Any) -> Decode:
        if isinstance(schema, list):
            branches = [self.of(branch) for branch in schema]
            return lambda data: branches[read_long(data)](data)
        if isinstance(schema, str):
            found = self._named.get(schema) or _PLAIN.get(schema)
            if found is None:
                raise NotSupportedLocally(f"The Avro type {schema}, which is no other's part,")
            return found
        kind = schema["type"]
        if isinstance(kind, dict | list):
            return self.of(kind)
        made = self._complex(kind, schema)
        if self._logical and "logicalType" in schema:
            made = _as_logical(made, schema)
        if "name" in schema:
            self._named[schema["name"]] = self._named[full_name(schema)] = made
        return made

    def _complex(self, kind: str, schema: Mapping[str, Any]) -> Decode:
        if kind == "record":
            fields = [(field["name"], self.of(field["type"])) for field in schema["fields"]]
            return lambda data: {name: decode(data) for name, decode in fields}
        if kind == "enum":
            symbols = schema["symbols"]
            return lambda data: symbols[read_long(data)]
        if kind == "fixed":
            size = schema["size"]
            return lambda data: data.read(size)
        if kind == "array":
            item = self.of(schema["items"])
            return lambda data: [item(data) for _ in _counted(data)]
        if kind == "map":
            value = self.of(schema["values"])
            return lambda data: {read_bytes(data).decode(): value(data) for _ in _counted(data)}
        return self.of(kind)


def full_name(schema: Mapping[str, Any]) -> str:
    """A type's name with its namespace."""
    name, space = str(schema["name"]), schema.get("namespace")
    return f"{space}.{name}" if space and "." not in name else name


def _counted(data: Input) -> Any:
    """Once for each item of an array or map, which come in blocks."""
    while count := read_long(data):
        if count < 0:
            read_long(data)  # the block's bytes
        yield from range(abs(count))


def _as_logical(decode: Decode, schema: Mapping[str, Any]) -> Decode:
    kind = schema["logicalType"]
    if kind == "decimal":
        scale = -int(schema.get("scale", 0))
        return lambda data: Decimal(int.from_bytes(decode(data), "big", signed=True)).scaleb(scale)
    if kind == "date":
        return lambda data: _FIRST_DAY + datetime.timedelta(days=decode(data))
    unit = MICROSECONDS.get(kind)
    if unit is None:
        return decode
    return lambda data: _EPOCH + datetime.timedelta(microseconds=decode(data) * unit)


MICROSECONDS: Final[Mapping[str, int]] = {
    "timestamp-millis": 1000,
    "timestamp-micros": 1,
    "local-timestamp-millis": 1000,
    "local-timestamp-micros": 1,
}
"""Of the unit in which Avro keeps moments."""


# ---- writing: what frames need, each value or null


def encoder(schema: Any) -> Encode:
    """What writes values of a schema that `avro.schema_of` makes."""
    if isinstance(schema, list):
        encode = encoder(schema[1])

        def optional(data: Output, value: Any) -> None:
            write_long(data, 0 if value is None else 1)
            if value is not None:
                encode(data, value)

        return optional
    if isinstance(schema, str):
        return _WRITE[schema]
    if schema["type"] == "record":
        return _record(schema["fields"])
    if schema["type"] == "array":
        return _array(encoder(schema["items"]))
    if schema["type"] == "map":
        return _map(encoder(schema["values"]))
    return _WRITE_LOGICAL[schema["logicalType"]](schema)


def _record(fields: Sequence[Mapping[str, Any]]) -> Encode:
    encoders = [encoder(field["type"]) for field in fields]

    def write(data: Output, value: Sequence[Any]) -> None:
        for encode, item in zip(encoders, value, strict=True):
            encode(data, item)

    return write


def _array(encode: Encode) -> Encode:
    def write(data: Output, value: Sequence[Any]) -> None:
        if value:
            write_long(data, len(value))
            for item in value:
                encode(data, item)
        write_long(data, 0)

    return write


def _map(encode: Encode) -> Encode:
    def write(data: Output, value: Mapping[str, Any]) -> None:
        if value:
            write_long(data, len(value))
            for name, item in value.items():
                _write_bytes(data, name.encode())
                encode(data, item)
        write_long(data, 0)

    return write


def _write_bytes(data: Output, value: bytes) -> None:
    write_long(data, len(value))
    data.write(value)


def _write_decimal(schema: Mapping[str, Any]) -> Encode:
    scale = int(schema["scale"])

    def write(data: Output, value: Decimal) -> None:
        unscaled = int(value.scaleb(scale))
        _write_bytes(data, unscaled.to_bytes(unscaled.bit_length() // 8 + 1, "big", signed=True))

    return write


def _write_date(data: Output, value: datetime.date) -> None:
    write_long(data, (value - _FIRST_DAY).days)


def _write_moment(data: Output, value: datetime.datetime) -> None:
    write_long(data, (value - _EPOCH) // _MICROSECOND)


_WRITE: Final[Mapping[str, Encode]] = {
    "boolean": lambda data, value: data.write(b"\x01" if value else b"\x00"),
    "int": write_long,
    "long": write_long,
    "float": lambda data, value: data.write(struct.pack("<f", value)),
    "double": lambda data, value: data.write(struct.pack("<d", value)),
    "bytes": lambda data, value: _write_bytes(data, bytes(value)),
    "string": lambda data, value: _write_bytes(data, str(value).encode()),
}
_WRITE_LOGICAL: Final[Mapping[str, Callable[[Mapping[str, Any]], Encode]]] = {
    "date": lambda schema: _write_date,
    "decimal": _write_decimal,
    "timestamp-micros": lambda schema: _write_moment,
}
