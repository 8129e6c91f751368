"""From a Parquet file of the staging area to the format and compression that a table has.

https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.hive import avro_container
from millpond.athena.hive.codecs import TEXT_CODECS, compressed
from millpond.athena.hive.formats import AVRO, FORMATS, JSON, ORC, PARQUET, TEXTFILE, Format
from millpond.athena.hive.text_syntax import TextSyntax, plain_text
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.types import SqlType


@dataclass(frozen=True)
class Encoding:
    """How the files of a table are written.

    Attributes:
        format: The file format.
        codec: The compression, by Athena's name in upper case.
        syntax: Of text files.
        compression_level: Of ZSTD, None for its own.
    """

    format: Format
    codec: str
    syntax: TextSyntax
    compression_level: int | None = None

    @classmethod
    def of(
        cls,
        format_: Format,
        codec: str | None,
        text_parameters: Mapping[str, str],
        compression_level: int | None = None,
    ) -> Encoding:
        """An encoding with a compression that the format has.

        Raises:
            NotSupported: It cannot be written, or has no such compression.
        """
        encoder = _ENCODERS.get(format_.name)
        if encoder is None:
            raise NotSupported(f"Writing files in the format '{format_.name}' is not supported")
        name = (codec or encoder.default_codec).upper()
        if name not in encoder.codecs:
            raise NotSupported(f"Compression codec {name} not supported for {format_.name}")
        if compression_level is not None and name != "ZSTD":
            raise NotSupported(f"compression_level is supported for ZSTD only, not for {name}")
        return cls(format_, name, TextSyntax.of(text_parameters), compression_level)

    def encode(self, context: QueryContext, path: Path, columns: Sequence[Column]) -> tuple[Path, str]:
        """The encoded file, and how the object's name ends."""
        return _ENCODERS[self.format.name].encode(context, path, columns, self)


def format_named(name: str) -> Format:
    """A format by Athena's name of it.

    Raises:
        NotSupported: It cannot be written.
    """
    found = FORMATS.get(name.upper())
    if found is None or found.name not in _ENCODERS:
        raise NotSupported(f"Writing files in the format '{name}' is not supported")
    return found


_Encode = Callable[[QueryContext, Path, Sequence[Column], Encoding], tuple[Path, str]]


@dataclass(frozen=True)
class _Encoder:
    """What writes a format, with which compressions, and which one unless a table says otherwise."""

    encode: _Encode
    codecs: frozenset[str]
    default_codec: str = "GZIP"


def _keep(
    context: QueryContext, path: Path, columns: Sequence[Column], encoding: Encoding
) -> tuple[Path, str]:
    """It is Parquet already, with the compression that was asked for."""
    return path, ""


def _to_orc(
    context: QueryContext, path: Path, columns: Sequence[Column], encoding: Encoding
) -> tuple[Path, str]:
    import pyarrow as pa
    from pyarrow import orc, parquet

    target = context.temporary_path(".orc")
    codec = _ORC_CODECS[encoding.codec]
    source = parquet.ParquetFile(path)
    with orc.ORCWriter(str(target), compression=codec) as writer:
        for batch in source.iter_batches():
            context.session.check()
            writer.write(pa.Table.from_batches([batch]))
    return target, ""


_ORC_CODECS = {
    "NONE": "uncompressed",
    "ZLIB": "zlib",
    "SNAPPY": "snappy",
    "LZ4": "lz4",
    "ZSTD": "zstd",
}


def _to_avro(
    context: QueryContext, path: Path, columns: Sequence[Column], encoding: Encoding
) -> tuple[Path, str]:
    from pyarrow import parquet

    batches = parquet.ParquetFile(path).iter_batches(_AVRO_BLOCK_ROWS)
    rows = (zip(*(column.to_pylist() for column in batch.columns), strict=True) for batch in batches)
    return avro_container.write(context, columns, rows, encoding.codec), ""


_AVRO_BLOCK_ROWS = 10_000


def _to_text(
    context: QueryContext, path: Path, columns: Sequence[Column], encoding: Encoding
) -> tuple[Path, str]:
    syntax = encoding.syntax
    values = ", ".join(syntax.text(identifier(column.name), column.type) for column in columns)
    line = f"concat_ws({literal(syntax.levels[0])}, {values})"
    return _copy_lines(context, f"SELECT {line} AS line FROM read_parquet({literal(str(path))})", encoding)


def _to_json(
    context: QueryContext, path: Path, columns: Sequence[Column], encoding: Encoding
) -> tuple[Path, str]:
    values = ((literal(c.name), _json_value(identifier(c.name), c.type)) for c in columns)
    entries = ", ".join(f"{name}, {value}" for name, value in values)
    source = f"SELECT CAST(json_object({entries}) AS VARCHAR) AS line FROM read_parquet({literal(str(path))})"
    return _copy_lines(context, source, encoding)


def _json_value(value: str, type_: SqlType, depth: int = 0) -> str:
    """DuckDB's expression for a value as JSON has it: bytes in Base64, timestamps with milliseconds."""
    if type_.name in ("timestamp", "date", "varbinary"):
        return plain_text(value, type_)
    item, inner = f"item{depth}", (*type_.elements, *(field.type for field in type_.fields))
    if not inner or all(_json_value(value, of, depth) == value for of in inner):
        return value
    if type_.name == "array":
        return f"list_transform({value}, lambda {item}: {_json_value(item, inner[0], depth + 1)})"
    if type_.name == "map":
        made = _json_value(f"{item}.value", inner[1], depth + 1)
        entries = f"list_transform(map_entries({value}), lambda {item}: {{'k': {item}.key, 'v': {made}}})"
        return f"map_from_entries({entries})"
    names = [field.name or f"field{i}" for i, field in enumerate(type_.fields)]
    fields = ", ".join(
        f"{identifier(name)} := {_json_value(f'{value}.{identifier(name)}', of, depth + 1)}"
        for name, of in zip(names, inner, strict=True)
    )
    return f"CASE WHEN {value} IS NOT NULL THEN struct_pack({fields}) END"


def _copy_lines(context: QueryContext, source: str, encoding: Encoding) -> tuple[Path, str]:
    own = TEXT_CODECS.get(encoding.codec)
    codec, suffix = _TEXT_CODECS.get(encoding.codec, ("none", ""))
    target = context.temporary_path(suffix)
    # There is one column, and nothing in it may be quoted: the delimiter is one that no line contains.
    options = f"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIM '\x1e', COMPRESSION {codec}"
    context.session.execute(f"COPY ({source}) TO {literal(str(target))} ({options})")
    return (compressed(context, own, target), own.suffix) if own else (target, suffix)


_TEXT_CODECS = {"GZIP": ("gzip", ".gz"), "ZSTD": ("zstd", ".zst"), "NONE": ("none", "")}
_TEXT_CODEC_NAMES = frozenset((*_TEXT_CODECS, *TEXT_CODECS)) - {"DEFLATE"}
"""Text compressed by deflate is read only: Athena writes it in Avro files alone."""

_ENCODERS: Mapping[str, _Encoder] = {
    PARQUET.name: _Encoder(_keep, frozenset(("GZIP", "SNAPPY", "ZSTD", "NONE", "UNCOMPRESSED"))),
    ORC.name: _Encoder(_to_orc, frozenset(_ORC_CODECS), "ZLIB"),
    AVRO.name: _Encoder(_to_avro, avro_container.AVRO_CODECS, "NONE"),
    TEXTFILE.name: _Encoder(_to_text, _TEXT_CODEC_NAMES),
    JSON.name: _Encoder(_to_json, _TEXT_CODEC_NAMES),
}
