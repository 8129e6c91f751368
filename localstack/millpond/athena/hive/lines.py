"""Text files as lines, for the formats that are parsed line by line inside DuckDB."""

from __future__ import annotations

from pathlib import Path

from millpond.athena.context import QueryContext
from millpond.athena.engine import literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.hive.codecs import TEXT_CODECS, decompressed
from millpond.athena.hive.encodings import readable_text
from millpond.athena.hive.source import FileSet, file_list

# Control characters that together separate nothing: each line is one value.
_NO_DELIMITER = "\x02\x1e\x1d\x1c"

_LONGEST_LINE = 16 * 2**20
"""Bytes."""

_COMPRESSIONS = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd"}
_MOST_GROWTH = {"none": 1, "gzip": 1032}
"""How many times its size a file may have when it is plain; of zstd there is no limit."""
_OWN_CODECS = {codec.suffix: codec for codec in TEXT_CODECS.values()}
_UNSUPPORTED = (".lzo", ".xz", ".zip")


def plain_file(context: QueryContext, files: FileSet, path: Path, key: str) -> tuple[Path, str]:
    """A file that DuckDB can read, and DuckDB's name of its compression, told from its key as Hadoop does.

    Raises:
        HiveUnsupportedFormat: Its compression cannot be read.
        HiveBadData: It is not compressed as its key says.
    """
    suffix = Path(key).suffix
    if suffix in _UNSUPPORTED:
        raise HiveUnsupportedFormat(f"Text files compressed as '{suffix}' are not supported: {key}")
    if suffix in _OWN_CODECS:
        path, compression = decompressed(context, _OWN_CODECS[suffix], path, key), "none"
    else:
        compression = _COMPRESSIONS.get(suffix, "none")
    encoding = files.text_parameters.get("serialization.encoding", "utf-8")
    return readable_text(context, path, compression, key, encoding, files.footer_lines)


def read_lines(context: QueryContext, files: FileSet) -> str:
    """SQL that gives every line (`line`) with its file's number (`$file`), headers left out.

    DuckDB leaves out lines with nothing in them unless that means NULL.
    """
    groups: dict[tuple[str, int], list[tuple[int, Path]]] = {}
    for number, (path, key) in enumerate(zip(files.paths, files.keys, strict=True), start=1):
        plain, compression = plain_file(context, files, path, key)
        groups.setdefault((compression, _buffer_size(plain, compression)), []).append((number, plain))
    queries = []
    for (compression, buffer_size), numbered in groups.items():
        numbers = f"[{', '.join(str(number) for number, _ in numbered)}]"
        queries.append(
            f"SELECT coalesce(line, '') AS line, "
            f'CAST({numbers}[CAST(file_index AS BIGINT) + 1] AS BIGINT) AS "$file" '
            f"FROM read_csv({file_list([path for _, path in numbered])}, "
            "columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, "
            f"skip = {files.header_lines}, delim = {literal(_NO_DELIMITER)}, quote = '', escape = '', "
            f"comment = '', nullstr = '', compression = '{compression}', "
            f"strict_mode = false, max_line_size = {buffer_size}, buffer_size = {buffer_size})"
        )
    return " UNION ALL ".join(queries)


def _buffer_size(path: Path, compression: str) -> int:
    """The bytes that DuckDB sets aside for a file, which is the longest line that it can have, too."""
    growth = _MOST_GROWTH.get(compression)
    content = path.stat().st_size * growth if growth else _LONGEST_LINE
    return next((size for size in (2**16, 2**20) if content < size), _LONGEST_LINE)
