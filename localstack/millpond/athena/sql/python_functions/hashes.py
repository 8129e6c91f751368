"""Checksums, hashes and encodings of numbers: https://trino.io/docs/401/functions/binary.html."""

from __future__ import annotations

import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable
from typing import Any

import mmh3

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_MASK = 2**64 - 1
_PRIMES = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)


def xxhash64(data: bytes) -> bytes:
    """xxHash64 with seed 0, big-endian: https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md."""
    p1, p2, p3, p4, p5 = _PRIMES
    at = 0
    if len(data) >= 32:
        lanes = [(p1 + p2) & _MASK, p2, 0, -p1 & _MASK]
        while at + 32 <= len(data):
            words = struct.unpack_from("<4Q", data, at)
            lanes = [_round(lane, word) for lane, word in zip(lanes, words, strict=True)]
            at += 32
        value = sum(_rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            value = ((value ^ _round(0, lane)) * p1 + p4) & _MASK
    else:
        value = p5
    value = (value + len(data)) & _MASK
    while at + 8 <= len(data):
        value ^= _round(0, struct.unpack_from("<Q", data, at)[0])
        value = (_rotate(value, 27) * p1 + p4) & _MASK
        at += 8
    if at + 4 <= len(data):
        value ^= struct.unpack_from("<I", data, at)[0] * p1 & _MASK
        value = (_rotate(value, 23) * p2 + p3) & _MASK
        at += 4
    for byte in data[at:]:
        value ^= byte * p5 & _MASK
        value = _rotate(value, 11) * p1 & _MASK
    value = (value ^ (value >> 33)) * p2 & _MASK
    value = (value ^ (value >> 29)) * p3 & _MASK
    return (value ^ (value >> 32)).to_bytes(8, "big")


def _checksum(encode: Callable[[Any], bytes]) -> Callable[[list[Any]], bytes | None]:
    """Trino's `checksum`: the sum of the values' hashes, NULLs included, whatever their order."""

    def of_row(values: list[Any]) -> bytes | None:
        total = sum(
            _PRIMES[0] * (1 if value is None else int.from_bytes(xxhash64(encode(value)), "big"))
            for value in values
        )
        return (total & _MASK).to_bytes(8, "little") if values else None

    return of_row


def _round(lane: int, word: int) -> int:
    return _rotate((lane + word * _PRIMES[1]) & _MASK, 31) * _PRIMES[0] & _MASK


def _rotate(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _MASK


def _digest(name: str) -> Callable[[bytes], bytes]:
    return lambda data: hashlib.new(name, data, usedforsecurity=False).digest()


def _keyed(name: str) -> Callable[[bytes, bytes], bytes]:
    def of_row(data: bytes, key: bytes) -> bytes:
        if not key:
            raise FunctionFailure("Empty key")
        return hmac.new(key, data, name).digest()

    return of_row


def _decoder(layout: str, size: int) -> Callable[[bytes], Any]:
    def of_row(data: bytes) -> Any:
        if len(data) != size:
            raise FunctionFailure(f"expected {size}-byte input, but got instead: {len(data)}")
        return struct.unpack(layout, data)[0]

    return of_row


_NUMBERS = {
    # name: type, layout, bytes
    "big_endian_32": ("INTEGER", ">i", 4),
    "big_endian_64": ("BIGINT", ">q", 8),
    "ieee754_32": ("FLOAT", ">f", 4),
    "ieee754_64": ("DOUBLE", ">d", 8),
}

_HASHED: dict[str, tuple[str, Callable[[Any], bytes]]] = {
    # DuckDB's type, and the bytes that Trino hashes
    "bigint": ("BIGINT", lambda value: struct.pack("<q", value)),
    "double": ("DOUBLE", lambda value: struct.pack("<d", value + 0.0)),
    "real": (
        "FLOAT",
        lambda value: struct.pack("<q", struct.unpack("<i", struct.pack("<f", value + 0.0))[0]),
    ),
    "blob": ("BLOB", bytes),
}

FUNCTIONS = (
    *(
        PythonFunction(f"athena_py_checksum_{name}", (f"{type_}[]",), "BLOB", _checksum(encode))
        for name, (type_, encode) in _HASHED.items()
    ),
    PythonFunction("athena_py_crc32", ("BLOB",), "BIGINT", zlib.crc32),
    PythonFunction("athena_py_sha512", ("BLOB",), "BLOB", _digest("sha512")),
    PythonFunction("athena_py_xxhash64", ("BLOB",), "BLOB", xxhash64),
    PythonFunction("athena_py_murmur3", ("BLOB",), "BLOB", mmh3.hash_bytes),
    *(
        PythonFunction(f"athena_py_hmac_{name}", ("BLOB", "BLOB"), "BLOB", _keyed(name))
        for name in ("md5", "sha1", "sha256", "sha512")
    ),
    *(
        PythonFunction(f"athena_py_from_{name}", ("BLOB",), type_, _decoder(layout, size))
        for name, (type_, layout, size) in _NUMBERS.items()
    ),
    *(
        PythonFunction(
            f"athena_py_to_{name}", (type_,), "BLOB", lambda value, layout=layout: struct.pack(layout, value)
        )
        for name, (type_, layout, _) in _NUMBERS.items()
    ),
)
