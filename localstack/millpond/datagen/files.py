"""Files of a delivery: the same bytes on every machine."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

_GZIP_HEADER = b"\x1f\x8b\x08\x00" + b"\x00\x00\x00\x00" + b"\x00\xff"
_LARGEST_STORED_BLOCK = 0xFFFF


def write_text(path: Path, text: str) -> None:
    """Write the text as UTF-8, in a gzip container if the name ends with `.gz`."""
    content = text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_gzip(content) if path.suffix == ".gz" else content)


def _gzip(content: bytes) -> bytes:
    """A gzip member (RFC 1952) whose bytes depend on nothing but the content.

    What a compressor makes differs between builds of zlib, so the blocks are stored (RFC 1951, 3.2.4),
    and the header has neither a time nor an operating system.
    """
    starts = range(0, max(len(content), 1), _LARGEST_STORED_BLOCK)
    blocks = [_stored_block(content[at : at + _LARGEST_STORED_BLOCK], last=at == starts[-1]) for at in starts]
    return (
        _GZIP_HEADER + b"".join(blocks) + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    )


def _stored_block(content: bytes, *, last: bool) -> bytes:
    return struct.pack("<BHH", last, len(content), len(content) ^ 0xFFFF) + content
