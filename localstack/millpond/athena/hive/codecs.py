"""Compressions of text files that DuckDB neither reads nor writes: bzip2, deflate, and Hadoop's blocks.

Hadoop writes Snappy and LZ4 as blocks: the length of the block's data, and then pieces, each with its
compressed length before it, until that many bytes are there.

https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveBadData

_PIECE = 256 * 1024


@dataclass(frozen=True)
class TextCodec:
    """A compression of text files.

    Attributes:
        suffix: How the names of its files end.
        read: The bytes of a compressed file, piece by piece.
        compressor: Makes what compresses pieces and what ends the file.
    """

    suffix: str
    read: Callable[[IO[bytes]], Iterator[bytes]]
    compressor: Callable[[], tuple[Callable[[bytes], bytes], Callable[[], bytes]]]


def decompressed(context: QueryContext, codec: TextCodec, path: Path, key: str) -> Path:
    """The content of a compressed file, in a file of its own.

    Raises:
        HiveBadData: The file is not compressed that way.
    """
    target = context.temporary_path()
    try:
        with path.open("rb") as source, target.open("wb") as plain:
            for piece in codec.read(source):
                context.session.check()
                plain.write(piece)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise HiveBadData(f"{key} is not compressed as its name says: {error}") from None
    return target


def compressed(context: QueryContext, codec: TextCodec, path: Path) -> Path:
    """A compressed copy of a file."""
    target = context.temporary_path(codec.suffix)
    compress, finish = codec.compressor()
    with path.open("rb") as plain, target.open("wb") as file:
        while piece := plain.read(_PIECE):
            context.session.check()
            file.write(compress(piece))
        file.write(finish())
    return target


def _read_bzip2(source: IO[bytes]) -> Iterator[bytes]:
    with bz2.open(source) as plain:
        while piece := plain.read(_PIECE):
            yield piece


def _read_deflate(source: IO[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj()
    while piece := source.read(_PIECE):
        yield decompressor.decompress(piece)
    yield decompressor.flush()


def _read_blocks(codec: str) -> Callable[[IO[bytes]], Iterator[bytes]]:
    def read(source: IO[bytes]) -> Iterator[bytes]:
        import pyarrow as pa

        while header := source.read(4):
            remaining = int.from_bytes(header, "big")
            while remaining:
                piece = source.read(int.from_bytes(source.read(4), "big"))
                size = _uncompressed_size(piece) if codec == "snappy" else remaining
                if not piece or not 0 < size <= remaining:
                    raise ValueError("a block is broken")
                data = pa.decompress(piece, decompressed_size=size, codec=codec, asbytes=True)
                remaining -= size
                yield data

    return read


def _uncompressed_size(piece: bytes) -> int:
    """Snappy begins with the size of its data, seven bits a byte."""
    size = 0
    for place, byte in enumerate(piece[:5]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return size


def _block_compressor(codec: str) -> Callable[[], tuple[Callable[[bytes], bytes], Callable[[], bytes]]]:
    def compress(data: bytes) -> bytes:
        import pyarrow as pa

        piece: bytes = pa.compress(data, codec=codec, asbytes=True)
        return len(data).to_bytes(4, "big") + len(piece).to_bytes(4, "big") + piece

    return lambda: (compress, bytes)


def _bzip2_compressor() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    compressor = bz2.BZ2Compressor()
    return compressor.compress, compressor.flush


def _deflate_compressor() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    compressor = zlib.compressobj()
    return compressor.compress, compressor.flush


TEXT_CODECS: dict[str, TextCodec] = {
    "BZIP2": TextCodec(".bz2", _read_bzip2, _bzip2_compressor),
    "DEFLATE": TextCodec(".deflate", _read_deflate, _deflate_compressor),
    "SNAPPY": TextCodec(".snappy", _read_blocks("snappy"), _block_compressor("snappy")),
    "LZ4": TextCodec(".lz4", _read_blocks("lz4_raw"), _block_compressor("lz4_raw")),
}
