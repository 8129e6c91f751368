r"""Delimited text: LazySimpleSerDe (no quotes, `\N` is NULL) and OpenCSVSerde (quotes, no NULL).

https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.hive.encodings import opened
from millpond.athena.hive.lines import plain_file, read_lines
from millpond.athena.hive.source import FileSet, file_list
from millpond.athena.hive.text_syntax import TEXT_CASTS, TextSyntax
from millpond.athena.sql.catalog import Column

_BATCH_LINES = 50_000


def read_delimited(context: QueryContext, files: FileSet) -> str:
    """LazySimpleSerDe: a value that does not fit its type is NULL."""
    syntax = TextSyntax.of(files.text_parameters)
    positions = {column.name: i for i, column in enumerate(files.declared, start=1)}
    columns = "".join(
        f"{syntax.value(f'fields[{positions[c.name]}]', c.type)} AS {identifier(c.name)}, "
        for c in files.columns
    )
    split = f"string_split({syntax.protect('line')}, {literal(syntax.levels[0])}) AS fields"
    return f'SELECT {columns}"$file" FROM (SELECT {split}, "$file" FROM ({read_lines(context, files)}))'


def read_open_csv(context: QueryContext, files: FileSet) -> str:
    """OpenCSVSerde: all is text first; quotes, escapes and broken lines as Java's opencsv has them."""
    import pyarrow as pa
    from pyarrow import parquet

    parameters = files.serde_parameters
    reader = _OpenCsv(
        parameters.get("separatorChar", ","),
        parameters.get("quoteChar", '"'),
        parameters.get("escapeChar", "\\"),
    )
    width = len(files.declared)
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)] + [("$file", pa.int64())])
    target = context.temporary_path(".parquet")
    with parquet.ParquetWriter(target, schema) as writer:
        for number, (path, key) in enumerate(zip(files.paths, files.keys, strict=True), start=1):
            with _open_text(context, files, path, key) as stream:
                lines = itertools.islice(stream, files.header_lines, None)
                while batch := list(itertools.islice(lines, _BATCH_LINES)):
                    context.session.check()
                    padded = [(row + [None] * width)[:width] for row in reader.rows(batch)]
                    values = [list(column) for column in zip(*padded, strict=True)]
                    writer.write_table(pa.table([*values, [number] * len(batch)], schema=schema))
    positions = {column.name: i for i, column in enumerate(files.declared)}
    columns = "".join(
        f"{_open_csv_value(positions[c.name], c)} AS {identifier(c.name)}, " for c in files.columns
    )
    return f'SELECT {columns}"$file" FROM read_parquet({file_list([target])})'


def _open_csv_value(position: int, column: Column) -> str:
    """Numbers are parsed, dates are days and timestamps milliseconds since 1970; else it is bad data.

    https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
    """
    type_ = column.type
    if type_.name in ("varchar", "char"):
        return f"c{position}"
    if type_.name == "date":
        return f"DATE '1970-01-01' + {_parsed(position, 'INTEGER')}"
    if type_.name == "timestamp":
        return f"epoch_ms({_parsed(position, 'BIGINT')})"
    if type_.name in TEXT_CASTS:
        return _parsed(position, type_.duckdb)
    raise HiveUnsupportedFormat(f"OpenCSVSerde cannot read column '{column.name}' of the type {type_.trino}")


def _parsed(position: int, type_: str) -> str:
    """The value of a text; the query fails if it has none."""
    text = f"c{position}"
    message = (
        f"concat('Error parsing field value ''', {text}, ''' for field {position}: "
        f"For input string: \"', {text}, '\"')"
    )
    failure = f"CAST(athena_fail_text('HIVE_BAD_DATA', {message}) AS {type_})"
    value = f"TRY_CAST({text} AS {type_})"
    return f"(CASE WHEN {text} IS NOT NULL AND {value} IS NULL THEN {failure} ELSE {value} END)"


@dataclass(frozen=True)
class _OpenCsv:
    """Java's opencsv over one line at a time, as Hive calls it."""

    separator: str
    quote: str
    escape: str

    def rows(self, lines: Sequence[str]) -> list[list[str | None]]:
        """The values of each line."""
        if not any(map(self._is_open, lines)):
            rows = [list(row) if row else [""] for row in self._read(lines)]
            if len(rows) == len(lines):
                return rows  # type: ignore[return-value]  # a list of texts is one of texts and Nones
        return [self._row(line) for line in lines]

    def _row(self, line: str) -> list[str | None]:
        """A value that goes on in the next line is lost, with what follows it: Hive splits lines first."""
        [row] = list(self._read([line])) or [[""]]
        return list(row[:-1]) if self._is_open(line) else list(row) or [""]

    def _is_open(self, line: str) -> bool:
        if self.escape in line:
            line = re.sub(f"{re.escape(self.escape)}.", "", line)
        return line.count(self.quote) % 2 == 1

    def _read(self, lines: Sequence[str]) -> Iterator[list[str]]:
        return csv.reader(
            lines, delimiter=self.separator, quotechar=self.quote, escapechar=self.escape, doublequote=True
        )


@contextmanager
def _open_text(context: QueryContext, files: FileSet, path: Path, key: str) -> Iterator[IO[str]]:
    plain, compression = plain_file(context, files, path, key)
    with opened(plain, compression) as source, io.TextIOWrapper(source, "utf-8", newline="") as text:
        yield text
