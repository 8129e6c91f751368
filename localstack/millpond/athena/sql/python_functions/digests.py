"""Quantile digests, T-digests and numeric histograms: distributions in a few numbers.

https://trino.io/docs/401/functions/tdigest.html, qdigest.html. A T-digest has the bytes that Trino writes
(https://github.com/airlift/airlift, `TDigest`). A quantile digest has bytes of its own: it keeps every
value with its weight, so its answers are exact where Trino's are within the accuracy asked for.
"""

from __future__ import annotations

import itertools
import math
import struct
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from millpond.athena.sql.python_functions.function import FunctionFailure, PythonFunction

_COMPRESSION = 100.0
_QDIGEST_TAG = b"\x7fQ"


@dataclass(frozen=True)
class TDigest:
    """Centroids, sorted: each is the mean of neighbouring values, with their weight."""

    smallest: float
    largest: float
    centroids: tuple[tuple[float, float], ...]
    compression: float = _COMPRESSION

    @property
    def weight(self) -> float:
        """The weight of all values."""
        return sum(weight for _, weight in self.centroids)

    @classmethod
    def of(cls, values: Sequence[tuple[float, float]]) -> TDigest:
        """The digest of values with weights."""
        if not all(math.isfinite(value) for value, _ in values):
            raise FunctionFailure("value must be finite")
        means = [value for value, _ in values]
        return cls(min(means), max(means), tuple(sorted(values))).merged()

    def merged(self) -> TDigest:
        """With neighbours joined as far as the accuracy allows: little at the ends, more in the middle."""
        total = self.weight
        normalizer = self.compression / (4 * math.log(total / self.compression) + 24)

        def most(quantile: float) -> float:
            return quantile * (1 - quantile) / normalizer

        (mean, weight), *rest = self.centroids
        done: list[tuple[float, float]] = []
        so_far, limit = 0.0, most(0)
        for next_mean, next_weight in rest:
            joined = weight + next_weight
            if joined <= total * min(limit, most(min((so_far + joined) / total, 1))):
                mean += (next_mean - mean) * next_weight / joined
                weight = joined
                continue
            done.append((mean, weight))
            so_far += weight
            limit = most(so_far / total)
            mean, weight = next_mean, next_weight
        return TDigest(self.smallest, self.largest, (*done, (mean, weight)), self.compression)

    def value_at(self, quantile: float) -> float:
        """About the value below which a share of the weight lies."""
        if not 0 <= quantile <= 1:
            raise FunctionFailure("quantiles should be in [0, 1] range")
        if len(self.centroids) == 1:
            return self.centroids[0][0]
        total, offset = self.weight, quantile * self.weight
        (first, first_weight), (last, last_weight) = self.centroids[0], self.centroids[-1]
        if offset < 1:
            return self.smallest
        if offset < first_weight / 2:
            return self.smallest + (offset - 1) / (first_weight / 2 - 1) * (first - self.smallest)
        if offset >= total - 1:
            return self.largest
        if total - offset <= last_weight / 2 and last_weight / 2 > 1:
            return self.largest + (total - offset - 1) / (last_weight / 2 - 1) * (last - self.largest)
        return self._between(offset - first_weight / 2)

    def _between(self, offset: float) -> float:
        """The value at an offset that counts from the middle of the first centroid."""
        for (left, left_weight), (right, right_weight) in itertools.pairwise(self.centroids):
            length = (left_weight + right_weight) / 2
            if offset >= length:
                offset -= length
                continue
            # A centroid of one value is that value as far as it reaches.
            if left_weight == 1 and offset < 0.5:
                return left
            if right_weight == 1 and offset >= left_weight / 2:
                return right
            if left_weight == 1:
                offset, length = offset - 0.5, right_weight / 2
            elif right_weight == 1:
                length = left_weight / 2
            return left + offset / length * (right - left)
        return self.largest

    def to_bytes(self) -> bytes:
        """The digest as Trino stores it."""
        means, weights = zip(*self.centroids, strict=True)
        count = len(means)
        head = (0, self.smallest, self.largest, self.compression, self.weight, count)
        return struct.pack(f"<b4di{2 * count}d", *head, *means, *weights)

    @classmethod
    def from_bytes(cls, data: bytes) -> TDigest:
        """Read what `to_bytes` or Trino wrote."""
        try:
            tag, smallest, largest, compression, _, count = struct.unpack_from("<b4di", data)
            numbers = struct.unpack_from(f"<{2 * count}d", data, 37)
        except struct.error as error:
            raise FunctionFailure("Cannot deserialize TDigest") from error
        if tag != 0:
            raise FunctionFailure("Invalid format")
        pairs = tuple(zip(numbers[:count], numbers[count:], strict=True))
        return cls(smallest, largest, pairs, compression)


