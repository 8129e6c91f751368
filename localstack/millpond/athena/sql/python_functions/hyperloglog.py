"""HyperLogLog sketches and set digests, in the bytes that Trino writes.

https://trino.io/docs/401/functions/hyperloglog.html, setdigest.html; the layouts are those of
https://github.com/airlift/airlift, stats/docs/hll.md. Trino corrects the estimate of a dense sketch with
tables of measured biases; here it is Ertl's estimator (https://arxiv.org/abs/1702.01284), which needs none:
both are within the error that the sketch promises.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import mmh3

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_SPARSE, _DENSE = 2, 3
_PREFIX_BITS, _VALUE_BITS = 26, 6
_APPROX_SET_BITS, _SET_DIGEST_BITS = 12, 11
_MOST_HASHES = 8192
_LARGEST_COUNT = 32767


@dataclass
class HyperLogLog:
    """A sketch: sparse, 26 bits of each hash that was met with zeros behind them, or dense, 2^p buckets."""

    bits: int
    sparse: dict[int, int] | None = field(default_factory=dict)
    buckets: list[int] = field(default_factory=list)

    def add(self, hash_: int) -> None:
        """Add a value by its hash of 64 bits."""
        if self.sparse is None:
            self._raise(hash_ >> (64 - self.bits), _zeros(hash_, self.bits) + 1)
            return
        prefix = hash_ >> (64 - _PREFIX_BITS)
        self.sparse[prefix] = max(self.sparse.get(prefix, 0), _zeros(hash_, _PREFIX_BITS))
        self._make_dense_if_large()

    def merge(self, other: HyperLogLog) -> HyperLogLog:
        """The sketch of all values of both."""
        if self.bits != other.bits:
            raise FunctionFailure(
                f"Cannot merge HLLs with different number of buckets: {1 << self.bits} vs {1 << other.bits}"
            )
        if self.sparse is not None and other.sparse is not None:
            for prefix, zeros in other.sparse.items():
                self.sparse[prefix] = max(self.sparse.get(prefix, 0), zeros)
            self._make_dense_if_large()
            return self
        self._make_dense()
        other._make_dense()
        self.buckets = list(map(max, self.buckets, other.buckets))
        return self

    def cardinality(self) -> int:
        """About how many values there are."""
        if self.sparse is not None:
            total = 1 << _PREFIX_BITS
            return round(total * math.log(total / (total - len(self.sparse))))
        return round(_estimate(self.buckets, self.bits))

    def to_bytes(self) -> bytes:
        """The sketch as Trino stores it."""
        if self.sparse is not None:
            entries = [prefix << _VALUE_BITS | zeros for prefix, zeros in sorted(self.sparse.items())]
            return struct.pack(f"<BBH{len(entries)}I", _SPARSE, self.bits, len(entries), *entries)
        baseline = min(self.buckets)
        deltas = [value - baseline for value in self.buckets]
        nibbles = bytes(
            min(left, 15) << 4 | min(right, 15) for left, right in zip(deltas[::2], deltas[1::2], strict=True)
        )
        over = [(bucket, delta - 15) for bucket, delta in enumerate(deltas) if delta > 15]
        head = struct.pack("<BBB", _DENSE, self.bits, baseline) + nibbles
        return head + struct.pack(
            f"<H{len(over)}H{len(over)}B", len(over), *(b for b, _ in over), *(v for _, v in over)
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> HyperLogLog:
        """Read what `to_bytes` or Trino wrote."""
        try:
            tag, bits = data[0], data[1]
            if tag == _SPARSE:
                (count,) = struct.unpack_from("<H", data, 2)
                entries = struct.unpack_from(f"<{count}I", data, 4)
                return cls(bits, {entry >> _VALUE_BITS: entry & 63 for entry in entries})
            if tag == _DENSE:
                size = 1 << bits
                nibbles = data[3 : 3 + size // 2]
                buckets = [data[2] + part for byte in nibbles for part in (byte >> 4, byte & 15)]
                at = 3 + size // 2
                (count,) = struct.unpack_from("<H", data, at)
                over = struct.unpack_from(f"<{count}H{count}B", data, at + 2)
                for bucket, value in zip(over[:count], over[count:], strict=True):
                    buckets[bucket] += value
                return cls(bits, None, buckets)
        except (IndexError, struct.error) as error:
            raise FunctionFailure("Cannot deserialize HyperLogLog") from error
        raise FunctionFailure("Cannot deserialize HyperLogLog")

    def _make_dense_if_large(self) -> None:
        # Four bytes an entry against half a byte a bucket.
        if self.sparse is not None and 4 * len(self.sparse) > (1 << self.bits) // 2:
            self._make_dense()

    def _make_dense(self) -> None:
        if self.sparse is None:
            return
        self.buckets = [0] * (1 << self.bits)
        rest = _PREFIX_BITS - self.bits
        for prefix, zeros in self.sparse.items():
            tail = prefix & ((1 << rest) - 1)
            self._raise(prefix >> rest, (rest - tail.bit_length() if tail else rest + zeros) + 1)
        self.sparse = None

    def _raise(self, bucket: int, value: int) -> None:
        self.buckets[bucket] = max(self.buckets[bucket], value)


@dataclass
class SetDigest:
    """A HyperLogLog for how many values there are, and the smallest hashes with how often each was met."""

    sketch: HyperLogLog = field(default_factory=lambda: HyperLogLog(_SET_DIGEST_BITS))
    hashes: dict[int, int] = field(default_factory=dict)

    @property
    def is_exact(self) -> bool:
        """Whether the hashes are all there were."""
        return len(self.hashes) < _MOST_HASHES

    def add(self, hash_: int) -> None:
        """Add a value by its hash of 64 bits."""
        self.sketch.add(hash_)
        self._count({_signed(hash_): 1})

    def merge(self, other: SetDigest) -> SetDigest:
        """The digest of all values of both."""
        self.sketch.merge(other.sketch)
        self._count(other.hashes)
        return self

    def cardinality(self) -> int:
        """How many values there are; about, if they are many."""
        return len(self.hashes) if self.is_exact else self.sketch.cardinality()

    def jaccard_index(self, other: SetDigest) -> float:
        """The share of values that both have, judged by the smallest hashes."""
        smaller = min(len(self.hashes), len(other.hashes))
        smallest = sorted(self.hashes.keys() | other.hashes.keys())[:smaller]
        return sum(key in self.hashes and key in other.hashes for key in smallest) / smaller

    def intersection_cardinality(self, other: SetDigest) -> int:
        """How many values both have; about, if they are many."""
        if self.is_exact and other.is_exact:
            return len(self.hashes.keys() & other.hashes.keys())
        index = self.jaccard_index(other)
        return round(index * SetDigest(self.sketch, dict(self.hashes)).merge(other).cardinality())

    def to_bytes(self) -> bytes:
        """The digest as Trino stores it."""
        self._trim()
        sketch, keys = self.sketch.to_bytes(), list(self.hashes)
        counts = [self.hashes[key] for key in keys]
        head = struct.pack("<Bi", 1, len(sketch)) + sketch
        return head + struct.pack(f"<ii{len(keys)}q{len(keys)}h", _MOST_HASHES, len(keys), *keys, *counts)

    @classmethod
    def from_bytes(cls, data: bytes) -> SetDigest:
        """Read what `to_bytes` or Trino wrote."""
        try:
            version, length = struct.unpack_from("<Bi", data)
            if version != 1:
                raise FunctionFailure("Unexpected version")
            _, count = struct.unpack_from("<ii", data, 5 + length)
            numbers = struct.unpack_from(f"<{count}q{count}h", data, 13 + length)
        except struct.error as error:
            raise FunctionFailure("Cannot deserialize SetDigest") from error
        hashes = dict(zip(numbers[:count], numbers[count:], strict=True))
        return cls(HyperLogLog.from_bytes(data[5 : 5 + length]), hashes)

    def _count(self, hashes: dict[int, int]) -> None:
        for key, count in hashes.items():
            self.hashes[key] = min(self.hashes.get(key, 0) + count, _LARGEST_COUNT)
        if len(self.hashes) > 2 * _MOST_HASHES:
            self._trim()

    def _trim(self) -> None:
        """Keep the smallest hashes; not at each new one, for that is quicker and gives the same."""
        self.hashes = {key: self.hashes[key] for key in sorted(self.hashes)[:_MOST_HASHES]}


def _zeros(hash_: int, skipped: int) -> int:
    """How many bits are zero behind those that are skipped."""
    return 64 - skipped - (hash_ & ((1 << (64 - skipped)) - 1)).bit_length()


def _signed(hash_: int) -> int:
    return hash_ - (1 << 64) if hash_ >> 63 else hash_


def _estimate(buckets: list[int], bits: int) -> float:
    """Ertl's improved raw estimator."""
    size, most = len(buckets), 64 - bits + 1
    counts = [0] * (most + 1)
    for value in buckets:
        counts[value] += 1
    z = size * _tau(1 - counts[most] / size)
    for k in range(most - 1, 0, -1):
        z = 0.5 * (z + counts[k])
    z += size * _sigma(counts[0] / size)
    return size * size / (2 * math.log(2) * z)


