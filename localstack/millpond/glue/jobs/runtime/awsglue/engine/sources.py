"""Reads frames from S3: by paths, or by the tables and partitions of the Data Catalog."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import unquote

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it
from pyspark.sql.types import StructType

from ..exceptions import NotSupportedLocally
from .bookmarks import Bound, SourceObject, current
from .choices import union
from .files import Declared, Source, read_files
from .formats import DataFormat, exclusions_of, table_format
from .s3 import glue_client, source_objects

_READ: Final = frozenset(
    {
        "boundedFiles",
        "boundedSize",
        "catalogPartitionPredicate",
        "exclusions",
        "path",
        "paths",
        "recurse",
    }
)
_OF_SPEED: Final = frozenset(
    {
        "compression",
        "compressionType",
        "enablePartitioningForS3",
        "groupFiles",
        "groupSize",
        "inPartition",
        "maxBand",
        "maxFilesInBand",
        "mergeSchema",
        "useS3ListImplementation",
    }
)
"""Options that say how objects are listed and grouped; how they are compressed, their names say, and schemas
are always merged."""


def read_paths(
    spark: SparkSession,
    data_format: DataFormat,
    options: Mapping[str, Any],
    transformation_ctx: str,
) -> Source:
    """The new objects under `paths`; none gives an empty frame without columns.

    Args:
        spark: The session.
        data_format: Of all of them.
        options: `paths`, `recurse`, `exclusions`, `boundedFiles` and `boundedSize`; those that only group
            files change nothing.
        transformation_ctx: The bookmark's name.
    """
    paths = options.get("paths") or ([options["path"]] if options.get("path") else [])
    paths = [paths] if isinstance(paths, str) else list(paths)
    if not paths:
        raise ValueError("connection_options has no paths")
    bound = _bound(options)
    recurse = str(options.get("recurse", True)).lower() != "false"
    sources = []
    for path in paths:
        found = source_objects(path, exclusions_of(options), recurse=recurse)
        chosen = current().new(transformation_ctx, found, bound)
        if chosen:
            sources.append(read_files(spark, data_format, chosen, path))
    return _all(spark, sources, StructType([]))


def read_table(
    spark: SparkSession,
    database: str,
    name: str,
    predicate: str = "",
    transformation_ctx: str = "",
    options: Mapping[str, Any] | None = None,
) -> Source:
    """The new objects of a table's partitions.

    Args:
        spark: The session.
        database: Of the table.
        name: Of the table.
        predicate: Over partition columns, in Spark's SQL: partitions that do not meet it are not listed.
        transformation_ctx: The bookmark's name.
        options: `catalogPartitionPredicate`, over partition columns in Glue's own expressions; `exclusions`,
            `boundedFiles` and `boundedSize`.
    """
    options = options or {}
    bound = _bound(options)
    table = glue_client().get_table(DatabaseName=database, Name=name)["Table"]
    data_format = table_format(table)
    storage = table["StorageDescriptor"]
    keys = table.get("PartitionKeys") or []
    declared = Declared(storage["Columns"], keys)
    exclusions = exclusions_of(options)
    if not keys:
        location = storage["Location"]
        chosen = current().new(transformation_ctx, source_objects(location, exclusions), bound)
        found = [read_files(spark, data_format, chosen, location, declared)] if chosen else []
        return _all(spark, found, declared.schema)
    expression = str(options.get("catalogPartitionPredicate") or "")
    sources = []
    usual: list[SourceObject] = []  # those whose folders tell their values: read at once
    for partition in partitions_of(spark, table, predicate, expression):
        chosen = current().new(transformation_ctx, source_objects(partition.location, exclusions), bound)
        if chosen and partition.is_named_by_folder(storage["Location"], keys):
            usual += chosen
        elif chosen:
            sources.append(_read_partition(spark, data_format, chosen, partition, declared))
    if usual:
        sources.append(read_files(spark, data_format, usual, storage["Location"], declared))
    return _all(spark, sources, declared.schema)


@dataclass(frozen=True)
class Partition:
    """A partition of a table.

    Attributes:
        values: Of its keys.
        location: Where its objects are.
    """

    values: tuple[str, ...]
    location: str

    def is_named_by_folder(self, table_location: str, keys: Sequence[Mapping[str, str]]) -> bool:
        """Whether it lies below its table in folders `k=v`."""
        root = table_location.rstrip("/") + "/"
        if not self.location.startswith(root):
            return False
        parts = self.location[len(root) :].strip("/").split("/")
        wanted = [f"{key['Name']}={value}" for key, value in zip(keys, self.values, strict=True)]
        return [unquote(part) for part in parts] == wanted


def partitions_of(
    spark: SparkSession, table: Mapping[str, Any], predicate: str = "", expression: str = ""
) -> list[Partition]:
    """The partitions of a table.

    Args:
        spark: The session.
        table: As GetTable answers it.
        predicate: What they are to meet, in Spark's SQL.
        expression: What they are to meet, in GetPartitions' own language.
    """
    pages = glue_client().get_paginator("get_partitions")
    asked = {"Expression": expression} if expression else {}
    partitions = [
        Partition(tuple(item["Values"]), item["StorageDescriptor"]["Location"])
        for page in pages.paginate(DatabaseName=table["DatabaseName"], TableName=table["Name"], **asked)
        for item in page["Partitions"]
    ]
    if not predicate or not partitions:
        return partitions
    keys = table["PartitionKeys"]
    names = [key["Name"] for key in keys]
    rows = [(index, *partition.values) for index, partition in enumerate(partitions)]
    fields = ", ".join(f"`{name}` string" for name in names)
    frame = spark.createDataFrame(rows, f"__index int, {fields}")
    typed = frame.select("__index", *(F.col(f"`{k['Name']}`").cast(k["Type"]).alias(k["Name"]) for k in keys))
    return [partitions[row[0]] for row in typed.where(predicate).select("__index").collect()]


def _bound(options: Mapping[str, Any]) -> Bound:
    unknown = set(options) - _READ - _OF_SPEED
    if unknown:
        raise NotSupportedLocally(f"The option {min(unknown)} of a source in S3")
    files, size = options.get("boundedFiles"), options.get("boundedSize")
    return Bound(int(files) if files else None, int(size) if size else None)


def _read_partition(
    spark: SparkSession,
    data_format: DataFormat,
    objects: Sequence[SourceObject],
    partition: Partition,
    declared: Declared,
) -> Source:
    # As its own base, the folder's name gives no columns.
    source = read_files(spark, data_format, objects, partition.location, replace(declared, keys=()))
    frame = source.frame
    for key, value in zip(declared.keys, partition.values, strict=True):
        frame = frame.withColumn(key["Name"], F.lit(value).cast(key["Type"]))
    return replace(source, frame=frame)


def _all(spark: SparkSession, sources: Sequence[Source], schema: StructType) -> Source:
    """What several sources have; of none, an empty frame of a schema."""
    if not sources:
        return Source(spark.createDataFrame([], schema))
    errors = [source.errors for source in sources if source.errors is not None]
    return Source(
        union([source.frame for source in sources]), spark.sparkContext.union(errors) if errors else None
    )
