"""Iceberg's 32-bit Murmur3 hash as functions of the engine, for the `bucket` transform.

https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements
"""

from __future__ import annotations

import decimal
import struct
from collections.abc import Callable
from typing import Any

import duckdb
import mmh3
from duckdb.func import ARROW
from pyiceberg.utils.decimal import decimal_to_bytes


def install_hashes(connection: duckdb.DuckDBPyConnection) -> None:
    """Define `iceberg_hash_text`, `iceberg_hash_long` and `iceberg_hash_decimal`."""
    for name, type_, encode in _HASHES:
        connection.create_function(name, _vectorized(encode), [type_], "INTEGER", type=ARROW)


def _vectorized(encode: Callable[[Any], bytes]) -> Callable[[Any], Any]:
    def hash_all(values: Any) -> Any:  # a pyarrow.ChunkedArray gives a pyarrow.Array
        import pyarrow as pa  # heavy: only when a bucket is computed

        hashes = [None if value is None else mmh3.hash(encode(value)) for value in values.to_pylist()]
        return pa.array(hashes, pa.int32())

    return hash_all


def _decimal_bytes(unscaled: decimal.Decimal) -> bytes:
    return decimal_to_bytes(unscaled)


_HASHES: tuple[tuple[str, str, Callable[[Any], bytes]], ...] = (
    ("iceberg_hash_text", "VARCHAR", str.encode),
    ("iceberg_hash_long", "BIGINT", lambda value: struct.pack("<q", value)),
    ("iceberg_hash_decimal", "DECIMAL(38, 0)", _decimal_bytes),
)
