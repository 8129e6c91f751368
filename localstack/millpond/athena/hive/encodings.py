r"""Text files that DuckDB would misread, read through a copy.

Hive puts U+FFFD in the place of what is no UTF-8, where DuckDB refuses the file; Hadoop ends a line at `\n`,
`\r\n` or `\r`, where DuckDB wants one kind in a file. A table may name another encoding and lines at the
end that are no data. A file is looked through once, for its content never changes.
"""

from __future__ import annotations

import codecs
import collections
import functools
import gzip
import io
import itertools
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from millpond.athena.context import QueryContext
from millpond.athena.exceptions import HiveBadData, HiveUnsupportedFormat

_PIECE = 2**20
_MOST_FILES_KNOWN = 20_000


def readable_text(
    context: QueryContext,
    path: Path,
    compression: str,
    key: str,
    encoding: str = "utf-8",
    footer_lines: int = 0,
) -> tuple[Path, str]:
    """A file that DuckDB can read as text, and its compression: the file itself, if it is so already.

    Raises:
        HiveBadData: It is not compressed that way.
        HiveUnsupportedFormat: There is no such encoding.
    """
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        raise HiveUnsupportedFormat(f"The serialization.encoding '{encoding}' is not supported") from None
    try:
        if codec == "utf-8" and not footer_lines and _is_plain(path, compression):
            return path, compression
        target = context.temporary_path()
        with opened(path, compression) as source, target.open("w", encoding="utf-8", newline="") as file:
            pieces = _decoded(context, source, codec)
            file.writelines(_without_last_lines(pieces, footer_lines) if footer_lines else pieces)
    except (OSError, EOFError, zlib.error) as error:
        raise HiveBadData(f"{key} is not compressed as its name says: {error}") from None
    return target, "none"


def _decoded(context: QueryContext, source: IO[bytes], codec: str) -> Iterator[str]:
    r"""The text in pieces, each line ending with `\n`."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)("replace"), translate=True)
    while piece := source.read(_PIECE):
        context.session.check()
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _without_last_lines(pieces: Iterable[str], count: int) -> Iterator[str]:
    lines = _lines(pieces)
    kept = collections.deque(itertools.islice(lines, count))
    for line in lines:
        kept.append(line)
        yield kept.popleft()


def _lines(pieces: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        yield from (f"{line}\n" for line in lines)
    if rest:
        yield rest


@functools.lru_cache(_MOST_FILES_KNOWN)
def _is_plain(path: Path, compression: str) -> bool:
    r"""Whether a file is UTF-8, and its lines end all alike: with `\n`, or with `\r\n`."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    returns = feeds = pairs = 0
    last = b""
    with opened(path, compression) as source:
        try:
            while piece := source.read(_PIECE):
                decoder.decode(piece)
                returns += piece.count(b"\r")
                if returns:
                    pairs += piece.count(b"\r\n") + (last == b"\r" and piece[:1] == b"\n")
                feeds += piece.count(b"\n")
                last = piece[-1:]
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return returns == 0 or returns == pairs == feeds


@contextmanager
def opened(path: Path, compression: str) -> Iterator[IO[bytes] | Any]:
    """A file's content, of a compression that DuckDB knows."""
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
