"""Hive's bucket of a row: the hash of its bucket columns, by the first version of Hive's bucketing.

https://docs.aws.amazon.com/athena/latest/ug/ctas-partitioning-and-bucketing.html
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Callable, Sequence

from millpond.athena.engine import identifier
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.python_functions.function import PythonFunction


def bucket_number(columns: Sequence[Column], count: int) -> str:
    """DuckDB's expression for the number of a row's bucket; NULL hashes to 0.

    Raises:
        NotSupported: Rows cannot be bucketed by a column of such a type.
    """
    hashes = [f"coalesce({_hash(column)}, 0)" for column in columns]
    combined = functools.reduce(lambda hash_, of_column: _as_int(f"31 * {hash_} + {of_column}"), hashes)
    return f"({combined} & 2147483647) % {count}"


def _hash(column: Column) -> str:
    try:
        return _HASHES[column.type.name](identifier(column.name))
    except KeyError:
        raise NotSupported(
            f"Bucketing by column '{column.name}' of the type {column.type.trino} is not supported"
        ) from None


def _as_int(number: str) -> str:
    """A number as Java keeps it in 32 bits."""
    return f"(((CAST({number} AS BIGINT) + 2147483648) & 4294967295) - 2147483648)"


def _of_long(value: str) -> str:
    """The two halves of a long, one flipped by the other."""
    return _as_int(f"(xor({value}, {value} >> 32) & 4294967295)")


def _of_timestamp(value: str) -> str:
    """The seconds, shifted by thirty bits, and the nanoseconds."""
    milliseconds = f"epoch_ms({value})"
    fraction = f"((({milliseconds} % 1000) + 1000) % 1000)"
    return _of_long(f"(((({milliseconds} - {fraction}) // 1000) * 1073741824) + {fraction} * 1000000)")


def _bits(number: str, integer: str, value: float) -> int:
    """The bits of a floating-point number as an integer; the two zeros are one."""
    found: int = struct.unpack(f"<{integer}", struct.pack(f"<{number}", value or 0.0))[0]
    return found


def _of_text(value: str) -> int:
    """Hive hashes the bytes of UTF-8, which have signs in Java."""
    hash_ = 0
    for byte in value.encode():
        hash_ = (31 * hash_ + (byte ^ 0x80) - 0x80) & 0xFFFFFFFF
    return (hash_ ^ 0x80000000) - 0x80000000


_HASHES: dict[str, Callable[[str], str]] = {
    "boolean": lambda value: f"CAST({value} AS BIGINT)",
    "tinyint": lambda value: f"CAST({value} AS BIGINT)",
    "smallint": lambda value: f"CAST({value} AS BIGINT)",
    "integer": lambda value: f"CAST({value} AS BIGINT)",
    "bigint": lambda value: _of_long(f"CAST({value} AS BIGINT)"),
    "varchar": lambda value: f"CAST(hive_hash_text({value}) AS BIGINT)",
    "date": lambda value: f"CAST({value} - DATE '1970-01-01' AS BIGINT)",
    "timestamp": _of_timestamp,
    "real": lambda value: f"CAST(hive_float_bits(CAST({value} AS DOUBLE)) AS BIGINT)",
    "double": lambda value: _of_long(f"hive_double_bits({value})"),
}

BUCKET_FUNCTIONS = (
    PythonFunction("hive_hash_text", ("VARCHAR",), "INTEGER", _of_text),
    PythonFunction("hive_float_bits", ("DOUBLE",), "INTEGER", functools.partial(_bits, "f", "i")),
    PythonFunction("hive_double_bits", ("DOUBLE",), "BIGINT", functools.partial(_bits, "d", "q")),
)
