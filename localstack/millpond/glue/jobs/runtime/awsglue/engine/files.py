"""Reads objects as their format says, and their table: the records, and what could not be read.

Types are the data's own, as on AWS: a table declares those of text alone, and of columns that no file has.
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from py4j.protocol import Py4JJavaError
from pyspark.errors import ParseException, PySparkException
from pyspark.sql import Column, DataFrame, SparkSession, types
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from ..exceptions import NotSupportedLocally
from .avro import read_avro
from .bookmarks import SourceObject
from .choices import choice_of, union
from .formats import DataFormat
from .json_source import read_json

Columns = Sequence[Mapping[str, str]]
"""As the Data Catalog has them: `Name` and `Type`."""

_INTEGERS: Final = (types.ByteType, types.ShortType, types.IntegerType, types.LongType)
_NESTED: Final = (types.ArrayType, types.MapType, types.StructType)


@dataclass(frozen=True)
class Source:
    """What was read.

    Attributes:
        frame: The records.
        errors: An RDD of what could not be read; None if all could.
    """

    frame: DataFrame
    errors: Any = None


@dataclass(frozen=True)
class Declared:
    """What a table says of its files.

    Attributes:
        columns: Those of the files.
        keys: Those of the folders.
    """

    columns: Columns
    keys: Columns

    @property
    def schema(self) -> types.StructType:
        """The types of all columns."""
        return schema_of([*self.columns, *self.keys])


def schema_of(columns: Columns) -> types.StructType:
    """Columns of the Data Catalog as Spark's type.

    Raises:
        NotSupportedLocally: Spark has no such type.
    """
    declared = ", ".join(f"`{column['Name']}` {column['Type']}" for column in columns)
    try:
        # What StructType.fromDDL does, which Spark has from version 4 on.
        parsed: types.StructType = types._parse_datatype_string(declared) if declared else types.StructType()
    except ParseException as error:
        raise NotSupportedLocally(f"Spark on a table with the columns {declared}") from error
    return parsed


def read_files(
    spark: SparkSession,
    data_format: DataFormat,
    objects: Sequence[SourceObject],
    base: str,
    declared: Declared | None = None,
) -> Source:
    """The records of objects.

    Args:
        spark: The session.
        data_format: Of all of them.
        objects: At least one.
        base: The folder below which folders `k=v` are columns.
        declared: What a table says of them.
    """
    uris = [item.uri for item in objects]
    below = base if uris != [base] else None
    if data_format.name == "json":
        frame, errors = read_json(spark, data_format, uris, below, declared and schema_of(declared.keys))
        return Source(_with_declared(frame, declared), errors)
    if data_format.name == "avro":
        avro = read_avro(spark, data_format, uris, below, declared and schema_of(declared.keys))
        return Source(_with_declared(avro, declared))
    if data_format.name == "csv":
        return Source(_read_text(spark, data_format, uris, below, declared))
    return Source(_with_declared(_read_typed(spark, data_format, uris, below, declared), declared))


def _reader(spark: SparkSession, data_format: DataFormat, base: str | None) -> Any:
    reader = spark.read.format(data_format.name).options(**data_format.options)
    return reader.option("basePath", base) if base else reader


# ---- formats that say the types


def _read_typed(
    spark: SparkSession,
    data_format: DataFormat,
    uris: Sequence[str],
    base: str | None,
    declared: Declared | None,
) -> DataFrame:
    """Parquet or ORC: the columns of all files, and choices where files differ in a column's type."""
    merging = replace(data_format, options={**data_format.options, "mergeSchema": "true"})
    frames = []
    for group, found in _alike(spark, merging, uris, base if declared is None else None):
        if declared is None:
            frames.append(found)
            continue
        keys = schema_of(declared.keys)
        schema = types.StructType([*_physical(found.schema, declared, keys.names), *keys])
        frames.append(_reader(spark, merging, base).schema(schema).load(group))
    return union(frames)