def tdigest(values: list[float | None], weights: list[float | None]) -> bytes | None:
    """The T-digest of a group's values."""
    pairs = _present(values, weights)
    return TDigest.of(pairs).to_bytes() if pairs else None


def merge_tdigests(digests: list[bytes | None]) -> bytes | None:
    """One T-digest for several."""
    read = [TDigest.from_bytes(digest) for digest in digests if digest is not None]
    if not read:
        return None
    centroids = sorted(itertools.chain.from_iterable(digest.centroids for digest in read))
    smallest, largest = min(d.smallest for d in read), max(d.largest for d in read)
    return TDigest(smallest, largest, tuple(centroids), read[0].compression).merged().to_bytes()


# ---- quantile digests


def qdigest(values: list[Any], weights: list[float | None], accuracy: float) -> bytes | None:
    """The quantile digest of a group's values."""
    if not 0 < accuracy < 1:
        raise FunctionFailure("Percentile accuracy must be exclusively between 0 and 1")
    pairs = _present(values, weights)
    return _qdigest_bytes(pairs) if pairs else None


def merge_qdigests(digests: list[bytes | None]) -> bytes | None:
    """One quantile digest for several."""
    read = [_qdigest_values(digest) for digest in digests if digest is not None]
    return _qdigest_bytes(list(itertools.chain.from_iterable(read))) if read else None


def qdigest_value(digest: bytes, quantile: float) -> Any:
    """The value at a quantile: the first at which the weights exceed the share."""
    if not 0 <= quantile <= 1:
        raise FunctionFailure("Quantile must be between 0 and 1")
    values = _qdigest_values(digest)
    reached = list(itertools.accumulate(weight for _, weight in values))
    place = bisect_right(reached, quantile * reached[-1])
    return values[min(place, len(values) - 1)][0]


def qdigest_quantile(digest: bytes, value: float) -> float | None:
    """The share of the weights up to a value; None outside of all values."""
    values = _qdigest_values(digest)
    if not values[0][0] <= value <= values[-1][0]:
        return None
    return sum(weight for item, weight in values if item <= value) / sum(weight for _, weight in values)


def scale_qdigest(digest: bytes, factor: float) -> bytes:
    """A quantile digest with its weights multiplied."""
    if factor <= 0:
        raise FunctionFailure("Scale factor should be positive.")
    return _qdigest_bytes([(value, weight * factor) for value, weight in _qdigest_values(digest)])


def _qdigest_bytes(pairs: list[tuple[Any, float]]) -> bytes:
    weights: Counter[Any] = Counter()
    for value, weight in pairs:
        weights[value] += weight  # type: ignore[assignment]  # a counter's numbers may be floats
    values = sorted(weights)
    letter = "d" if isinstance(values[0], float) else "q"
    numbers = struct.pack(f"<{len(values)}{letter}{len(values)}d", *values, *(weights[v] for v in values))
    return _QDIGEST_TAG + letter.encode() + struct.pack("<i", len(values)) + numbers


