"""Text files whose bytes are no UTF-8: Hive puts U+FFFD in the place of what it cannot read.

DuckDB refuses such files, so they are read through a copy. A file is looked through once, for its
content never changes.
"""

from __future__ import annotations

import codecs
import functools
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveBadData

_PIECE = 2**20
_MOST_FILES_KNOWN = 20_000


def readable_text(context: QueryContext, path: Path, compression: str, key: str) -> tuple[Path, str]:
    """A file that DuckDB can read as text, and its compression: the file itself, if it is UTF-8.

    Raises:
        HiveBadData: It is not compressed that way.
    """
    try:
        if _is_utf8(path, compression):
            return path, compression
        target = context.temporary_path()
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        with _opened(path, compression) as source, target.open("w", encoding="utf-8", newline="") as file:
            while piece := source.read(_PIECE):
                context.session.check()
                file.write(decoder.decode(piece))
            file.write(decoder.decode(b"", final=True))
    except (OSError, EOFError, zlib.error) as error:
        raise HiveBadData(f"{key} is not compressed as its name says: {error}") from None
    return target, "none"


@functools.lru_cache(_MOST_FILES_KNOWN)
def _is_utf8(path: Path, compression: str) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with _opened(path, compression) as source:
        try:
            while piece := source.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


@contextmanager
def _opened(path: Path, compression: str) -> Iterator[IO[bytes] | Any]:
    if compression == "gzip":
        with gzip.open(path) as file:
            yield file
    elif compression == "zstd":
        import pyarrow as pa

        with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as stream:
            yield stream
    else:
        with path.open("rb") as plain:
            yield plain
