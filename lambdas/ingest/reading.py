"""From bytes to records of text: compression, encoding, lines, the header. No value is looked at here.

Records come in batches, so that a large file is never in memory as single texts all at once. A record that
cannot be split into values is set aside with its reason; a file that has no records at all, or none that fit
the contract, is refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from typing import Any, NoReturn

from ingest.exceptions import FileRefused, RecordRejected
from lake.contracts import Compression, FileFormat, SourceContract

# What a worker of two gigabytes can hold as text, columns and Parquet at once.
MAX_CONTENT_BYTES = 128 * 1024 * 1024

_BATCH_RECORDS = 20_000

_GZIP_MAGIC = b"\x1f\x8b"
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNDECODABLE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True)
class RejectedRow:
    """A record that breaks the contract, as it was delivered."""

    line_number: int
    text: str
    reason: str


@dataclass(frozen=True)
class Records:
    """Some records of a file, column by column.

    Attributes:
        columns: The texts of each of the contract's columns by its name in the lake; None is no value.
        line_numbers: The line that each record begins on, the file's first line being 1.
        texts: Each record as it was delivered.
        rejected: The records that could not be split into values.
        ignored_fields: Fields of the file that the contract does not name, as far as the file was read.
    """

    columns: dict[str, list[str | None]]
    line_numbers: list[int]
    texts: list[str]
    rejected: list[RejectedRow]
    ignored_fields: tuple[str, ...]


@dataclass(frozen=True)
class _Record:
    """A record with the values of the contract's columns in their order, or the reason why it has none."""

    line_number: int
    text: str
    values: Sequence[str | None] = ()
    reason: str | None = None


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


def read(content: bytes, contract: SourceContract) -> Iterator[Records]:
    """Split a file into records; yields at least one batch.

    Raises:
        FileRefused: It is empty, no text, or lacks a column; before anything is yielded.
    """
    if not content.strip():
        raise FileRefused("the file is empty")
    if b"\0" in content:
        raise FileRefused("the file is no text: it holds NUL bytes")
    lines = _decoded_lines(content, contract.format.encoding)
    ignored: dict[str, None] = {}
    split = _csv_records if contract.format.type == "csv" else _json_records
    records = split(lines, contract, ignored)
    batch = list(islice(records, _BATCH_RECORDS))
    _require_something(batch, contract)
    yield _columnwise(batch, contract, ignored)
    while batch := list(islice(records, _BATCH_RECORDS)):
        yield _columnwise(batch, contract, ignored)


def _decoded_lines(content: bytes, encoding: str) -> list[str]:
    # Undecodable bytes become lone surrogates, so that only the lines that hold them are lost.
    text = content.decode(encoding, "surrogateescape").removeprefix("\ufeff")
    return text.split("\n")


def _require_something(batch: list[_Record], contract: SourceContract) -> None:
    """Many lines of JSON of which none is an object are no JSON lines: a list over many lines, say."""
    if contract.format.type != "jsonl" or len(batch) < 2 or batch[0].text.lstrip().startswith("{"):
        return
    if all(record.reason for record in batch):
        raise FileRefused("the file holds no JSON object in any line")


def _columnwise(batch: list[_Record], contract: SourceContract, ignored: dict[str, None]) -> Records:
    good = [record for record in batch if record.reason is None]
    columns = zip(*(record.values for record in good), strict=True) if good else repeat(())
    return Records(
        columns={
            column.name: list(values) for column, values in zip(contract.columns, columns, strict=False)
        },
        line_numbers=[record.line_number for record in good],
        texts=[record.text for record in good],
        rejected=[
            RejectedRow(record.line_number, _printable(record.text, contract), record.reason)
            for record in batch
            if record.reason is not None
        ],
        ignored_fields=tuple(ignored),
    )


def _csv_records(lines: list[str], contract: SourceContract, ignored: dict[str, None]) -> Iterator[_Record]:
    header_at = next(at for at, line in enumerate(lines) if line.strip())
    header = _header(lines[header_at], contract)
    known = {column.field for column in contract.columns}
    ignored.update((name, None) for name in header if name not in known)
    positions = [header.index(column.field) for column in contract.columns]
    for line_number, text, values, problem in _split_csv(
        lines, header_at + 1, contract.format, width=len(header)
    ):
        reason = problem or _undecodable(text, contract.format)
        if reason is None and len(values) != len(header):
            reason = f"the line has {len(values)} values, the header names {len(header)}"
        if reason is not None:
            yield _Record(line_number, text, reason=reason)
        else:
            yield _Record(line_number, text, [values[position] or None for position in positions])


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


def _split_csv(
    lines: list[str], first: int, file_format: FileFormat, width: int
) -> Iterator[tuple[int, str, list[str], str | None]]:
    """Split lines into line number, text, values and problem of each record; a quoted value may span lines.

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
                    yield at + 1, "\n".join(lines[at:end]).rstrip("\r"), values, None
                at = end
        except csv.Error as error:
            yield at + 1, lines[at].rstrip("\r"), [], f"the line is no CSV: {error}"
            at += 1


def _json_records(lines: list[str], contract: SourceContract, ignored: dict[str, None]) -> Iterator[_Record]:
    fields = [column.field for column in contract.columns]
    known = set(fields)
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r")
        if not text.strip():
            continue
        reason = _undecodable(text, contract.format)
        if reason is not None:
            yield _Record(number, text, reason=reason)
            continue
        try:
            values = _json_values(text, known, ignored)
        except RecordRejected as error:
            yield _Record(number, text, reason=str(error))
        else:
            yield _Record(number, text, [values.get(name) for name in fields])


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
