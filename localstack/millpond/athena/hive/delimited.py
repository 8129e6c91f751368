r"""Delimited text: LazySimpleSerDe (no quotes, `\N` is NULL) and OpenCSVSerde (quotes, no NULL).

https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

import csv
import gzip
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.hive.lines import plain_file, read_lines
from millpond.athena.hive.source import FileSet, file_list
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import SqlType

_BATCH_LINES = 50_000


def read_delimited(context: QueryContext, files: FileSet) -> str:
    """LazySimpleSerDe: a value that does not fit its type is NULL."""
    parameters = files.serde_parameters
    separators = _Separators.of(parameters)
    null = parameters.get("serialization.null.format", r"\N")
    positions = {column.name: i for i, column in enumerate(files.declared, start=1)}
    columns = "".join(
        f"{separators.value(f'fields[{positions[c.name]}]', c.type, null)} AS {identifier(c.name)}, "
        for c in files.columns
    )
    split = f"string_split({separators.protect('line')}, {literal(separators.levels[0])}) AS fields"
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
            with _open_text(context, path, key) as stream:
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


@dataclass(frozen=True)
class _Separators:
    """What parts the values of a line.

    Attributes:
        levels: The separator of fields, of a collection's items, of a map's key and value, and of what
            is nested in those: each level of nesting takes the next.
        escape: The character before a separator that is part of a value, if there is one.
    """

    levels: tuple[str, ...]
    escape: str | None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> _Separators:
        """From the SerDe's properties."""
        field = _character(parameters.get("field.delim") or parameters.get("serialization.format"), "\x01")
        item = _character(parameters.get("collection.delim") or parameters.get("colelction.delim"), "\x02")
        key = _character(parameters.get("mapkey.delim"), "\x03")
        deeper = "\x04\x05\x06\x07\x08"
        return cls((field, item, key, *deeper), parameters.get("escape.delim") or None)

    def protect(self, line: str) -> str:
        """DuckDB's expression for a line whose escaped separators have stand-ins, so that it can be split."""
        if self.escape is None:
            return line
        for character, stand_in in self._stand_ins:
            line = f"replace({line}, {literal(self.escape + character)}, {literal(stand_in)})"
        return line

    def value(self, text: str, type_: SqlType, null: str, level: int = 1) -> str:
        """DuckDB's expression for a value; `level` is what parts the items if it is a collection."""
        present = f"nullif({text}, {literal(null)})"
        if type_.name not in ("array", "map", "row"):
            return text_value(self._restore(present), type_)
        if level + 1 >= len(self.levels):
            raise HiveUnsupportedFormat(f"LazySimpleSerDe cannot read the type {type_.trino}: it is too deep")
        items = f"string_split(nullif({present}, ''), {literal(self.levels[level])})"
        item = f"item{level}"
        if type_.name == "array":
            element = self.value(item, type_.elements[0], null, level + 1)
            return f"list_transform({items}, lambda {item}: {element})"
        if type_.name == "map":
            pair = f"string_split({item}, {literal(self.levels[level + 1])})"
            key = self.value(f"{pair}[1]", type_.elements[0], null, level + 2)
            value = self.value(f"{pair}[2]", type_.elements[1], null, level + 2)
            entries = f"list_transform({items}, lambda {item}: {{'k': {key}, 'v': {value}}})"
            return f"map_from_entries({entries})"
        values = (
            self.value(f"{items}[{i}]", field.type, null, level + 1)
            for i, field in enumerate(type_.fields, start=1)
        )
        fields = ", ".join(
            f"{identifier(field.name or f'field{i}')} := {value}"
            for i, (field, value) in enumerate(zip(type_.fields, values, strict=True))
        )
        return f"CASE WHEN {present} IS NOT NULL THEN struct_pack({fields}) END"

    @property
    def _stand_ins(self) -> list[tuple[str, str]]:
        """Characters of Unicode's private use: for the escape, which comes first, and for the separators."""
        characters = dict.fromkeys((self.escape or "", *self.levels))
        return [(character, chr(0xF8E0 + i)) for i, character in enumerate(characters)]

    def _restore(self, text: str) -> str:
        if self.escape is None:
            return text
        text = f"replace({text}, {literal(self.escape)}, '')"
        for character, stand_in in self._stand_ins:
            text = f"replace({text}, {literal(stand_in)}, {literal(character)})"
        return text


def text_value(text: str, type_: SqlType) -> str:
    """DuckDB's expression for a value that stands as text in a file; NULL where it does not fit."""
    if type_.name in ("varchar", "char"):
        return f"left({text}, {type_.parameters[0]})" if type_.parameters else text
    try:
        return _TEXT_CASTS[type_.name](text, type_.duckdb)
    except KeyError:
        raise HiveUnsupportedFormat(f"The SerDe cannot read the type {type_.trino} from text") from None


def _integer(text: str, type_: str) -> str:
    return f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]+') THEN TRY_CAST({text} AS {type_}) END"


def _try_cast(text: str, type_: str) -> str:
    return f"TRY_CAST({text} AS {type_})"


def _boolean(text: str, type_: str) -> str:
    return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"


def _binary(text: str, type_: str) -> str:
    return f"from_base64({text})"


_TEXT_CASTS: dict[str, Callable[[str, str], str]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), _integer),
    **dict.fromkeys(("real", "double", "decimal", "date", "timestamp"), _try_cast),
    "boolean": _boolean,
    "varbinary": _binary,
}


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
    if type_.name in _TEXT_CASTS:
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


def _open_text(context: QueryContext, path: Path, key: str) -> IO[str]:
    plain, compression = plain_file(context, path, key)
    if compression == "gzip":
        return gzip.open(plain, "rt", encoding="utf-8", newline="")
    if compression == "none":
        return plain.open(encoding="utf-8", newline="")
    raise HiveUnsupportedFormat(f"OpenCSVSerde cannot read files compressed as {compression}: {key}")


def _character(text: str | None, default: str) -> str:
    r"""A separator: the character itself, or its code as Hive stores it (`1`, `\001`)."""
    if not text:
        return default
    if text.startswith("\\") and text[1:].isdigit():
        return chr(int(text[1:], 8))
    if text == "\\t":
        return "\t"
    return chr(int(text)) if text.isdigit() and text != "0" and len(text) <= 3 else text
