"""New files of Hive tables: CREATE TABLE AS, INSERT INTO and UNLOAD.

The files are written first and the catalog last, so that a query that dies leaves no table that
is half there.

https://docs.aws.amazon.com/athena/latest/ug/create-table-as.html
"""

from __future__ import annotations

import urllib.parse
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from millpond.athena.context import MAX_OPEN_PARTITIONS, QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveTooManyOpenPartitions
from millpond.athena.hive.formats import AVRO, FORMATS, JSON, ORC, PARQUET, TEXTFILE, Format
from millpond.athena.parquet import WrittenFile, write_parquet
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.values import text_expression
from millpond.s3 import S3Location

_SAFE_IN_PATH = " !$&()+,;@-_."


@dataclass(frozen=True)
class TableLayout:
    """How rows become files.

    Attributes:
        location: The folder.
        format: The file format.
        codec: The compression.
        partition_keys: The columns that make folders, not stored in the files.
        bucket_columns: The columns that rows are spread by.
        bucket_count: Over how many files of a partition.
        field_delimiter: Of text files.
    """

    location: S3Location
    format: Format = PARQUET
    codec: str = "GZIP"
    partition_keys: tuple[str, ...] = ()
    bucket_columns: tuple[str, ...] = ()
    bucket_count: int = 0
    field_delimiter: str = "\x01"


@dataclass(frozen=True)
class WrittenPartition:
    """The files that were written into one partition, or into a table without partitions."""

    values: tuple[str, ...]
    location: S3Location
    files: tuple[S3Location, ...]
    rows: int


def write_rows(
    context: QueryContext, sql: str, columns: Sequence[Column], layout: TableLayout
) -> list[WrittenPartition]:
    """Run a query and put its rows as files at a location.

    Raises:
        HiveTooManyOpenPartitions: There are more than 100 partitions.
    """
    types = {column.name: column.type for column in columns}
    stored = [column for column in columns if column.name not in layout.partition_keys]
    keys = [_key_text(Column(name, types[name])) for name in layout.partition_keys]
    if layout.bucket_columns:
        hashed = ", ".join(identifier(name) for name in layout.bucket_columns)
        keys.append(f"CAST(hash({hashed}) % {layout.bucket_count} AS VARCHAR)")
    codec = layout.codec if layout.format is PARQUET else "ZSTD"
    written = write_parquet(context, sql, [column.name for column in stored], keys, codec)
    width = len(layout.partition_keys)
    by_partition: dict[tuple[str, ...], list[WrittenFile]] = {}
    for file in written:
        by_partition.setdefault(file.keys[:width], []).append(file)
    if width and len(by_partition) > MAX_OPEN_PARTITIONS:
        raise HiveTooManyOpenPartitions
    convert = _CONVERSIONS[layout.format.name]
    return [
        _put_partition(context, values, files, stored, layout, convert)
        for values, files in by_partition.items()
    ]


def partition_folder(location: S3Location, keys: Sequence[str], values: Sequence[str]) -> S3Location:
    """The folder of a partition in Hive's style: `…/year=2024/month=1/`."""
    folders = "".join(
        f"{name}={urllib.parse.quote(value, safe=_SAFE_IN_PATH)}/"
        for name, value in zip(keys, values, strict=True)
    )
    root = location.as_folder
    return S3Location(root.bucket, root.key + folders)


def format_named(name: str) -> Format:
    """A format by Athena's name of it.

    Raises:
        NotSupported: It cannot be written.
    """
    found = FORMATS.get(name.upper())
    if found is None or found.name not in _CONVERSIONS:
        raise NotSupported(f"Writing files in the format '{name}' is not supported")
    return found


def _put_partition(
    context: QueryContext,
    values: tuple[str, ...],
    files: Sequence[WrittenFile],
    columns: Sequence[Column],
    layout: TableLayout,
    convert: _Convert,
) -> WrittenPartition:
    folder = partition_folder(layout.location, layout.partition_keys, values)
    objects = []
    for file in files:
        context.session.check()
        path, suffix = convert(context, file.path, columns, layout)
        bucket = f"_bucket-{int(file.keys[-1]):05d}" if layout.bucket_columns else ""
        target = S3Location(folder.bucket, f"{folder.key}{context.query_id}_{uuid.uuid4()}{bucket}{suffix}")
        context.storage.put(target, path)
        objects.append(target)
    return WrittenPartition(values, folder, tuple(objects), sum(file.rows for file in files))


