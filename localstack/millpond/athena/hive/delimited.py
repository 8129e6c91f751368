r"""Delimited text: LazySimpleSerDe (no quotes, `\N` is NULL) and OpenCSVSerde (quotes, no NULL).

https://docs.aws.amazon.com/athena/latest/ug/lazy-simple-serde.html
https://docs.aws.amazon.com/athena/latest/ug/csv-serde.html
"""

from __future__ import annotations

import csv
import gzip
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveBadData, HiveUnsupportedFormat
from millpond.athena.hive.lines import compression_of, read_lines
from millpond.athena.hive.source import FileSet, file_list
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import SqlType

_BATCH_LINES = 50_000


def read_delimited(context: QueryContext, files: FileSet) -> str:
    """LazySimpleSerDe: a value that does not fit its type is NULL."""
    parameters = files.serde_parameters
    separators = _Separators(
        _character(parameters.get("field.delim") or parameters.get("serialization.format"), "\x01"),
        _character(parameters.get("collection.delim") or parameters.get("colelction.delim"), "\x02"),
        _character(parameters.get("mapkey.delim"), "\x03"),
    )
    null = parameters.get("serialization.null.format", r"\N")
    escape = parameters.get("escape.delim")
    if escape is not None:
        raise HiveUnsupportedFormat("LazySimpleSerDe with 'escape.delim' is not supported")
    positions = {column.name: i for i, column in enumerate(files.declared, start=1)}
    columns = "".join(
        f"{separators.value(f'fields[{positions[c.name]}]', c.type, null)} AS {identifier(c.name)}, "
        for c in files.columns
    )
    split = f"string_split(line, {literal(separators.field)}) AS fields"
    return f'SELECT {columns}"$file" FROM (SELECT {split}, "$file" FROM ({read_lines(files)}))'


def read_open_csv(context: QueryContext, files: FileSet) -> str:
    """OpenCSVSerde: all is text first; quotes, escapes and broken lines as Java's opencsv has them."""
    import pyarrow as pa
    from pyarrow import parquet

    parameters = files.serde_parameters
    width = len(files.declared)
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(width)] + [("$file", pa.int64())])
    target = context.temporary_path(".parquet")
    with parquet.ParquetWriter(target, schema) as writer:
        for number, (path, key) in enumerate(zip(files.paths, files.keys, strict=True), start=1):
            with _open_text(path, key) as stream:
                rows = _open_csv_rows(
                    stream,
                    key,
                    parameters.get("separatorChar", ","),
                    parameters.get("quoteChar", '"'),
                    parameters.get("escapeChar", "\\"),
                )
                data = itertools.islice(rows, files.header_lines, None)
                while batch := list(itertools.islice(data, _BATCH_LINES)):
                    context.session.check()
                    padded = [(row + [None] * width)[:width] for row in batch]
                    values = [list(column) for column in zip(*padded, strict=True)]
                    writer.write_table(pa.table([*values, [number] * len(batch)], schema=schema))
    positions = {column.name: i for i, column in enumerate(files.declared)}
    columns = "".join(
        f"{_open_csv_value(f'c{positions[c.name]}', c)} AS {identifier(c.name)}, " for c in files.columns
    )
    return f'SELECT {columns}"$file" FROM read_parquet({file_list([target])})'


class _Separators:
    """The separators of fields, of a collection's items, and of a map's key and value."""

    def __init__(self, field: str, item: str, key: str) -> None:
        self.field = field
        self._item = item
        self._key = key

    def value(self, text: str, type_: SqlType, null: str) -> str:
        """DuckDB's expression for a field's value."""
        present = f"nullif({text}, {literal(null)})"
        if type_.name in _TEXT_CASTS or type_.name in ("varchar", "char"):
            return text_value(present, type_)
        items = f"string_split(nullif({present}, ''), {literal(self._item)})"
        if type_.name == "array":
            return f"list_transform({items}, lambda item: {self._element('item', type_.elements[0], null)})"
        if type_.name == "map":
            pair = f"string_split(item, {literal(self._key)})"
            key = self._element(f"{pair}[1]", type_.elements[0], null)
            value = self._element(f"{pair}[2]", type_.elements[1], null)
            return f"map_from_entries(list_transform({items}, lambda item: {{'k': {key}, 'v': {value}}}))"
        if type_.name == "row":
            fields = ", ".join(
                f"{identifier(f.name or f'field{i}')} := {self._element(f'{items}[{i + 1}]', f.type, null)}"
                for i, f in enumerate(type_.fields)
            )
            return f"CASE WHEN {present} IS NOT NULL THEN struct_pack({fields}) END"
        raise HiveUnsupportedFormat(f"LazySimpleSerDe cannot read the type {type_.trino}")

    def _element(self, text: str, type_: SqlType, null: str) -> str:
        if type_.name in ("array", "map", "row"):
            raise HiveUnsupportedFormat(
                f"LazySimpleSerDe with nested collections ({type_.trino}) is not supported"
            )
        return text_value(f"nullif({text}, {literal(null)})", type_)


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


def _open_csv_value(text: str, column: Column) -> str:
    """Numbers are parsed, dates are days and timestamps milliseconds since 1970; else it is an error."""
    type_ = column.type
    if type_.name in ("varchar", "char"):
        return text
    if type_.name == "date":
        return f"DATE '1970-01-01' + CAST({text} AS INTEGER)"
    if type_.name == "timestamp":
        return f"epoch_ms(CAST({text} AS BIGINT))"
    if type_.name in _TEXT_CASTS:
        return f"CAST({text} AS {type_.duckdb})"
    raise HiveUnsupportedFormat(f"OpenCSVSerde cannot read column '{column.name}' of the type {type_.trino}")


def _open_csv_rows(
    stream: IO[str], key: str, separator: str, quote: str, escape: str
) -> Iterator[list[str | None]]:
    reader = csv.reader(stream, delimiter=separator, quotechar=quote, escapechar=escape, doublequote=True)
    for lines, row in enumerate(reader, start=1):
        if reader.line_num != lines:
            raise HiveBadData(
                f"Line {lines} of {key} has a value with a line break, which OpenCSVSerde cannot read"
            )
        yield list(row) if row else [""]


def _open_text(path: Path, key: str) -> IO[str]:
    compression = compression_of(key)
    if compression == "gzip":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    if compression == "none":
        return path.open(encoding="utf-8", newline="")
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
