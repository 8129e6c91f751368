"""Glue's data formats and their options, in Spark's words.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..exceptions import NotSupportedLocally

_FORMATS: Final[Mapping[str, str]] = {
    "avro": "avro",
    "csv": "csv",
    "glueparquet": "parquet",
    "json": "json",
    "orc": "orc",
    "parquet": "parquet",
}
_CSV_OPTIONS: Final[Mapping[str, str]] = {
    "escaper": "escape",
    "multiLine": "multiLine",
    "multiline": "multiLine",
    "quoteChar": "quote",
    "separator": "sep",
    "withHeader": "header",
    "writeHeader": "header",
}
_AVRO_OPTIONS: Final[Mapping[str, str]] = {"version": "version"}
_JSON_OPTIONS: Final[Mapping[str, str]] = {
    "jsonPath": "jsonPath",
    "multiLine": "multiLine",
    "multiline": "multiLine",
}
_OF_SPEED: Final = frozenset(
    {
        "batchSize",
        "blockSize",
        "optimizePerformance",
        "pageSize",
        "strictCheckForQuoting",
        "useGlueParquetWriter",
    }
)
"""Options that change how fast it goes."""


@dataclass(frozen=True)
class DataFormat:
    """A Spark data source and its options."""

    name: str
    options: Mapping[str, str] = field(default_factory=dict)


def read_format(name: str | None, options: Mapping[str, Any]) -> DataFormat:
    """What reads a format.

    Raises:
        NotSupportedLocally: The format or one of its options is not there.
    """
    known = _known(name)
    return DataFormat(known, _options(known, options, {"header": "false"} if known == "csv" else {}))


def write_format(name: str | None, options: Mapping[str, Any]) -> DataFormat:
    """What writes a format: CSV with a header, unless the options say otherwise.

    Raises:
        NotSupportedLocally: The format or one of its options is not there.
    """
    known = _known(name)
    return DataFormat(known, _options(known, options, {"header": "true"} if known == "csv" else {}))


def table_format(table: Mapping[str, Any]) -> DataFormat:
    """What reads a table of the Data Catalog.

    Raises:
        NotSupportedLocally: Its SerDe or table format is not there.
    """
    parameters = table.get("Parameters") or {}
    if parameters.get("table_type", "").upper() == "ICEBERG":
        raise NotSupportedLocally(f"Spark on the Iceberg table {table['Name']}")
    storage = table.get("StorageDescriptor") or {}
    serde = storage.get("SerdeInfo") or {}
    library = serde.get("SerializationLibrary") or ""
    format_name = next((known for word, known in _SERDES.items() if word in library), None)
    if format_name is None:
        raise NotSupportedLocally(f"Spark on the SerDe {library or '(none)'} of table {table['Name']}")
    if format_name == "avro":
        return DataFormat("avro", {"version": "1.8"})
    if format_name != "csv":
        return DataFormat(format_name)
    given = {**(storage.get("Parameters") or {}), **(serde.get("Parameters") or {})}
    skipped = parameters.get("skip.header.line.count") or given.get("skip.header.line.count") or "0"
    if skipped not in ("0", "1"):
        raise NotSupportedLocally(f"Spark on table {table['Name']} with {skipped} header lines")
    options = {"header": "true" if skipped == "1" else "false"}
    if "OpenCSV" in library:
        options |= {
            "sep": given.get("separatorChar", ","),
            "quote": given.get("quoteChar", '"'),
            "escape": given.get("escapeChar", "\\"),
        }
    else:
        options |= {
            "sep": given.get("field.delim") or given.get("separatorChar") or "\x01",
            "quote": "",  # LazySimpleSerDe knows no quotes
            "nullValue": given.get("serialization.null.format", "\\N"),
        }
    return DataFormat("csv", options)


_SERDES: Final[Mapping[str, str]] = {
    "AvroSerDe": "avro",
    "ParquetHiveSerDe": "parquet",
    "OrcSerde": "orc",
    "JsonSerDe": "json",
    "OpenCSVSerde": "csv",
    "LazySimpleSerDe": "csv",
}
"""A word of the library's name, and what reads it."""

_HADOOP: Final = "org.apache.hadoop"
_STORED_AS: Final[Mapping[str, tuple[str, str, str]]] = {
    "avro": (
        f"{_HADOOP}.hive.ql.io.avro.AvroContainerInputFormat",
        f"{_HADOOP}.hive.ql.io.avro.AvroContainerOutputFormat",
        f"{_HADOOP}.hive.serde2.avro.AvroSerDe",
    ),
    "parquet": (
        f"{_HADOOP}.hive.ql.io.parquet.MapredParquetInputFormat",
        f"{_HADOOP}.hive.ql.io.parquet.MapredParquetOutputFormat",
        f"{_HADOOP}.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    ),
    "orc": (
        f"{_HADOOP}.hive.ql.io.orc.OrcInputFormat",
        f"{_HADOOP}.hive.ql.io.orc.OrcOutputFormat",
        f"{_HADOOP}.hive.ql.io.orc.OrcSerde",
    ),
    "json": (
        f"{_HADOOP}.mapred.TextInputFormat",
        f"{_HADOOP}.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
    ),
    "csv": (
        f"{_HADOOP}.mapred.TextInputFormat",
        f"{_HADOOP}.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        f"{_HADOOP}.hive.serde2.lazy.LazySimpleSerDe",
    ),
}
"""Input format, output format and SerDe of a table whose files Spark has written."""


def storage_of(data_format: DataFormat) -> tuple[dict[str, Any], dict[str, str]]:
    """How a new table is stored: of its storage descriptor what tells the format, and its parameters."""
    input_format, output_format, library = _STORED_AS[data_format.name]
    parameters = {"classification": data_format.name}
    serde: dict[str, str] = {"serialization.format": "1"}
    if data_format.name == "csv":
        serde["field.delim"] = data_format.options.get("sep", ",")
        if data_format.options.get("header") == "true":
            parameters["skip.header.line.count"] = "1"
    storage = {
        "InputFormat": input_format,
        "OutputFormat": output_format,
        "SerdeInfo": {"SerializationLibrary": library, "Parameters": serde},
    }
    return storage, parameters


def exclusions_of(options: Mapping[str, Any]) -> list[str]:
    """`exclusions` of connection options: a list of globs, given as JSON text."""
    given = options.get("exclusions") or []
    parsed: list[str] = json.loads(given) if isinstance(given, str) else list(given)
    return parsed


def _known(name: str | None) -> str:
    if not name or name not in _FORMATS:
        raise NotSupportedLocally(f"The data format {name}")
    return _FORMATS[name]


def _options(name: str, given: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, str]:
    known = {"avro": _AVRO_OPTIONS, "csv": _CSV_OPTIONS, "json": _JSON_OPTIONS}.get(name, {})
    options = dict(defaults)
    for option, value in given.items():
        if option in _OF_SPEED:
            continue
        if option == "compression":
            options["compression"] = str(value)
        elif option in known:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            # -1 switches quoting off.
            options[known[option]] = "" if option == "quoteChar" and value == -1 else text
        else:
            raise NotSupportedLocally(f"The option {option} of the data format {name}")
    return options
