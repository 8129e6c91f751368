"""Compressed files: recognised by their first bytes, read from their beginning.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-built-in
"""

from __future__ import annotations

import bz2
import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final

from millpond.glue.crawlers.exceptions import UnreadableFile

_MAGIC: Final[Mapping[bytes, str]] = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"PK\x03\x04": "zip",
}
_BLOCK: Final = 64 * 1024


def compression_of(path: Path, name: str) -> str:
    """Glue's name of a file's compression, `none` if it has none.

    Hadoop's Snappy has no first bytes of its own: a name that ends in `.snappy` tells it.
    """
    with path.open("rb") as file:
        start = file.read(10)
    for magic, compression in _MAGIC.items():
        if start.startswith(magic):
            return compression
    return "snappy" if name.lower().endswith(".snappy") else "none"


def read_start(path: Path, compression: str, size: int) -> bytes:
    """The first bytes of a file's content.

    Raises:
        UnreadableFile: It is not compressed as it says.
    """
    content = bytearray()
    try:
        with path.open("rb") as file:
            for piece in _READERS[compression](file):
                content += piece
                if len(content) >= size:
                    break
    except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile) as error:
        if not content:
            raise UnreadableFile(f"it is no {compression} file: {error}") from None
    return bytes(content[:size])


def _plain(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(_BLOCK), b"")


def _gzip(file: IO[bytes]) -> Iterator[bytes]:
    """All members; what follows the last of them, as zeros, is none."""
    with gzip.open(file) as content:
        yield from iter(lambda: content.read(_BLOCK), b"")


def _bzip2(file: IO[bytes]) -> Iterator[bytes]:
    with bz2.open(file) as content:
        yield from iter(lambda: content.read(_BLOCK), b"")


def _arrow(codec: str) -> Callable[[IO[bytes]], Iterator[bytes]]:
    def read(file: IO[bytes]) -> Iterator[bytes]:
        import pyarrow as pa

        with pa.CompressedInputStream(file, codec) as content:
            yield from iter(lambda: content.read(_BLOCK), b"")

    return read


def _zip(file: IO[bytes]) -> Iterator[bytes]:
    """Glue reads archives of one file."""
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise ValueError(f"an archive of {len(members)} files")
        with archive.open(members[0]) as content:
            yield from iter(lambda: content.read(_BLOCK), b"")


def _snappy(file: IO[bytes]) -> Iterator[bytes]:
    """The framing format, Hadoop's blocks, or one raw block."""
    data = file.read()
    if data.startswith(b"\xff\x06\x00\x00sNaPpY"):
        yield from _snappy_frames(io.BytesIO(data[10:]))
        return
    length, pieces = int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big")
    if 0 < pieces <= len(data) - 8 and length > 0:
        yield from _hadoop_blocks(io.BytesIO(data))
    else:
        yield _unsnapped(data)


def _snappy_frames(file: IO[bytes]) -> Iterator[bytes]:
    while header := file.read(4):
        kind, chunk = header[0], file.read(int.from_bytes(header[1:], "little"))
        if kind == 0:
            yield _unsnapped(chunk[4:])
        elif kind == 1:
            yield chunk[4:]
        elif kind < 0x80:
            raise ValueError(f"a Snappy chunk of the unknown kind {kind}")


def _hadoop_blocks(file: IO[bytes]) -> Iterator[bytes]:
    while header := file.read(4):
        missing = int.from_bytes(header, "big")
        while missing > 0:
            piece = _unsnapped(file.read(int.from_bytes(file.read(4), "big")))
            if not piece:
                raise ValueError("an empty Snappy block")
            missing -= len(piece)
            yield piece


def _unsnapped(data: bytes) -> bytes:
    """One raw block; its first bytes are the length of its content, seven bits each."""
    import pyarrow as pa

    size = shift = 0
    for byte in data:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    if size > 2**32 - 1 or shift > 35:
        raise ValueError("no Snappy block")
    return bytes(pa.decompress(data, decompressed_size=size, codec="snappy", asbytes=True))


_READERS: Final[Mapping[str, Callable[[IO[bytes]], Iterator[bytes]]]] = {
    "none": _plain,
    "gzip": _gzip,
    "bzip2": _bzip2,
    "zstd": _arrow("zstd"),
    "lz4": _arrow("lz4"),
    "snappy": _snappy,
    "zip": _zip,
}
