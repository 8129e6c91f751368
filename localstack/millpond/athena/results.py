"""A query's result as its clients get it: the object under OutputLocation, and pages of rows.

https://docs.aws.amazon.com/athena/latest/ug/querying-finding-output-files.html
https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from millpond.athena.engine import EngineSession
from millpond.athena.output import ResultFile, ResultTarget
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import SqlType
from millpond.athena.values import Format, formatter, text_expression
from millpond.s3 import S3Location

Row = tuple[str | None, ...]


_BLOCK_ROWS = 1000


@dataclass(frozen=True)
class ResultColumn:
    """A column of a result; those of DDL and utility statements are plain texts, `string` mostly."""

    name: str
    type: SqlType
    is_plain: bool = False

    @property
    def info(self) -> dict[str, Any]:
        """The API's `ColumnInfo`."""
        precision, scale = (0, 0) if self.is_plain else _precision_and_scale(self.type)
        return {
            "CatalogName": "hive",
            "SchemaName": "",
            "TableName": "",
            "Name": self.name,
            "Label": self.name,
            "Type": _TYPE_NAMES.get(self.type.name, self.type.name),
            "Precision": precision,
            "Scale": scale,
            "Nullable": "UNKNOWN",
            "CaseSensitive": not self.is_plain and self.type.name in ("varchar", "char"),
        }


