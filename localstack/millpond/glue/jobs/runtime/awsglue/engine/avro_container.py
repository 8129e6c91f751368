"""Avro's container files, read and written block by block.

Of our own, as a job must see no package that Glue's jobs have not: none of those reads or writes Avro.

https://avro.apache.org/docs/1.11.1/specification/#object-container-files
"""

from __future__ import annotations

import bz2
import io
import json
import lzma
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Final

from ..exceptions import NotSupportedLocally
from .avro_values import Decode, encoder, read_long, write_long

MAGIC: Final = b"Obj\x01"
"""What a file begins with."""
SYNC_BYTES: Final = 16
"""Of the mark at the end of a block."""
_BLOCK_BYTES: Final = 64_000
"""After which a block that is written is closed."""

Change = Callable[[bytes], bytes]


class BrokenAvroFile(ValueError):
    """A file is no whole Avro container."""


def read_header(file: IO[bytes]) -> tuple[dict[str, bytes], bytes]:
    """What a file says of itself, and the mark at the end of its blocks.

    Raises:
        BrokenAvroFile: It is no such file, or is cut off.
    """
    if file.read(len(MAGIC)) != MAGIC:
        raise BrokenAvroFile("it does not begin as Avro files do")
    metadata: dict[str, bytes] = {}
    while count := read_long(file):
        if count < 0:
            read_long(file)  # the bytes of the entries, for who passes them over
        for _ in range(abs(count)):
            name = _exactly(file, read_long(file)).decode()
            metadata[name] = _exactly(file, read_long(file))
    return metadata, _exactly(file, SYNC_BYTES)


def read_schema(file: IO[bytes]) -> Any:
    """The schema of a file, which its header has."""
    return json.loads(read_header(file)[0]["avro.schema"])


def read_records(file: IO[bytes], decoder: Callable[[Any], Decode]) -> Iterator[Any]:
    """The records of a file, of which one block is in memory at a time.

    Args:
        file: Opened at its beginning.
        decoder: What makes values of a schema's bytes.

    Raises:
        BrokenAvroFile: It is not whole.
        NotSupportedLocally: It is compressed in another way than those that are known.
    """
    metadata, sync = read_header(file)
    decode = decoder(json.loads(metadata["avro.schema"]))
    codec = metadata.get("avro.codec", b"null").decode()
    if codec not in _DECOMPRESS:
        raise NotSupportedLocally(f"The Avro codec {codec}")
    while first := file.read(1):
        count = read_long(_Joined(first, file))
        data = io.BytesIO(_DECOMPRESS[codec](_exactly(file, read_long(file))))
        for _ in range(count):
            yield decode(data)
        if _exactly(file, SYNC_BYTES) != sync:
            raise BrokenAvroFile("a block does not end where it says")


class ContainerWriter:
    """Writes records as a container.

    Args:
        file: Opened for writing; who opened it closes it.
        schema: Of the records.
        codec: How blocks are compressed.

    Raises:
        NotSupportedLocally: There is no such codec.
    """

    def __init__(self, file: IO[bytes], schema: Mapping[str, Any], codec: str) -> None:
        if codec not in _COMPRESS:
            raise NotSupportedLocally(f"The Avro codec {codec}")
        self._file, self._compress, self._encode = file, _COMPRESS[codec], encoder(schema)
        self._sync = os.urandom(SYNC_BYTES)
        self._block, self._count = io.BytesIO(), 0
        metadata = {"avro.schema": json.dumps(schema).encode(), "avro.codec": codec.encode()}
        file.write(MAGIC)
        write_long(file, len(metadata))
        for name, value in metadata.items():
            for text in (name.encode(), value):
                write_long(file, len(text))
                file.write(text)
        write_long(file, 0)
        file.write(self._sync)

    def write(self, record: Any) -> None:
        """Add a record."""
        self._encode(self._block, record)
        self._count += 1
        if self._block.tell() >= _BLOCK_BYTES:
            self.end_block()

    def end_block(self) -> None:
        """Write what is not written yet."""
        if not self._count:
            return
        data = self._compress(self._block.getvalue())
        write_long(self._file, self._count)
        write_long(self._file, len(data))
        self._file.write(data)
        self._file.write(self._sync)
        self._block, self._count = io.BytesIO(), 0


class _Joined:
    """A file of which a byte was read already."""

    def __init__(self, first: bytes, file: IO[bytes]) -> None:
        self._first, self._file = first, file

    def read(self, size: int) -> bytes:
        first, self._first = self._first, b""
        return first or self._file.read(size)


def _exactly(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise BrokenAvroFile("it is cut off")
    return data


def _deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def _snappy(data: bytes) -> bytes:
    compressed: bytes = _pyarrow().compress(data, codec="snappy", asbytes=True)
    return compressed + struct.pack(">I", zlib.crc32(data))


def _unsnappy(data: bytes) -> bytes:
    body = data[:-4]
    # Snappy begins with the length of what it holds.
    size = shift = 0
    for byte in body:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    found: bytes = _pyarrow().decompress(body, decompressed_size=size, codec="snappy", asbytes=True)
    if zlib.crc32(found) != struct.unpack(">I", data[-4:])[0]:
        raise BrokenAvroFile("a block is not what was written")
    return found


def _zstandard(data: bytes) -> bytes:
    compressed: bytes = _pyarrow().compress(data, codec="zstd", asbytes=True)
    return compressed


def _unzstandard(data: bytes) -> bytes:
    arrow = _pyarrow()
    found: bytes = arrow.CompressedInputStream(arrow.BufferReader(data), "zstd").read()
    return found


def _pyarrow() -> Any:
    import pyarrow  # only for files that need it

    return pyarrow


_COMPRESS: Final[Mapping[str, Change]] = {
    "null": bytes,
    "bzip2": bz2.compress,
    "deflate": _deflate,
    "snappy": _snappy,
    "xz": lzma.compress,
    "zstandard": _zstandard,
}
_DECOMPRESS: Final[Mapping[str, Change]] = {
    "null": bytes,
    "bzip2": bz2.decompress,
    "deflate": lambda data: zlib.decompress(data, -15),
    "snappy": _unsnappy,
    "xz": lzma.decompress,
    "zstandard": _unzstandard,
}
