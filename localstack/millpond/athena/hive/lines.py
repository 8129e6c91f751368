"""Text files as lines, for the formats that are parsed line by line inside DuckDB."""

from __future__ import annotations

from millpond.athena.engine import literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.hive.source import FileSet, file_list

# Control characters that together separate nothing: each line is one value.
_NO_DELIMITER = "\x02\x1e\x1d\x1c"
_NO_NULL = "\x02\x1e\x1d\x1b"

# Bytes. DuckDB's default buffer is sixteen times this, for each file that is read at once.
_LONGEST_LINE = 16 * 2**20

_COMPRESSIONS = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd"}
_UNSUPPORTED = (".bz2", ".snappy", ".lzo", ".lz4", ".deflate")


def compression_of(key: str) -> str:
    """DuckDB's name of an object's compression, told from its key as Hadoop does.

    Raises:
        HiveUnsupportedFormat: It is one that cannot be read.
    """
    for suffix in _UNSUPPORTED:
        if key.endswith(suffix):
            raise HiveUnsupportedFormat(f"Text files compressed as '{suffix}' are not supported: {key}")
    return next((name for suffix, name in _COMPRESSIONS.items() if key.endswith(suffix)), "none")


def read_lines(files: FileSet) -> str:
    """SQL that gives every line (`line`) with its file's number (`$file`), headers left out."""
    by_compression: dict[str, list[int]] = {}
    for index, key in enumerate(files.keys):
        by_compression.setdefault(compression_of(key), []).append(index)
    queries = []
    for compression, indexes in by_compression.items():
        numbers = f"[{', '.join(str(index + 1) for index in indexes)}]"
        queries.append(
            f'SELECT line, CAST({numbers}[CAST(file_index AS BIGINT) + 1] AS BIGINT) AS "$file" '
            f"FROM read_csv({file_list([files.paths[index] for index in indexes])}, "
            "columns = {'line': 'VARCHAR'}, auto_detect = false, header = false, "
            f"skip = {files.header_lines}, delim = {literal(_NO_DELIMITER)}, quote = '', escape = '', "
            f"comment = '', nullstr = {literal(_NO_NULL)}, compression = '{compression}', "
            f"strict_mode = false, max_line_size = {_LONGEST_LINE}, buffer_size = {_LONGEST_LINE})"
        )
    return " UNION ALL ".join(queries)
