"""Parquet and ORC: their own metadata say what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.crawlers.column_types import (
    Array,
    ColumnType,
    Decimal,
    MapOf,
    Scalar,
    Struct,
)
from millpond.glue.crawlers.data_formats import ORC, PARQUET, ClassifiedFile, DataFormat
from millpond.glue.crawlers.exceptions import UnreadableFile
from millpond.glue.crawlers.schemas import Column, Schema

if TYPE_CHECKING:
    import pyarrow as pa

_PARQUET_MAGIC: Final = b"PAR1"
_ORC_MAGIC: Final = b"ORC"


def classify_parquet(sample: Sample) -> ClassifiedFile | None:
    """What a file is as Parquet; None if it is none.

    Raises:
        UnreadableFile: It begins as Parquet does, but is broken.
    """
    if not _starts_with(sample, _PARQUET_MAGIC):
        return None
    import pyarrow as pa
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(sample.path) as file:
            schema, records = _schema(file.schema_arrow), file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"it is no whole Parquet file: {error}") from None
    settings = (("serialization.format", "1"),)
    return ClassifiedFile(DataFormat("parquet", PARQUET, serde_settings=settings), schema, records)


def classify_orc(sample: Sample) -> ClassifiedFile | None:
    """What a file is as ORC; None if it is none.

    Raises:
        UnreadableFile: It begins as ORC does, but is broken.
    """
    if not _starts_with(sample, _ORC_MAGIC):
        return None
    import pyarrow as pa
    from pyarrow import orc

    try:
        file = orc.ORCFile(sample.path)
        schema, records = _schema(file.schema), file.nrows
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"it is no whole ORC file: {error}") from None
    return ClassifiedFile(DataFormat("orc", ORC), schema, records)


def _starts_with(sample: Sample, magic: bytes) -> bool:
    with sample.path.open("rb") as file:
        return file.read(len(magic)) == magic


def _schema(schema: pa.Schema) -> Schema:
    return Schema.of(Column.named(field.name, type_of_arrow(field.type)) for field in schema)


def type_of_arrow(type_: pa.DataType) -> ColumnType:
    """The type of a column that Arrow reads as this."""
    import pyarrow as pa

    if pa.types.is_decimal(type_):
        return Decimal(type_.precision, type_.scale)
    if pa.types.is_map(type_):
        return MapOf(type_of_arrow(type_.key_type), type_of_arrow(type_.item_type))
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return Array(type_of_arrow(type_.value_type))
    if pa.types.is_struct(type_):
        return Struct(tuple((field.name, type_of_arrow(field.type)) for field in type_))
    if pa.types.is_dictionary(type_):
        return type_of_arrow(type_.value_type)
    return Scalar(_SCALARS.get(str(type_).partition("[")[0], "string"))


# Unsigned numbers need the next wider type; Hive has no times of day, which Glue gives as numbers.
_SCALARS: Final[Mapping[str, str]] = {
    "bool": "boolean",
    "int8": "tinyint",
    "int16": "smallint",
    "int32": "int",
    "int64": "bigint",
    "uint8": "smallint",
    "uint16": "int",
    "uint32": "bigint",
    "uint64": "bigint",
    "halffloat": "float",
    "float": "float",
    "double": "double",
    "date32": "date",
    "date64": "date",
    "timestamp": "timestamp",
    "time32": "int",
    "time64": "bigint",
    "binary": "binary",
    "large_binary": "binary",
    "fixed_size_binary": "binary",
}
