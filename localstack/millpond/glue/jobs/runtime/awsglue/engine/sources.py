"""Reads frames from S3: by paths, or by the tables and partitions of the Data Catalog."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any
from urllib.parse import unquote

from pyspark.errors import ParseException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import StructType, _parse_datatype_string

from ..exceptions import NotSupportedLocally
from .bookmarks import SourceObject, current
from .formats import DataFormat, exclusions_of, table_format
from .s3 import glue_client, source_objects


def read_paths(
    spark: SparkSession,
    data_format: DataFormat,
    options: Mapping[str, Any],
    transformation_ctx: str,
) -> DataFrame:
    """The new objects under `paths`; none gives an empty frame without columns.

    Args:
        spark: The session.
        data_format: Of all of them.
        options: `paths`, `recurse`, `exclusions`; those that only group files change nothing.
        transformation_ctx: The bookmark's name.
    """
    paths = options.get("paths") or ([options["path"]] if options.get("path") else [])
    paths = [paths] if isinstance(paths, str) else list(paths)
    if not paths:
        raise ValueError("connection_options has no paths")
    recurse = str(options.get("recurse", True)).lower() != "false"
    frames = []
    for path in paths:
        found = source_objects(path, exclusions_of(options), recurse=recurse)
        chosen = current().new(transformation_ctx, found)
        if chosen:
            frames.append(_load(spark, data_format, chosen, path, None))
    return _union(spark, frames, StructType([]))


def read_table(
    spark: SparkSession,
    database: str,
    name: str,
    predicate: str = "",
    transformation_ctx: str = "",
    options: Mapping[str, Any] | None = None,
) -> DataFrame:
    """The new objects of a table's partitions.

    Args:
        spark: The session.
        database: Of the table.
        name: Of the table.
        predicate: Over partition columns, in Spark's SQL: partitions that do not meet it are not listed.
        transformation_ctx: The bookmark's name.
        options: `catalogPartitionPredicate`, over partition columns in Glue's own expressions; `exclusions`.
    """
    options = options or {}
    table = glue_client().get_table(DatabaseName=database, Name=name)["Table"]
    data_format = table_format(table)
    storage = table["StorageDescriptor"]
    keys = table.get("PartitionKeys") or []
    schema = _schema(storage["Columns"], keys)
    exclusions = exclusions_of(options)
    if not keys:
        location = storage["Location"]
        chosen = current().new(transformation_ctx, source_objects(location, exclusions))
        frames = [_load(spark, data_format, chosen, location, schema)] if chosen else []
        return _union(spark, frames, schema)
    partitions = _partitions(database, name, str(options.get("catalogPartitionPredicate") or ""))
    frames = []
    usual: list[SourceObject] = []  # those whose folders tell their values: read at once
    for partition in _matching(spark, partitions, keys, predicate):
        chosen = current().new(transformation_ctx, source_objects(partition.location, exclusions))
        if chosen and partition.is_named_by_folder(storage["Location"], keys):
            usual += chosen
        elif chosen:
            frames.append(_load_partition(spark, data_format, chosen, partition, storage["Columns"], keys))
    if usual:
        frames.append(_load(spark, data_format, usual, storage["Location"], schema))
    return _union(spark, frames, schema)


@dataclass(frozen=True)
class _Partition:
    values: tuple[str, ...]
    location: str

    def is_named_by_folder(self, table_location: str, keys: Sequence[Mapping[str, str]]) -> bool:
        root = table_location.rstrip("/") + "/"
        if not self.location.startswith(root):
            return False
        parts = self.location[len(root) :].strip("/").split("/")
        wanted = [f"{key['Name']}={value}" for key, value in zip(keys, self.values, strict=True)]
        return [unquote(part) for part in parts] == wanted


def _partitions(database: str, name: str, expression: str) -> list[_Partition]:
    pages = glue_client().get_paginator("get_partitions")
    asked = {"Expression": expression} if expression else {}
    return [
        _Partition(tuple(item["Values"]), item["StorageDescriptor"]["Location"])
        for page in pages.paginate(DatabaseName=database, TableName=name, **asked)
        for item in page["Partitions"]
    ]


def _matching(
    spark: SparkSession,
    partitions: Sequence[_Partition],
    keys: Sequence[Mapping[str, str]],
    predicate: str,
) -> list[_Partition]:
    if not predicate or not partitions:
        return list(partitions)
    names = [key["Name"] for key in keys]
    rows = [(index, *partition.values) for index, partition in enumerate(partitions)]
    fields = ", ".join(f"`{name}` string" for name in names)
    frame = spark.createDataFrame(rows, f"__index int, {fields}")
    typed = frame.select("__index", *(F.col(f"`{k['Name']}`").cast(k["Type"]).alias(k["Name"]) for k in keys))
    return [partitions[row[0]] for row in typed.where(predicate).select("__index").collect()]


def _schema(columns: Sequence[Mapping[str, str]], keys: Sequence[Mapping[str, str]]) -> StructType:
    declared = ", ".join(f"`{column['Name']}` {column['Type']}" for column in [*columns, *keys])
    try:
        # What StructType.fromDDL does, which Spark has from version 4 on.
        parsed: StructType = _parse_datatype_string(declared)
    except ParseException as error:
        raise NotSupportedLocally(f"Spark on a table with the columns {declared}") from error
    return parsed


def _load(
    spark: SparkSession,
    data_format: DataFormat,
    objects: Sequence[SourceObject],
    base: str,
    schema: StructType | None,
) -> DataFrame:
    reader = spark.read.format(data_format.name).options(**data_format.options)
    uris = [item.uri for item in objects]
    if uris != [base]:
        reader = reader.option("basePath", base)
    if schema is not None:
        reader = reader.schema(schema)
    frame = reader.load(uris)
    if schema is None and data_format.name == "csv" and data_format.options.get("header") == "false":
        names = [f"col{name[2:]}" if name.startswith("_c") else name for name in frame.columns]
        frame = frame.toDF(*names)  # as Glue calls columns that have no name
    return frame


def _load_partition(
    spark: SparkSession,
    data_format: DataFormat,
    objects: Sequence[SourceObject],
    partition: _Partition,
    columns: Sequence[Mapping[str, str]],
    keys: Sequence[Mapping[str, str]],
) -> DataFrame:
    reader = spark.read.format(data_format.name).options(**data_format.options)
    # As its own base, the folder's name gives no columns.
    reader = reader.option("basePath", partition.location).schema(_schema(columns, ()))
    frame = reader.load([item.uri for item in objects])
    for key, value in zip(keys, partition.values, strict=True):
        frame = frame.withColumn(key["Name"], F.lit(value).cast(key["Type"]))
    return frame


def _union(spark: SparkSession, frames: Sequence[DataFrame], schema: StructType) -> DataFrame:
    if not frames:
        return spark.createDataFrame([], schema)
    return reduce(lambda one, other: one.unionByName(other, allowMissingColumns=True), frames)
