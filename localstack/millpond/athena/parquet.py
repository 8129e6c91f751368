"""Parquet files made of a query's rows, one folder of the staging area at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.sql.exceptions import NotSupported

NULL_KEY = "__HIVE_DEFAULT_PARTITION__"

_CODECS = {
    "GZIP": "gzip",
    "SNAPPY": "snappy",
    "ZSTD": "zstd",
    "LZ4": "lz4_raw",
    "NONE": "uncompressed",
    "UNCOMPRESSED": "uncompressed",
}


@dataclass(frozen=True)
class WrittenFile:
    """A file in the staging area.

    Attributes:
        path: Where it lies.
        rows: How many rows it has.
        keys: The texts of the expressions that it was split by.
    """

    path: Path
    rows: int
    keys: tuple[str, ...]


def write_parquet(
    context: QueryContext,
    sql: str,
    columns: Sequence[str],
    keys: Sequence[str] = (),
    codec: str = "ZSTD",
    field_ids: str | None = None,
    level: int | None = None,
) -> list[WrittenFile]:
    """Run a query once and write its rows.

    Args:
        context: The running query.
        sql: The query.
        columns: The columns that go into the files, by the names that they have in the query.
        keys: DuckDB expressions over the query's columns that give texts: rows with different
            texts come into different files. NULL is the text `__HIVE_DEFAULT_PARTITION__`.
        codec: Athena's name of the compression.
        field_ids: DuckDB's FIELD_IDS, for Iceberg.
        level: The level of ZSTD, None for its own.

    Raises:
        NotSupported: There is no such compression for Parquet.
    """
    options = ["FORMAT parquet", f"COMPRESSION {parquet_codec(codec)}", "RETURN_STATS"]
    if level is not None:
        options.append(f"COMPRESSION_LEVEL {level}")
    if field_ids:
        options.append(f"FIELD_IDS {field_ids}")
    selected = [identifier(column) for column in columns]
    names = [f"$key{i}" for i in range(len(keys))]
    if keys:
        target = context.temporary_path()
        selected += [
            f"coalesce({key}, {literal(NULL_KEY)}) AS {identifier(name)}"
            for key, name in zip(keys, names, strict=True)
        ]
        options.append(f"PARTITION_BY ({', '.join(identifier(name) for name in names)})")
    else:
        target = context.temporary_path(".parquet")
    copy = (
        f"COPY (SELECT {', '.join(selected)} FROM ({sql})) TO {literal(str(target))} ({', '.join(options)})"
    )
    result = context.session.execute(copy)
    fields = [field[0] for field in result.description or ()]
    written = []
    for row in result.fetchall():
        stats = dict(zip(fields, row, strict=True))
        found = stats["partition_keys"] or {}
        if stats["count"]:
            values = tuple(str(found[name]) for name in names)
            written.append(WrittenFile(Path(stats["filename"]), int(stats["count"]), values))
    return written


def parquet_codec(codec: str) -> str:
    """DuckDB's name of a compression.

    Raises:
        NotSupported: Parquet has no such compression.
    """
    try:
        return _CODECS[codec.upper()]
    except KeyError:
        raise NotSupported(f"Compression codec {codec} not supported for PARQUET") from None