def _key_text(column: Column) -> str:
    """The text of a partition's value, as it stands in Glue and in the folder's name."""
    name = identifier(column.name)
    if column.type.name == "timestamp":
        # As Hive prints it: without a fraction, or without the zeros at its end.
        return rf"regexp_replace(strftime({name}, '%Y-%m-%d %H:%M:%S.%g'), '\.?0+$', '')"
    return f"CAST({name} AS VARCHAR)"


_Convert = Callable[[QueryContext, Path, Sequence[Column], TableLayout], tuple[Path, str]]


def _keep(
    context: QueryContext, path: Path, columns: Sequence[Column], layout: TableLayout
) -> tuple[Path, str]:
    return path, ""


def _to_text(
    context: QueryContext, path: Path, columns: Sequence[Column], layout: TableLayout
) -> tuple[Path, str]:
    values = ", ".join(rf"coalesce({_delimited_text(column)}, '\N')" for column in columns)
    line = f"concat_ws({literal(layout.field_delimiter)}, {values})"
    return _copy_lines(context, f"SELECT {line} AS line FROM read_parquet({literal(str(path))})", layout)


def _delimited_text(column: Column) -> str:
    if column.type.name in ("array", "map", "row"):
        raise NotSupported(
            f"Writing column '{column.name}' of the type {column.type.trino} as text is not supported"
        )
    if column.type.name == "varbinary":
        return f"to_base64({identifier(column.name)})"
    if column.type.name in ("double", "real"):
        return f"CAST({identifier(column.name)} AS VARCHAR)"
    return text_expression(column.name, column.type)


def _to_json(
    context: QueryContext, path: Path, columns: Sequence[Column], layout: TableLayout
) -> tuple[Path, str]:
    entries = ", ".join(f"{literal(column.name)}, {_json_value(column)}" for column in columns)
    source = f"SELECT CAST(json_object({entries}) AS VARCHAR) AS line FROM read_parquet({literal(str(path))})"
    return _copy_lines(context, source, layout)


def _json_value(column: Column) -> str:
    if column.type.name in ("timestamp", "date", "varbinary"):
        return _delimited_text(column)
    return identifier(column.name)


def _copy_lines(context: QueryContext, source: str, layout: TableLayout) -> tuple[Path, str]:
    codec, suffix = _TEXT_CODECS[layout.codec.upper()]
    target = context.temporary_path(suffix)
    options = f"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIM '\x02', COMPRESSION {codec}"
    context.session.execute(f"COPY ({source}) TO {literal(str(target))} ({options})")
    return target, suffix


_TEXT_CODECS = {"GZIP": ("gzip", ".gz"), "ZSTD": ("zstd", ".zst"), "NONE": ("none", "")}


def _to_orc(
    context: QueryContext, path: Path, columns: Sequence[Column], layout: TableLayout
) -> tuple[Path, str]:
    import pyarrow as pa
    from pyarrow import orc, parquet

    target = context.temporary_path(".orc")
    codec = {"NONE": "uncompressed", "GZIP": "zlib"}.get(layout.codec.upper(), layout.codec.lower())
    source = parquet.ParquetFile(path)
    with orc.ORCWriter(str(target), compression=codec) as writer:
        for batch in source.iter_batches():
            writer.write(pa.Table.from_batches([batch]))
    return target, ""


def _to_avro(
    context: QueryContext, path: Path, columns: Sequence[Column], layout: TableLayout
) -> tuple[Path, str]:
    if layout.codec.upper() != "NONE":
        raise NotSupported(f"Writing Avro files with the compression {layout.codec} is not supported")
    target = context.temporary_path(".avro")
    source = f"SELECT * FROM read_parquet({literal(str(path))})"
    context.session.execute(f"COPY ({source}) TO {literal(str(target))} (FORMAT avro)")
    return target, ""


_CONVERSIONS: Mapping[str, _Convert] = {
    PARQUET.name: _keep,
    TEXTFILE.name: _to_text,
    JSON.name: _to_json,
    ORC.name: _to_orc,
    AVRO.name: _to_avro,
}
