"""The file formats of Hive tables: each gives DuckDB SQL over a list of files.

A reader's SQL has the asked columns under their names, and `$file`: which of the files a row
comes from, counted from 1. Declared columns that a file lacks are NULL.

https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.glue import GlueTable
from millpond.athena.hive.avro_files import read_avro
from millpond.athena.hive.column_types import check_orc_columns, check_parquet_columns
from millpond.athena.hive.delimited import read_delimited, read_open_csv
from millpond.athena.hive.json_lines import read_json
from millpond.athena.hive.orc_files import convert_orc
from millpond.athena.hive.regex_lines import read_regex
from millpond.athena.hive.source import FileSet, file_list
from millpond.athena.hive.timestamps import milliseconds
from millpond.athena.parquet_columns import names_as_they_are
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.types import SqlType

Reader = Callable[[QueryContext, FileSet], str]


@dataclass(frozen=True)
class Format:
    """A format by the names that Hive, Glue and Athena's `format` property give it.

    Attributes:
        name: Athena's name (`format = 'PARQUET'`).
        serde: The SerDe class.
        input_format: Hadoop's class that reads it.
        output_format: Hadoop's class that writes it.
        classification: Glue's name.
    """

    name: str
    serde: str
    input_format: str
    output_format: str
    classification: str


_TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

PARQUET = Format(
    "PARQUET",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "parquet",
)
ORC = Format(
    "ORC",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    "orc",
)
AVRO = Format(
    "AVRO",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    "avro",
)
JSON = Format("JSON", "org.apache.hive.hcatalog.data.JsonSerDe", _TEXT_INPUT, _TEXT_OUTPUT, "json")
TEXTFILE = Format(
    "TEXTFILE", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", _TEXT_INPUT, _TEXT_OUTPUT, "csv"
)

FORMATS = {format_.name: format_ for format_ in (PARQUET, ORC, AVRO, JSON, TEXTFILE)}

_OPENX_JSON = "org.openx.data.jsonserde.JsonSerDe"
_WRITTEN_BY = {
    **{format_.serde: format_ for format_ in FORMATS.values()},
    _OPENX_JSON: JSON,
    "org.apache.hadoop.hive.serde2.JsonSerDe": JSON,
    "parquet.hive.serde.ParquetHiveSerDe": PARQUET,
}


def format_written_by(serde: str) -> Format | None:
    """What INSERT writes into a table with a SerDe; None if it cannot write for it."""
    return _WRITTEN_BY.get(serde)


def reader_of(table: GlueTable) -> Reader:
    """What reads a table's files.

    Raises:
        HiveUnsupportedFormat: The table's SerDe is not supported.
    """
    serde = table.storage.serde
    try:
        return _READERS[serde]
    except KeyError:
        raise HiveUnsupportedFormat(
            f"Table {table.database}.{table.name} has the SerDe '{serde}', which is not supported"
        ) from None


def read_parquet(context: QueryContext, files: FileSet) -> str:
    """Columns are found by name, whatever their case, unless `parquet.column.index.access` is true.

    Raises:
        HiveBadData: A file has a column of another type than the table.
    """
    if _is_true(files.serde_parameters, _PARQUET_BY_INDEX):
        return _read_parquet_by_index(context, files)
    asked = files.exact_columns
    footers = context.footers.columns(context.session, files.paths)
    for columns, path in {columns: path for path, columns in footers.items()}.items():
        found = ((own, asked[own.name.lower()]) for own in columns if own.name.lower() in asked)
        check_parquet_columns(context, found, path)
    return _read_parquet_by_name(context, files)


def _read_parquet_by_name(context: QueryContext, files: FileSet) -> str:
    types = {column.name: column.type.duckdb for column in files.columns}
    names = names_as_they_are(
        context.footers.common_columns(context.session, files.paths),
        types,
        lambda column: column.name.lower(),
    )
    options = ""
    if names is None:
        read = files.columns or files.declared[:1]
        options = f", schema = {name_mapping(read)}"
        # Old writers do not mark text as text; a table with no binary column has none to be mistaken for it.
        if not any("BLOB" in column.type.duckdb for column in read):
            options += ", binary_as_string = true"
    columns = "".join(
        f"{_parquet_value(names[c.name] if names else c.name, c.type)} AS {identifier(c.name)}, "
        for c in files.columns
    )
    return (
        f'SELECT {columns}CAST(file_index AS BIGINT) + 1 AS "$file" '
        f"FROM read_parquet({file_list(files.paths)}{options})"
    )


def _parquet_value(name: str, type_: SqlType) -> str:
    """A text that is longer than its column is cut off, as Trino does."""
    value = identifier(name)
    if type_.name == "varchar" and type_.parameters:
        return f"left({value}, {type_.parameters[0]})"
    return milliseconds(value) if type_.name == "timestamp" else value


def name_mapping(columns: Sequence[Column], own_names: Mapping[str, str] | None = None) -> str:
    """DuckDB's `schema` of read_parquet: by the columns' names, or by those that a file has for them."""
    names = own_names or {}
    entries = (
        f"{literal(names.get(c.name, c.name))}: {{name: {literal(c.name)}, "
        f"type: {literal(c.type.duckdb)}, default_value: NULL}}"
        for c in columns
    )
    return f"MAP {{{', '.join(entries)}}}"


def _read_parquet_by_index(context: QueryContext, files: FileSet) -> str:
    """Each file's columns have the names of the table's columns at their places."""
    groups: dict[tuple[str, ...], list[tuple[int, Path]]] = {}
    columns = context.footers.columns(context.session, files.paths)
    asked = files.exact_columns
    for number, path in enumerate(files.paths, start=1):
        placed = zip(columns[path], files.declared, strict=False)
        found = ((own, declared) for own, declared in placed if declared.name in asked)
        check_parquet_columns(context, found, path)
        groups.setdefault(tuple(c.name for c in columns[path]), []).append((number, path))
    queries = []
    for names, numbered in groups.items():
        places = dict(zip((c.name for c in files.declared), names, strict=False))
        present = [c for c in files.columns if c.name in places] or list(files.declared[:1])
        values = "".join(
            f"{_parquet_value(c.name, c.type) if c.name in places else f'CAST(NULL AS {c.type.duckdb})'} "
            f"AS {identifier(c.name)}, "
            for c in files.columns
        )
        numbers = f"[{', '.join(str(number) for number, _ in numbered)}]"
        queries.append(
            f'SELECT {values}CAST({numbers}[CAST(file_index AS BIGINT) + 1] AS BIGINT) AS "$file" '
            f"FROM read_parquet({file_list([path for _, path in numbered])}, "
            f"schema = {name_mapping(present, places)})"
        )
    return " UNION ALL ".join(queries)


def read_orc(context: QueryContext, files: FileSet) -> str:
    """DuckDB reads no ORC: what is asked of each file is turned into Parquet first.

    Columns are found by their place unless `orc.column.index.access` is false.
    """
    by_name = not _is_true(files.serde_parameters, _ORC_BY_INDEX, "true")
    converted = convert_orc(context, files, by_name=by_name)
    columns = context.footers.columns(context.session, converted)
    for path, key in zip(converted, files.keys, strict=True):
        check_orc_columns(columns[path], files.exact_columns, key)
    return _read_parquet_by_name(context, files.at(converted))


def finds_columns_by_name(table: GlueTable) -> bool:
    """Whether files' columns are found by name, not by place: those of Parquet, and of ORC if told so."""
    parameters = table.storage.serde_parameters
    reader = reader_of(table)
    if reader is read_parquet:
        return not _is_true(parameters, _PARQUET_BY_INDEX)
    return reader is read_orc and not _is_true(parameters, _ORC_BY_INDEX, "true")


_PARQUET_BY_INDEX = "parquet.column.index.access"
_ORC_BY_INDEX = "orc.column.index.access"


def _is_true(parameters: Mapping[str, str], name: str, default: str = "false") -> bool:
    return parameters.get(name, default).lower() == "true"


_READERS: dict[str, Reader] = {
    PARQUET.serde: read_parquet,
    "parquet.hive.serde.ParquetHiveSerDe": read_parquet,
    ORC.serde: read_orc,
    AVRO.serde: read_avro,
    TEXTFILE.serde: read_delimited,
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": read_open_csv,
    "org.apache.hadoop.hive.serde2.RegexSerDe": read_regex,
    JSON.serde: read_json,
    _OPENX_JSON: read_json,
    "org.apache.hadoop.hive.serde2.JsonSerDe": read_json,
}