def _sigma(x: float) -> float:
    if x == 1:
        return math.inf
    y, z = 1.0, x
    while True:
        x, before = x * x, z
        z += x * y
        y += y
        if z == before:
            return z


def _tau(x: float) -> float:
    if x in (0, 1):
        return 0.0
    y, z = 1.0, 1 - x
    while True:
        x, before = math.sqrt(x), z
        y *= 0.5
        z -= (1 - x) ** 2 * y
        if z == before:
            return z / 3


# ---- what SQL calls

_ENCODERS: dict[str, Callable[[Any], bytes]] = {
    # how Trino hashes a value of each of DuckDB's types
    "BIGINT": lambda value: struct.pack("<q", value),
    "DOUBLE": lambda value: struct.pack("<d", value),
    "VARCHAR": lambda value: value.encode(),
    "BLOB": bytes,
}


def _sketched(
    empty: Callable[[], HyperLogLog | SetDigest], encode: Callable[[Any], bytes]
) -> Callable[[list[Any]], bytes | None]:
    def of_row(values: list[Any]) -> bytes | None:
        present = [value for value in values if value is not None]
        sketch = empty()
        for value in present:
            sketch.add(mmh3.hash64(encode(value), 0, signed=False)[0])
        return sketch.to_bytes() if present else None

    return of_row


