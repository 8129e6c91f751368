"""The formats of files as tables name them: classification, compression, Hive's classes, their settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from millpond.glue.crawlers.schemas import Schema

_TEXT_INPUT: Final = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUTPUT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"

Settings = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HiveClasses:
    """What reads and writes a format in Hive."""

    serde: str
    input_format: str
    output_format: str


LAZY_SIMPLE: Final = HiveClasses(
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", _TEXT_INPUT, _TEXT_OUTPUT
)
OPEN_CSV: Final = HiveClasses("org.apache.hadoop.hive.serde2.OpenCSVSerde", _TEXT_INPUT, _TEXT_OUTPUT)
OPENX_JSON: Final = HiveClasses("org.openx.data.jsonserde.JsonSerDe", _TEXT_INPUT, _TEXT_OUTPUT)
GROK: Final = HiveClasses("com.amazonaws.glue.serde.GrokSerDe", _TEXT_INPUT, _TEXT_OUTPUT)
PARQUET: Final = HiveClasses(
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
)
ORC: Final = HiveClasses(
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
)
AVRO: Final = HiveClasses(
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
)


@dataclass(frozen=True)
class DataFormat:
    """What all files of a table have in common besides their columns.

    Attributes:
        classification: Glue's name of the format.
        classes: Hive's classes; none for what was not recognised.
        compression: Glue's name of the whole files' compression: `none`, `gzip`, ...
        settings: Parameters of the table that say how to read it.
        serde_settings: Parameters of the SerDe.
    """

    classification: str
    classes: HiveClasses | None
    compression: str = "none"
    settings: Settings = ()
    serde_settings: Settings = ()

    def compressed(self, compression: str) -> DataFormat:
        """The same in files of a compression."""
        return replace(self, compression=compression)


UNKNOWN: Final = DataFormat("UNKNOWN", None, "unknown")


@dataclass(frozen=True)
class ClassifiedFile:
    """What a classifier found out of a file.

    Attributes:
        format: Its format.
        schema: Its columns.
        records: How many it has; an estimate for formats that do not count them.
        avro_schema: The schema that an Avro file carries.
    """

    format: DataFormat
    schema: Schema = field(default_factory=Schema)
    records: int = 0
    avro_schema: str | None = None


UNRECOGNISED: Final = ClassifiedFile(UNKNOWN)
