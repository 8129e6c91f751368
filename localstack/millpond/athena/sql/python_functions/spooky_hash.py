"""SpookyHash V2, Bob Jenkins's hash of 128 bits, of which Trino gives 64 or 32.

http://burtleburtle.net/bob/hash/spooky.html
"""

from __future__ import annotations

import struct

from millpond.athena.sql.python_functions.function import PythonFunction

_MASK = 2**64 - 1
_FILLER = 0xDEADBEEFDEADBEEF
"""Odd, and not regular in its bits: its author's constant."""

_LONG = 192
"""A message of so many bytes goes through twelve words, a shorter one through four."""

_BLOCK = 96
_SHORT_MIX = (50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36)
_SHORT_END = (15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63)
_MIX = (11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46)
_END = (44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54)


def spooky_hash_v2_64(data: bytes) -> bytes:
    """The first 64 bits with seed 0, big-endian."""
    return _hash(data).to_bytes(8, "big")


def spooky_hash_v2_32(data: bytes) -> bytes:
    """The last 32 of these bits."""
    return (_hash(data) & 0xFFFFFFFF).to_bytes(4, "big")


def _hash(data: bytes) -> int:
    return _short(data) if len(data) < _LONG else _long(data)


def _short(data: bytes) -> int:
    words = [0, 0, _FILLER, _FILLER]
    at = 0
    while len(data) - at >= 16:
        whole = len(data) - at >= 32
        first, second = struct.unpack_from("<2Q", data, at)
        words[2], words[3] = words[2] + first & _MASK, words[3] + second & _MASK
        _mix_short(words)
        if whole:
            third, fourth = struct.unpack_from("<2Q", data, at + 16)
            words[0], words[1] = words[0] + third & _MASK, words[1] + fourth & _MASK
        at += 32 if whole else 16
    rest = data[at:]
    if rest:
        low, high = struct.unpack("<2Q", rest.ljust(16, b"\0"))
    else:
        low = high = _FILLER
    words[2] = words[2] + low & _MASK
    words[3] = words[3] + high + (len(data) << 56) & _MASK
    for step, by in enumerate(_SHORT_END):
        into, out_of = (3 + step) % 4, (2 + step) % 4
        words[into] ^= words[out_of]
        words[out_of] = _rotate(words[out_of], by)
        words[into] = words[into] + words[out_of] & _MASK
    return words[0]


def _mix_short(words: list[int]) -> None:
    for step, by in enumerate(_SHORT_MIX):
        here, there = (2 + step) % 4, (3 + step) % 4
        words[here] = _rotate(words[here], by) + words[there] & _MASK
        words[step % 4] ^= words[here]


def _long(data: bytes) -> int:
    words = [0, 0, _FILLER] * 4
    whole = len(data) - len(data) % _BLOCK
    for at in range(0, whole, _BLOCK):
        block = struct.unpack_from("<12Q", data, at)
        for i in range(12):
            words[i] = words[i] + block[i] & _MASK
            words[(i + 2) % 12] ^= words[(i + 10) % 12]
            words[(i + 11) % 12] ^= words[i]
            words[i] = _rotate(words[i], _MIX[i])
            words[(i + 11) % 12] = words[(i + 11) % 12] + words[(i + 1) % 12] & _MASK
    rest = data[whole:].ljust(_BLOCK - 1, b"\0") + bytes([len(data) % _BLOCK])
    words = [word + more & _MASK for word, more in zip(words, struct.unpack("<12Q", rest), strict=True)]
    for _ in range(3):
        for i in range(12):
            words[(i + 11) % 12] = words[(i + 11) % 12] + words[(i + 1) % 12] & _MASK
            words[(i + 2) % 12] ^= words[(i + 11) % 12]
            words[(i + 1) % 12] = _rotate(words[(i + 1) % 12], _END[i])
    return words[0]


def _rotate(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _MASK


FUNCTIONS = (
    PythonFunction("athena_py_spooky_hash_v2_64", ("BLOB",), "BLOB", spooky_hash_v2_64),
    PythonFunction("athena_py_spooky_hash_v2_32", ("BLOB",), "BLOB", spooky_hash_v2_32),
)
