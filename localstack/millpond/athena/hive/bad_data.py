"""Files that are not what their table says: DuckDB's and Arrow's errors in Athena's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveBadData

_AVRO = re.compile(r"Cannot read file block|avro", re.IGNORECASE)
_PARQUET = re.compile(
    r"No magic bytes|too small to be a Parquet|Footer length error|TProtocolException|don't know what type|"
    r"decompression failure|Failed to (?:read|decompress)|Parquet file|Invalid Parquet|thrift",
    re.IGNORECASE,
)


_LINE_TOO_LONG = re.compile(r"Maximum line size of \d+ bytes exceeded")


def bad_data(context: QueryContext, error: duckdb.Error) -> HiveBadData | None:
    """The error of a broken file that a query reads, None for any other error."""
    text = str(error).partition("\n")[0]
    if found := _LINE_TOO_LONG.search(str(error)):
        return HiveBadData(f"Line too long in text file: {found[0]}")
    for pattern, format_ in ((_AVRO, "Avro"), (_PARQUET, "Parquet")):
        if pattern.search(text):
            return HiveBadData(f"Not valid {format_} file: {context.with_locations(text)}")
    return None


@contextmanager
def reading_orc(key: str) -> Iterator[None]:
    """Raises `HiveBadData` for what Arrow cannot read."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise HiveBadData(f"Malformed ORC file. {error} {key}") from None