def _merged(read: Callable[[bytes], Any]) -> Callable[[Iterable[bytes | None]], bytes | None]:
    def of_row(sketches: Iterable[bytes | None]) -> bytes | None:
        present = [read(sketch) for sketch in sketches if sketch is not None]
        if not present:
            return None
        merged: bytes = reduce(lambda a, b: a.merge(b), present).to_bytes()
        return merged

    return of_row


def hash_counts(digest: bytes) -> list[dict[str, int]]:
    """The hashes of a set digest, and how often each was met."""
    return [{"key": key, "value": n} for key, n in sorted(SetDigest.from_bytes(digest).hashes.items())]


_TWO_DIGESTS = ("BLOB", "BLOB")

FUNCTIONS = (
    *(
        PythonFunction(f"athena_py_{name}_{type_.lower()}", (f"{type_}[]",), "BLOB", _sketched(empty, encode))
        for name, empty in (("approx_set", lambda: HyperLogLog(_APPROX_SET_BITS)), ("set_digest", SetDigest))
        for type_, encode in _ENCODERS.items()
    ),
    PythonFunction("athena_py_merge_hyperloglog", ("BLOB[]",), "BLOB", _merged(HyperLogLog.from_bytes)),
    PythonFunction("athena_py_merge_set_digest", ("BLOB[]",), "BLOB", _merged(SetDigest.from_bytes)),
    PythonFunction(
        "athena_py_hyperloglog_cardinality",
        ("BLOB",),
        "BIGINT",
        lambda data: HyperLogLog.from_bytes(data).cardinality(),
    ),
    PythonFunction(
        "athena_py_set_digest_cardinality",
        ("BLOB",),
        "BIGINT",
        lambda data: SetDigest.from_bytes(data).cardinality(),
    ),
    PythonFunction(
        "athena_py_intersection_cardinality",
        _TWO_DIGESTS,
        "BIGINT",
        lambda a, b: SetDigest.from_bytes(a).intersection_cardinality(SetDigest.from_bytes(b)),
    ),
    PythonFunction(
        "athena_py_jaccard_index",
        _TWO_DIGESTS,
        "DOUBLE",
        lambda a, b: SetDigest.from_bytes(a).jaccard_index(SetDigest.from_bytes(b)),
    ),
    PythonFunction("athena_py_hash_counts", ("BLOB",), "STRUCT(key BIGINT, value INTEGER)[]", hash_counts),
)
