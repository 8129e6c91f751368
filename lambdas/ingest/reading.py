"""From bytes to records of text: compression, encoding, lines, the header. No value is looked at here.

A record that cannot be split into values is set aside with its reason; a file that has no records at all,
or none that fit the contract, is refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ingest.exceptions import FileRefused, RecordRejected
from lake.contracts import Compression, FileFormat, SourceContract

# What a worker of two gigabytes can hold as text, columns and Parquet at once.
MAX_CONTENT_BYTES = 256 * 1024 * 1024

_GZIP_MAGIC = b"\x1f\x8b"
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNDECODABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class RejectedRow:
    """A record that breaks the contract, as it was delivered."""

    line_number: int
    text: str
    reason: str


@dataclass
class Records:
    """The records of a file, column by column.

    Attributes:
        columns: The texts of each of the contract's columns by its name in the lake; None is no value.
        line_numbers: The line that each record begins on, the file's first line being 1.
        texts: Each record as it was delivered.
        rejected: The records that could not be split into values.
        ignored_fields: Fields of the file that the contract does not name.
    """

    columns: dict[str, list[str | None]]
    line_numbers: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    ignored_fields: tuple[str, ...] = ()


def uncompressed(body: bytes, compression: Compression) -> bytes:
    """The content of a delivered file.

    Raises:
        FileRefused: It is compressed where it must not be, is not where it must be, is damaged or too large.
    """
    is_gzip = body.startswith(_GZIP_MAGIC)
    if compression == "none" and is_gzip:
        raise FileRefused("the file is compressed; its contract says `compression: none`")
    if compression == "gzip" and not is_gzip:
        raise FileRefused("the file is not compressed; its contract says `compression: gzip`")
    if not is_gzip:
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            content = file.read(MAX_CONTENT_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise FileRefused(f"the gzip file is damaged: {error}") from error
    require_bearable(len(content))
    return content


def require_bearable(size: int) -> None:
    """Refuse what a worker cannot hold: it would die of it, again and again.

    Raises:
        FileRefused: It is too large.
    """
    if size > MAX_CONTENT_BYTES:
        limit = MAX_CONTENT_BYTES // 1024**2
        raise FileRefused(f"the file has more than {limit} MiB uncompressed; deliver it in parts")


def read(content: bytes, contract: SourceContract) -> Records:
    """Split a file into records.

    Raises:
        FileRefused: It is empty, no text, or lacks a column.
    """
    if not content.strip():
        raise FileRefused("the file is empty")
    if b"\0" in content:
        raise FileRefused("the file is no text: it holds NUL bytes")
    lines = _decoded_lines(content, contract.format.encoding)
    if contract.format.type == "csv":
        return _read_csv(lines, contract)
    return _read_json_lines(lines, contract)


def _decoded_lines(content: bytes, encoding: str) -> list[str]:
    # Undecodable bytes become lone surrogates, so that only the lines that hold them are lost.
    text = content.decode(encoding, "surrogateescape").removeprefix("\ufeff")
    return text.split("\n")


def _read_csv(lines: list[str], contract: SourceContract) -> Records:
    header_at = next(at for at, line in enumerate(lines) if line.strip())
    header = _header(lines[header_at], contract)
    records = Records(
        columns={},
        ignored_fields=tuple(name for name in header if name not in {c.field for c in contract.columns}),
    )
    rows: list[list[str]] = []
    for record in _split_csv(lines, header_at + 1, contract.format, width=len(header)):
        reason = record.reason or _undecodable(record.text, contract.format)
        if reason is None and len(record.values) != len(header):
            reason = f"the line has {len(record.values)} values, the header names {len(header)}"
        if reason is not None:
            records.rejected.append(
                RejectedRow(record.line_number, _printable(record.text, contract), reason)
            )
            continue
        rows.append(record.values)
        records.line_numbers.append(record.line_number)
        records.texts.append(record.text)
    by_position = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    for column in contract.columns:
        values = by_position[header.index(column.field)]
        records.columns[column.name] = [value or None for value in values]
    return records


def _header(line: str, contract: SourceContract) -> list[str]:
    if _UNDECODABLE.search(line):
        raise FileRefused(f"the file is no {contract.format.encoding} text: its first line cannot be decoded")
    try:
        header = [name.strip() for name in next(csv.reader([line], delimiter=contract.format.delimiter))]
    except csv.Error as error:
        raise FileRefused(f"the header is no CSV: {error}") from error
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise FileRefused(f"the header names {', '.join(repeated)} more than once")
    missing = [column.field for column in contract.columns if column.field not in header]
    if missing:
        found = ", ".join(header)
        found = found if len(found) <= 200 else f"{found[:200]}…"
        raise FileRefused(f"the header lacks {', '.join(missing)}; it names: {found}")
    return header


@dataclass(frozen=True)
class _CsvRecord:
    line_number: int
    text: str
    values: list[str]
    reason: str | None = None


def _split_csv(lines: list[str], first: int, file_format: FileFormat, width: int) -> Iterator[_CsvRecord]:
    """Split lines into records; a quoted value may span lines.

    A quote that is never closed would swallow the lines after it. So when a record fails, or spans lines
    and has the wrong number of values, its first line alone is given up, and reading goes on behind it.
    """
    at = first
    while at < len(lines):
        start = at
        reader = csv.reader(
            (f"{lines[n]}\n" for n in range(start, len(lines))), delimiter=file_format.delimiter, strict=True
        )
        try:
            for values in reader:
                end = start + reader.line_num
                if end - at > 1 and len(values) != width:
                    raise csv.Error("a quoted value is not closed")  # noqa: TRY301  the same way out as the reader's
                if values:
                    yield _CsvRecord(at + 1, "\n".join(lines[at:end]).rstrip("\r"), values)
                at = end
        except csv.Error as error:
            yield _CsvRecord(at + 1, lines[at].rstrip("\r"), [], f"the line is no CSV: {error}")
            at += 1


def _read_json_lines(lines: list[str], contract: SourceContract) -> Records:
    records = Records(columns={column.name: [] for column in contract.columns})
    known = {column.field for column in contract.columns}
    ignored: dict[str, None] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        reason = _undecodable(line, contract.format)
        values: dict[str, str | None] = {}
        if reason is None:
            try:
                values = _json_values(line, known, ignored)
            except RecordRejected as error:
                reason = str(error)
        if reason is not None:
            records.rejected.append(RejectedRow(number, _printable(line.rstrip("\r"), contract), reason))
            continue
        for column in contract.columns:
            records.columns[column.name].append(values.get(column.field))
        records.line_numbers.append(number)
        records.texts.append(line.rstrip("\r"))
    if not records.line_numbers and len(records.rejected) > 1 and not lines[0].lstrip().startswith("{"):
        raise FileRefused("the file holds no JSON object in any line")
    records.ignored_fields = tuple(ignored)
    return records


def _json_values(line: str, known: set[str], ignored: dict[str, None]) -> dict[str, str | None]:
    """The known fields of an object as texts; numbers as they are written, so that decimals stay exact."""
    try:
        content = json.loads(line, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RecordRejected(f"the line is no JSON: {error}") from error
    if "\\u" in line and _SURROGATE.search(json.dumps(content, ensure_ascii=False)):
        raise RecordRejected("the line is no Unicode text: it escapes half a character")
    if not isinstance(content, dict):
        raise RecordRejected("the line is no JSON object")
    for name in content:
        if name not in known:
            ignored.setdefault(name)
    return {name: _json_text(name, value) for name, value in content.items() if name in known}


def _json_text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    raise RecordRejected(f"{name}: is a nested value where a single one belongs")


def _refuse_constant(name: str) -> NoReturn:
    raise RecordRejected(f"{name} is no JSON value")


def _undecodable(text: str, file_format: FileFormat) -> str | None:
    return f"the line is no {file_format.encoding} text" if _UNDECODABLE.search(text) else None


def _printable(text: str, contract: SourceContract) -> str:
    encoding = contract.format.encoding
    return text.encode(encoding, "surrogateescape").decode(encoding, "backslashreplace")