class Rows(Protocol):
    """Where a result's rows can be had again."""

    def __len__(self) -> int: ...

    @property
    def size(self) -> int:
        """The bytes of their text."""

    def slice(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` to before `stop`."""


@dataclass(frozen=True)
class MemoryRows:
    """The few rows of a DDL or utility statement."""

    rows: Sequence[Row] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def size(self) -> int:
        """The bytes of their text."""
        return sum(len(value.encode()) for row in self.rows for value in row if value)

    def slice(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` to before `stop`."""
        return list(self.rows[start:stop])


@dataclass(frozen=True)
class CsvRows:
    """Rows in a result file: `offsets` tells where each block of 1,000 begins."""

    file: ResultFile
    offsets: tuple[int, ...]
    count: int

    def __len__(self) -> int:
        return self.count

    @property
    def size(self) -> int:
        """The bytes of their text."""
        return self.offsets[-1] - self.offsets[0]

    def slice(self, start: int, stop: int) -> list[Row]:
        """The rows from `start` to before `stop`."""
        stop = min(stop, self.count)
        if start >= stop:
            return []
        first_block = start // _BLOCK_ROWS
        last_block = (stop - 1) // _BLOCK_ROWS
        begin = self.offsets[first_block]
        end = self.offsets[last_block + 1]
        with self.file.path.open("rb") as file:
            file.seek(begin)
            text = file.read(end - begin).decode()
        rows = list(_parse_csv(text))
        return rows[start - first_block * _BLOCK_ROWS : stop - first_block * _BLOCK_ROWS]


@dataclass(frozen=True)
class QueryResult:
    """What a finished query gives.

    Attributes:
        columns: The columns of its rows.
        rows: The rows.
        header: Whether the first page begins with the columns' names, as for SELECT.
        update_count: How many rows a statement wrote.
        scanned_bytes: How many bytes of table files it read.
        manifest: Where the list of written files lies, for CTAS, INSERT and UNLOAD.
    """

    columns: tuple[ResultColumn, ...] = ()
    rows: Rows = field(default_factory=MemoryRows)
    header: bool = False
    update_count: int = 0
    scanned_bytes: int = 0
    manifest: S3Location | None = None

    @property
    def output_bytes(self) -> int:
        """How large the rows are as text."""
        return self.rows.size

    def page(self, start: int, size: int) -> tuple[list[Row], int | None]:
        """`size` rows from number `start`, the header counted, and where the next page starts."""
        header: list[Row] = [tuple(column.name for column in self.columns)] if self.header else []
        offset = len(header)
        rows = header[start : start + size]
        rows += self.rows.slice(max(start - offset, 0), start + size - offset)
        following = start + len(rows)
        return rows, following if following < len(self.rows) + offset else None


def write_csv_result(
    session: EngineSession, sql: str, columns: Sequence[Column], target: ResultTarget
) -> tuple[tuple[ResultColumn, ...], CsvRows]:
    """Run a query and write its rows as Athena's CSV: all quoted, NULL as nothing."""
    result_columns = tuple(ResultColumn(column.name, column.type) for column in columns)
    names = [f"c{i}" for i in range(len(columns))]
    pieces = _csv_pieces(names, columns)
    csv_sql = f"SELECT {', '.join(piece for piece, _ in pieces)} FROM ({sql}) AS result({', '.join(names)})"
    formats = [format_ for _, format_ in pieces]
    path = target.new_path()
    try:
        offsets, count = _write_csv(path, [c.name for c in columns], session.batches(csv_sql), formats)
        _write_metadata(target, result_columns)
        rows = target.put_rows(path)
    finally:
        path.unlink(missing_ok=True)
    return result_columns, CsvRows(rows, offsets, count)


def write_text_result(columns: tuple[ResultColumn, ...], rows: Sequence[Row], target: ResultTarget) -> None:
    """Write the rows of a DDL or utility statement: plain lines, values parted by tabs."""
    lines = "".join("\t".join(value or "" for value in row) + "\n" for row in rows)
    target.put_text(lines)
    _write_metadata(target, columns)


def write_manifest(target: ResultTarget, files: Iterable[S3Location]) -> S3Location | None:
    """Write the list of files that a statement wrote, one location a line; answers where it lies."""
    return target.put_text("".join(f"{file}\n" for file in files), "-manifest.csv")


ROW_COUNT_COLUMNS = (ResultColumn("rows", SqlType("bigint")),)
"""What GetQueryResults describes for a statement that writes rows."""


def _write_csv(
    path: Path,
    header: Sequence[str],
    batches: Iterable[Sequence[tuple[Any, ...]]],
    formats: Sequence[Format | None],
) -> tuple[tuple[int, ...], int]:
    with path.open("wb") as file:
        file.write((",".join(map(_quote, header)) + "\n").encode())
        offsets, count = [file.tell()], 0
        for batch in batches:
            for start in range(0, len(batch), _BLOCK_ROWS):
                block = batch[start : start + _BLOCK_ROWS]
                file.write("".join(_csv_lines(block, formats)).encode())
                count += len(block)
                offsets.append(file.tell())
    return tuple(offsets), count


def _csv_pieces(names: Sequence[str], columns: Sequence[Column]) -> list[tuple[str, Format | None]]:
    """DuckDB's expressions for the parts of a CSV line, each with what makes text of its value.

    Neighbours that DuckDB can write as text become one part, in CSV already: most lines are one part.
    """
    pieces: list[tuple[str, Format | None]] = []
    for name, column in zip(names, columns, strict=True):
        text, format_ = text_expression(name, column.type, column.zone), formatter(column.type)
        if format_ is not None:
            pieces.append((text, format_))
            continue
        value = f"""coalesce('"' || replace({text}, '"', '""') || '"', '')"""
        if pieces and pieces[-1][1] is None:
            value = f"{pieces.pop()[0]} || ',' || {value}"
        pieces.append((value, None))
    return pieces


def _csv_lines(rows: Iterable[tuple[Any, ...]], formats: Sequence[Format | None]) -> Iterator[str]:
    if list(formats) == [None]:
        for (line,) in rows:
            yield f"{line}\n"
        return
    for row in rows:
        parts = (
            value if format_ is None else "" if value is None else _quote(format_(value))
            for value, format_ in zip(row, formats, strict=True)
        )
        yield ",".join(parts) + "\n"


def _quote(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _parse_csv(text: str) -> Iterator[Row]:
    """Read back what `_csv_lines` wrote; an unquoted empty value is NULL."""
    row: list[str | None] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] == '"':
            closing = text.index('"', at + 1)
            while text.startswith('""', closing):
                closing = text.index('"', closing + 2)
            row.append(text[at + 1 : closing].replace('""', '"'))
            at = closing + 1
        else:
            row.append(None)
        if text[at] == "\n":
            yield tuple(row)
            row = []
        elif text[at + 1] == "\n":
            row.append(None)
            yield tuple(row)
            row = []
            at += 1
        at += 1


def _write_metadata(target: ResultTarget, columns: tuple[ResultColumn, ...]) -> None:
    """Athena's own file is binary and documented as not for reading; ours is JSON with the same facts."""
    metadata = json.dumps({"ColumnInfo": [column.info for column in columns]})
    target.put_text(metadata, ".metadata")


def _precision_and_scale(type_: SqlType) -> tuple[int, int]:
    if type_.name == "decimal":
        return type_.parameters[0], type_.parameters[1]
    if type_.name in ("varchar", "char") and type_.parameters:
        return type_.parameters[0], 0
    return _PRECISIONS.get(type_.name, 0), 0


_PRECISIONS = {
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "varchar": 2147483647,
    "char": 1,
    "varbinary": 1073741824,
    "time": 3,
    "timestamp": 3,
    "timestamp with time zone": 3,
}

_TYPE_NAMES = {"real": "float"}
