"""CSV: the built-in classifier, and custom ones.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html#classifier-builtin-rules
https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-csv
"""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.crawlers.classifiers.values import type_of_texts
from millpond.glue.crawlers.column_types import (
    STRING,
    UNSEEN,
    ColumnType,
    Decimal,
    Scalar,
    Unseen,
)
from millpond.glue.crawlers.data_formats import (
    LAZY_SIMPLE,
    OPEN_CSV,
    ClassifiedFile,
    DataFormat,
    Settings,
)
from millpond.glue.crawlers.schemas import Column, Schema

_DELIMITERS: Final = (",", "|", "\t", ";", "\x01")
_ROWS: Final = 1000
_LONGEST_NAME: Final = 150
_AGREEING_ROWS: Final = 0.9
"""The share of rows with the same number of fields from which on a character passes for the delimiter."""

CUSTOM_TYPES: Final[dict[str, ColumnType]] = {
    "BINARY": Scalar("binary"),
    "BOOLEAN": Scalar("boolean"),
    "DATE": Scalar("date"),
    "DECIMAL": Decimal(38, 18),
    "DOUBLE": Scalar("double"),
    "FLOAT": Scalar("float"),
    "INT": Scalar("int"),
    "LONG": Scalar("bigint"),
    "SHORT": Scalar("smallint"),
    "STRING": STRING,
    "TIMESTAMP": Scalar("timestamp"),
}
"""The types that a custom classifier can name."""

Row = Sequence[str]


@dataclass(frozen=True)
class CsvOptions:
    """What a custom classifier says of its files; the defaults are what the built-in one does.

    Attributes:
        delimiters: Which characters may separate fields.
        quote: The character around fields.
        header: Whether there is one; None if that is to be found out.
        names: The columns' names.
        trimmed: Whether blanks around values are no part of them.
        single_column: Whether one column is enough.
        types: The columns' types.
        serde: `OpenCSVSerDe`, `LazySimpleSerDe` or nothing: the one that fits.
        quote_given: Whether the classifier names the quote.
    """

    delimiters: Sequence[str] = _DELIMITERS
    quote: str = '"'
    header: bool | None = None
    names: Sequence[str] = ()
    trimmed: bool = True
    single_column: bool = False
    types: Sequence[str] = ()
    serde: str = ""
    quote_given: bool = False


def classify_delimited(sample: Sample, options: CsvOptions = CsvOptions()) -> ClassifiedFile | None:
    """What a file is as CSV; None if it is none."""
    if sample.text is None:
        return None
    read = _best_reading(sample.text, options)
    if read is None:
        return None
    delimiter, rows = read
    width = len(rows[0])
    if (options.names and len(options.names) != width) or (options.types and len(options.types) != width):
        return None
    has_header = _has_header(rows) if options.header is None else options.header
    if not options.single_column and len(rows) < 2 and options.header is None:
        return None
    data = rows[1:] if has_header else rows
    types = _types(data, width, options)
    names = options.names or (_names(rows[0]) if has_header else [f"col{n}" for n in range(width)])
    schema = Schema.of(Column.named(name, type_) for name, type_ in zip(names, types, strict=True))
    records = sample.estimated_records(len(data)) if len(rows) < _ROWS else _records_by_size(sample, data)
    return ClassifiedFile(_format(delimiter, options, has_header), schema, records)


def _best_reading(text: str, options: CsvOptions) -> tuple[str, list[Row]] | None:
    """The delimiter that gives the most columns in the most rows, and the rows that it gives."""
    best: tuple[float, int, str, list[Row]] | None = None
    first_line = text.partition("\n")[0]
    for delimiter in options.delimiters:
        if delimiter not in first_line and not options.single_column:
            continue
        rows = _rows(text, delimiter, options.quote)
        if not rows:
            continue
        width = len(rows[0])
        agreeing = Counter(len(row) for row in rows)[width] / len(rows)
        wide_enough = width > 1 or options.single_column
        if wide_enough and agreeing >= _AGREEING_ROWS and (best is None or (agreeing, width) > best[:2]):
            best = agreeing, width, delimiter, rows
    return best and best[2:]


def _rows(text: str, delimiter: str, quote: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, quotechar=quote or None)
    try:
        return list(itertools.islice((row for row in reader if row), _ROWS))
    except csv.Error:
        return []


def _has_header(rows: Sequence[Row]) -> bool:
    """AWS's rules: the first row has only short texts, and some column has something else below."""
    first, data = rows[0], rows[1:]
    types = [type_of_texts([value]) for value in first]
    if STRING not in types or any(type_ not in (STRING, UNSEEN) for type_ in types):
        return False
    if any(len(value) >= _LONGEST_NAME for value in first[:-1]):
        return False
    if any(not character.isprintable() and character != "\t" for value in first for character in value):
        return False
    types_below = (type_of_texts(row[n] for row in data if n < len(row)) for n in range(len(first)))
    return any(type_ not in (STRING, UNSEEN) for type_ in types_below)


def _names(header: Row) -> list[str]:
    """The header's names; a column without one gets its number, and one whose name is taken too."""
    names: list[str] = []
    for number, text in enumerate(header):
        name = text.strip()
        names.append(f"col{number}" if not name or name.lower() in map(str.lower, names) else name)
    return names


def _types(rows: Sequence[Row], width: int, options: CsvOptions) -> list[ColumnType]:
    if options.types:
        return [CUSTOM_TYPES[name.upper()] for name in options.types]
    found = (_type([row[n] for row in rows if n < len(row)], options.trimmed) for n in range(width))
    return [STRING if isinstance(type_, Unseen) else type_ for type_ in found]


def _type(values: Sequence[str], trimmed: bool) -> ColumnType:
    """The type of values, which blanks around one of them make texts where they are kept."""
    if not trimmed and any(value != value.strip() for value in values):
        return STRING
    return type_of_texts(values)


def _records_by_size(sample: Sample, rows: Sequence[Row]) -> int:
    """How many records there are, if these are the first of them."""
    width = sum(len(value) + 1 for row in rows for value in row) / len(rows)
    content = sample.size if sample.compression == "none" else len(sample.start)
    return max(len(rows), round(content / width))


def _format(delimiter: str, options: CsvOptions, has_header: bool) -> DataFormat:
    open_csv = options.serde == "OpenCSVSerDe" or (options.serde in ("", "None") and options.quote_given)
    settings: Settings = (
        ("areColumnsQuoted", str(open_csv).lower()),
        ("columnsOrdered", "true"),
        ("delimiter", delimiter),
        *((("skip.header.line.count", "1"),) if has_header else ()),
        *((("customSerde", options.serde),) if options.serde and options.serde != "None" else ()),
    )
    if open_csv:
        serde: Settings = (("escapeChar", "\\"), ("quoteChar", options.quote), ("separatorChar", delimiter))
        return DataFormat("csv", OPEN_CSV, settings=settings, serde_settings=serde)
    return DataFormat("csv", LAZY_SIMPLE, settings=settings, serde_settings=(("field.delim", delimiter),))
