"""Avro's container files: written here, and given other compressions for DuckDB to read.

DuckDB's own writer of Avro loses rows (of the extension for 1.5.5: the first ones, when its buffer grows at
an unlucky place), and its reader knows two of the compressions.

https://avro.apache.org/docs/1.11.1/specification/#object-container-files
"""

from __future__ import annotations

import bz2
import json
import secrets
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveBadData
from millpond.athena.hive.avro_values import long_bytes, record_schema, row_encoder, sized
from millpond.athena.sql.catalog import Column

_MAGIC = b"Obj\x01"
_SYNC_BYTES = 16
_CODEC = b"avro.codec"
_SCHEMA = b"avro.schema"
_PLAIN = b"null"


def write(
    context: QueryContext,
    columns: Sequence[Column],
    batches: Iterable[Iterable[Sequence[Any]]],
    codec: str,
) -> Path:
    """A new file.

    Args:
        context: The running query.
        columns: Its columns.
        batches: Its rows, each batch a block; Arrow's Python values.
        codec: The compression, by Athena's name of it.
    """
    name, compress = _COMPRESSORS[codec]
    schema = json.dumps(record_schema(columns)).encode()
    encode = row_encoder(columns)
    target = context.temporary_path(".avro")
    sync = secrets.token_bytes(_SYNC_BYTES)
    with target.open("wb") as file:
        _write_header(file, {_CODEC: name, _SCHEMA: schema}, sync)
        for batch in batches:
            context.session.check()
            rows = [encode(row) for row in batch]
            if rows:
                file.write(long_bytes(len(rows)) + sized(compress(b"".join(rows))) + sync)
    return target


@dataclass(frozen=True)
class AvroFile:
    """A file that DuckDB can read; `schema` is the record that it says its rows are."""

    path: Path
    schema: Mapping[str, Any]


def readable(context: QueryContext, path: Path) -> AvroFile:
    """The file itself, or a copy with plain blocks if DuckDB does not know its compression.

    Raises:
        HiveBadData: It is no container file, or ends too early.
    """
    with path.open("rb") as source:
        metadata, sync = _read_header(source)
        try:
            schema = json.loads(metadata[_SCHEMA])
        except (KeyError, ValueError):
            raise HiveBadData("The Avro data file has no readable schema") from None
        if not isinstance(schema, dict) or schema.get("type") != "record":
            raise HiveBadData("The Avro data file is not one of records")
        decompress = _DECOMPRESSORS.get(metadata.get(_CODEC, _PLAIN))
        if decompress is None:
            return AvroFile(path, schema)
        target = context.temporary_path(".avro")
        with target.open("wb") as file:
            _write_header(file, {**metadata, _CODEC: _PLAIN}, sync)
            while (count := _read_long(source)) is not None:
                context.session.check()
                data = decompress(source.read(_read_size(source)))
                source.read(_SYNC_BYTES)
                file.write(long_bytes(count) + sized(data) + sync)
    return AvroFile(target, schema)


def _read_header(source: IO[bytes]) -> tuple[dict[bytes, bytes], bytes]:
    if source.read(len(_MAGIC)) != _MAGIC:
        raise HiveBadData("Not an Avro data file")
    metadata: dict[bytes, bytes] = {}
    while count := _read_size(source):
        for _ in range(count):
            key = source.read(_read_size(source))
            metadata[key] = source.read(_read_size(source))
    return metadata, source.read(_SYNC_BYTES)


def _write_header(file: IO[bytes], metadata: Mapping[bytes, bytes], sync: bytes) -> None:
    entries = b"".join(sized(key) + sized(value) for key, value in metadata.items())
    file.write(_MAGIC + long_bytes(len(metadata)) + entries + long_bytes(0) + sync)


def _read_size(source: IO[bytes]) -> int:
    size = _read_long(source)
    if size is None or size < 0:
        raise HiveBadData("The Avro data file ends too early")
    return size


def _read_long(source: IO[bytes]) -> int | None:
    """A number as `long_bytes` writes it; None at the end of the file."""
    value = shift = 0
    while byte := source.read(1):
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return (value >> 1) ^ -(value & 1)
        shift += 7
    return None


def _deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def _snappy(data: bytes) -> bytes:
    return _with_arrow(data, "snappy") + zlib.crc32(data).to_bytes(4, "big")


def _zstandard(data: bytes) -> bytes:
    return _with_arrow(data, "zstd")


def _with_arrow(data: bytes, codec: str) -> bytes:
    import pyarrow as pa

    found: bytes = pa.compress(data, codec=codec, asbytes=True)
    return found


def _from_zstandard(data: bytes) -> bytes:
    import pyarrow as pa

    found: bytes = pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()
    return found


_COMPRESSORS: dict[str, tuple[bytes, Callable[[bytes], bytes]]] = {
    "NONE": (_PLAIN, bytes),
    "BZIP2": (b"bzip2", bz2.compress),
    "DEFLATE": (b"deflate", _deflate),
    "SNAPPY": (b"snappy", _snappy),
    "ZSTD": (b"zstandard", _zstandard),
}
_DECOMPRESSORS: dict[bytes, Callable[[bytes], bytes]] = {
    b"bzip2": bz2.decompress,
    b"zstandard": _from_zstandard,
}
AVRO_CODECS = frozenset(_COMPRESSORS)
