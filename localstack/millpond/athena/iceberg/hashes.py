"""Iceberg's 32-bit Murmur3 hash as functions of the engine, for the `bucket` transform.

https://iceberg.apache.org/spec/#appendix-b-32-bit-hash-requirements
"""

from __future__ import annotations

import struct

import mmh3
from pyiceberg.utils.decimal import decimal_to_bytes

from millpond.athena.sql.python_functions.function import PythonFunction

HASHES = (
    PythonFunction("iceberg_hash_text", ("VARCHAR",), "INTEGER", lambda value: mmh3.hash(value.encode())),
    PythonFunction("iceberg_hash_bytes", ("BLOB",), "INTEGER", lambda value: mmh3.hash(bytes(value))),
    PythonFunction(
        "iceberg_hash_long", ("BIGINT",), "INTEGER", lambda value: mmh3.hash(struct.pack("<q", value))
    ),
    PythonFunction(
        "iceberg_hash_decimal",
        ("DECIMAL(38, 0)",),
        "INTEGER",
        lambda value: mmh3.hash(decimal_to_bytes(value)),
    ),
)