def _qdigest_values(digest: bytes) -> list[tuple[Any, float]]:
    if digest[:2] != _QDIGEST_TAG:
        raise FunctionFailure("a quantile digest that was not written here cannot be read", "NOT_SUPPORTED")
    letter = digest[2:3].decode()
    (count,) = struct.unpack_from("<i", digest, 3)
    numbers = struct.unpack_from(f"<{count}{letter}{count}d", digest, 7)
    return list(zip(numbers[:count], numbers[count:], strict=True))


def _present(values: list[Any], weights: list[float | None]) -> list[tuple[Any, float]]:
    pairs = [(v, w) for v, w in zip(values, weights, strict=True) if v is not None and w is not None]
    if any(weight < 1 for _, weight in pairs):
        raise FunctionFailure("weight must be >= 1")
    return pairs


# ---- histograms


def numeric_histogram(
    buckets: int, values: list[float | None], weights: list[float | None]
) -> list[dict[str, float]] | None:
    """Up to so many means with their weights: those are joined first whose joining loses least."""
    if buckets < 2:
        raise FunctionFailure("numeric_histogram bucket count must be greater than one")
    totals: dict[float, float] = {}
    for value, weight in zip(values, weights, strict=True):
        if value is not None and weight is not None:
            totals[value] = totals.get(value, 0.0) + weight
    entries = sorted(totals.items())
    while len(entries) > buckets:
        place = min(range(len(entries) - 1), key=lambda i: _penalty(entries[i], entries[i + 1]))
        (a, m), (b, n) = entries[place : place + 2]
        entries[place : place + 2] = [((a * m + b * n) / (m + n), m + n)]
    return [{"key": value, "value": weight} for value, weight in entries] or None


def _penalty(left: tuple[float, float], right: tuple[float, float]) -> float:
    weight = left[1] + right[1]
    return weight * (left[0] - right[0]) ** 2 * left[1] * right[1] / weight**2


def _each(of_one: Callable[[Any, float], Any]) -> Callable[[bytes, list[float]], list[Any]]:
    return lambda digest, quantiles: [of_one(digest, quantile) for quantile in quantiles]


def _tdigest_value(digest: bytes, quantile: float) -> float:
    return TDigest.from_bytes(digest).value_at(quantile)


FUNCTIONS = (
    PythonFunction("athena_py_tdigest", ("DOUBLE[]", "DOUBLE[]"), "BLOB", tdigest),
    PythonFunction("athena_py_merge_tdigest", ("BLOB[]",), "BLOB", merge_tdigests),
    PythonFunction("athena_py_tdigest_value", ("BLOB", "DOUBLE"), "DOUBLE", _tdigest_value),
    PythonFunction("athena_py_tdigest_values", ("BLOB", "DOUBLE[]"), "DOUBLE[]", _each(_tdigest_value)),
    *(
        PythonFunction(f"athena_py_{name}_{type_.lower()}", parameters, result, of_row)
        for type_ in ("BIGINT", "DOUBLE")
        for name, parameters, result, of_row in (
            ("qdigest", (f"{type_}[]", "DOUBLE[]", "DOUBLE"), "BLOB", qdigest),
            ("qdigest_value", ("BLOB", "DOUBLE"), type_, qdigest_value),
            ("qdigest_values", ("BLOB", "DOUBLE[]"), f"{type_}[]", _each(qdigest_value)),
            ("qdigest_quantile", ("BLOB", type_), "DOUBLE", qdigest_quantile),
        )
    ),
    PythonFunction("athena_py_merge_qdigest", ("BLOB[]",), "BLOB", merge_qdigests),
    PythonFunction("athena_py_scale_qdigest", ("BLOB", "DOUBLE"), "BLOB", scale_qdigest),
    PythonFunction(
        "athena_py_numeric_histogram",
        ("BIGINT", "DOUBLE[]", "DOUBLE[]"),
        "STRUCT(key DOUBLE, value DOUBLE)[]",
        numeric_histogram,
    ),
)