def _alike(
    spark: SparkSession, data_format: DataFormat, uris: Sequence[str], base: str | None
) -> list[tuple[list[str], DataFrame]]:
    """The files, in groups of which Spark can merge the schemas, mostly one, and their frames."""
    try:
        return [(list(uris), _reader(spark, data_format, base).load(list(uris)))]
    except (Py4JJavaError, PySparkException) as error:
        if "merg" not in str(error):
            raise
    groups: dict[str, list[str]] = {}
    for uri in uris:
        schema = _reader(spark, data_format, base).load([uri]).schema
        groups.setdefault(schema.simpleString(), []).append(uri)
    return [(group, _reader(spark, data_format, base).load(group)) for group in groups.values()]


def _physical(found: Any, declared: Declared, keys: Sequence[str]) -> list[Any]:
    """The columns of files, under the names that the table has for them."""
    wanted = {field.name.lower(): field for field in schema_of(declared.columns)}
    fields = []
    for field in found:
        known = wanted.get(field.name.lower())
        if known is not None and isinstance(field.dataType, types.TimestampNTZType):
            field = types.StructField(known.name, known.dataType)  # a table knows moments in UTC only
        elif known is not None:
            field = types.StructField(known.name, field.dataType)
        if field.name not in keys:
            fields.append(field)
    return fields


# ---- text


def _read_text(
    spark: SparkSession,
    data_format: DataFormat,
    uris: Sequence[str],
    base: str | None,
    declared: Declared | None,
) -> DataFrame:
    """CSV: text, as far as no table says otherwise."""
    reader = _reader(spark, data_format, base)
    if declared is None:
        frame = reader.load(list(uris))
        if data_format.options.get("header") == "false":
            names = [f"col{name[2:]}" if name.startswith("_c") else name for name in frame.columns]
            frame = frame.toDF(*names)  # as Glue calls columns that have no name
        return frame
    columns = schema_of(declared.columns)
    texts = types.StructType([types.StructField(field.name, types.StringType()) for field in columns])
    return _typed(
        reader.schema(types.StructType([*texts, *schema_of(declared.keys)])).load(list(uris)), columns
    )


def _typed(frame: DataFrame, columns: Any) -> DataFrame:
    """Texts as the types that are declared; a column with values of another type is a choice of both."""
    wanted = {
        field.name: field.dataType for field in columns if not isinstance(field.dataType, types.StringType)
    }
    if not wanted:
        return frame
    for name, kind in wanted.items():
        if isinstance(kind, _NESTED):
            raise NotSupportedLocally(
                f"Spark on the column {name} of type {kind.simpleString()} in a text file"
            )
    others = [F.max(_is_other(name, kind)).alias(name) for name, kind in wanted.items()]
    mixed = (frame.select(*others).first() or types.Row()).asDict()
    made = []
    for name in frame.columns:
        kind, value = wanted.get(name), F.col(f"`{name}`")
        if kind is not None:
            value = _mixed(name, kind) if mixed[name] else _trimmed(name).cast(kind)
        made.append(value.alias(name))
    return frame.select(*made)


def _is_other(name: str, kind: Any) -> Column:
    """Whether a text is a value, but none of a type."""
    text = _trimmed(name)
    fits = text.cast(kind).isNotNull()
    if isinstance(kind, _INTEGERS):
        fits = fits & text.rlike(r"^[+-]?\d+$")  # Spark would cut off what is behind the point
    return (text != "") & ~fits


def _mixed(name: str, kind: Any) -> Column:
    choice = choice_of([kind, types.StringType()])
    text, other = _trimmed(name), _is_other(name, kind)
    fields = [
        (
            F.when(other, F.col(f"`{name}`"))
            if isinstance(field.dataType, types.StringType)
            else F.when(~other, text.cast(kind))
        ).alias(field.name)
        for field in choice
    ]
    return F.when(text != "", F.struct(*fields))


def _trimmed(name: str) -> Column:
    return F.trim(F.col(f"`{name}`"))


# ---- what the table adds


def _with_declared(frame: DataFrame, declared: Declared | None) -> DataFrame:
    """With the table's names of columns, and with those of its columns that no file has."""
    if declared is None:
        return frame
    spelled = {name.lower(): name for name in declared.schema.names}
    frame = frame.toDF(*(spelled.get(name.lower(), name) for name in frame.columns))
    for field in declared.schema:
        if field.name not in frame.columns:
            frame = frame.withColumn(field.name, F.lit(None).cast(field.dataType))
    return frame
