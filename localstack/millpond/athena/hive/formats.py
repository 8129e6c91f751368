"""The file formats of Hive tables: each gives DuckDB SQL over a list of files.

A reader's SQL has the asked columns under their names, and `$file`: which of the files a row
comes from, counted from 1. Declared columns that a file lacks are NULL.

https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from millpond.athena.context import QueryContext
from millpond.athena.engine import identifier, literal
from millpond.athena.exceptions import HiveUnsupportedFormat
from millpond.athena.glue import GlueTable
from millpond.athena.hive.avro_files import read_avro
from millpond.athena.hive.delimited import read_delimited, read_open_csv
from millpond.athena.hive.json_lines import read_json
from millpond.athena.hive.regex_lines import read_regex
from millpond.athena.hive.source import FileSet, file_list
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
JSON = Format("JSON", "org.openx.data.jsonserde.JsonSerDe", _TEXT_INPUT, _TEXT_OUTPUT, "json")
TEXTFILE = Format(
    "TEXTFILE", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", _TEXT_INPUT, _TEXT_OUTPUT, "csv"
)

FORMATS = {format_.name: format_ for format_ in (PARQUET, ORC, AVRO, JSON, TEXTFILE)}


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
    """Columns of Parquet are found by name, whatever their case and order in a file."""
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
    """A timestamp of a Hive table has milliseconds; finer ones in a file are rounded, as Trino does."""
    value = identifier(name)
    return (
        f"date_trunc('milliseconds', {value} + INTERVAL 500 MICROSECOND)"
        if type_.name == "timestamp"
        else value
    )


def name_mapping(columns: Sequence[Column]) -> str:
    """DuckDB's `schema` of read_parquet: by the columns' names."""
    entries = (
        f"{literal(c.name)}: {{name: {literal(c.name)}, type: {literal(c.type.duckdb)}, default_value: NULL}}"
        for c in columns
    )
    return f"MAP {{{', '.join(entries)}}}"


def read_orc(context: QueryContext, files: FileSet) -> str:
    """DuckDB reads no ORC: pyarrow turns each file into Parquet first."""
    from pyarrow import orc, parquet

    converted = []
    for path in files.paths:
        target = context.temporary_path(".parquet")
        source = orc.ORCFile(path)
        with parquet.ParquetWriter(target, source.schema) as writer:
            for stripe in range(source.nstripes):
                context.session.check()
                writer.write_batch(source.read_stripe(stripe))
        converted.append(target)
    return read_parquet(context, files.at(converted))


_READERS: dict[str, Reader] = {
    PARQUET.serde: read_parquet,
    "parquet.hive.serde.ParquetHiveSerDe": read_parquet,
    ORC.serde: read_orc,
    AVRO.serde: read_avro,
    TEXTFILE.serde: read_delimited,
    "org.apache.hadoop.hive.serde2.OpenCSVSerde": read_open_csv,
    "org.apache.hadoop.hive.serde2.RegexSerDe": read_regex,
    JSON.serde: read_json,
    "org.apache.hive.hcatalog.data.JsonSerDe": read_json,
    "org.apache.hadoop.hive.serde2.JsonSerDe": read_json,
}
