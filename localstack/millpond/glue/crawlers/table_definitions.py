"""Tables and partitions as a crawler writes them into the catalog."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from millpond.glue.crawlers.data_formats import AVRO, OPENX_JSON, DataFormat
from millpond.glue.crawlers.grouping import (
    CrawledFile,
    TableGroup,
    partition_keys,
    partition_values,
)
from millpond.glue.crawlers.schemas import Schema, merge_all

_VERSIONS: Final = {"CrawlerSchemaDeserializerVersion": "1.0", "CrawlerSchemaSerializerVersion": "1.0"}
_LONGEST_NAME: Final = 255


@dataclass(frozen=True)
class FoundPartition:
    """A partition that a crawl found.

    Attributes:
        values: Of the table's keys.
        storage: Its `StorageDescriptor`.
    """

    values: tuple[str, ...]
    storage: Mapping[str, Any]

    @property
    def partition_input(self) -> dict[str, Any]:
        """The partition as CreatePartition takes it."""
        return {
            "Values": list(self.values),
            "StorageDescriptor": dict(self.storage),
            "Parameters": dict(self.storage["Parameters"]),
        }


@dataclass(frozen=True)
class FoundTable:
    """A table that a crawl found.

    Attributes:
        bucket: Where it lies.
        root: The key of its folder or file.
        base_name: Its name without a prefix, before clashes are resolved.
        storage: Its `StorageDescriptor`.
        partition_keys: The keys' names.
        partitions: Its partitions.
        group: The files.
    """

    bucket: str
    root: str
    base_name: str
    storage: Mapping[str, Any]
    partition_keys: tuple[str, ...]
    partitions: tuple[FoundPartition, ...]
    group: TableGroup = field(repr=False)

    @property
    def location(self) -> str:
        """Its location in the catalog."""
        return f"s3://{self.bucket}/{self.root}"

    def table_input(self, name: str, crawler: str, crawl_id: str) -> dict[str, Any]:
        """The table as CreateTable takes it."""
        parameters = {**self.storage["Parameters"], "UPDATED_BY_CRAWLER": crawler, "CRAWL_RUN_ID": crawl_id}
        return {
            "Name": name,
            "Owner": "owner",
            "Retention": 0,
            "StorageDescriptor": {**self.storage, "Parameters": parameters},
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in self.partition_keys],
            "TableType": "EXTERNAL_TABLE",
            "Parameters": dict(parameters),
        }


def describe(bucket: str, group: TableGroup, exclude_patterns: Sequence[str], *, inherit: bool) -> FoundTable:
    """What a group of files is in the catalog.

    Args:
        bucket: Where the files are.
        group: They.
        exclude_patterns: Which the table keeps, so that readers leave out the same files.
        inherit: Whether the partitions have the table's columns.
    """
    storage = _storage(f"s3://{bucket}/{group.root}", group.format, group.schema, group.files)
    if exclude_patterns:
        storage["Parameters"]["exclusions"] = json.dumps(list(exclude_patterns))
    partitions = tuple(
        FoundPartition(
            tuple(partition_values(group, folders)),
            _storage(
                f"s3://{bucket}/{group.root}{'/'.join(folders)}/",
                group.format,
                group.schema if inherit else merge_all(file.found.schema for file in files),
                files,
            ),
        )
        for folders, files in group.folders
    )
    name = group.root.rstrip("/").rpartition("/")[2] or bucket
    return FoundTable(
        bucket,
        group.root,
        _catalog_name(name),
        storage,
        tuple(partition_keys(group)),
        partitions,
        group,
    )


def with_hash(name: str, location: str) -> str:
    """A name for a table whose own name is taken: with a hash of its location."""
    digest = hashlib.md5(location.encode(), usedforsecurity=False).hexdigest()
    return f"{name[: _LONGEST_NAME - len(digest) - 1]}_{digest}"


def _catalog_name(name: str) -> str:
    return re.sub(r"[^a-z0-9_]", "_", name.lower())[:_LONGEST_NAME]


def _storage(
    location: str, format_: DataFormat, schema: Schema, files: Sequence[CrawledFile]
) -> dict[str, Any]:
    parameters = {
        **_VERSIONS,
        **_statistics(files),
        "classification": format_.classification,
        "compressionType": format_.compression,
        "typeOfData": "file",
        **dict(format_.settings),
    }
    avro_schema = next((file.found.avro_schema for file in files if file.found.avro_schema), None)
    if avro_schema:
        parameters["avro.schema.literal"] = avro_schema
    storage: dict[str, Any] = {
        "Columns": [column.to_dict() for column in schema.columns],
        "Location": location,
        "Compressed": format_.compression not in ("none", "unknown"),
        "NumberOfBuckets": -1,
        "SerdeInfo": {"Parameters": {}},
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": parameters,
        "StoredAsSubDirectories": False,
    }
    if format_.classes is not None:
        storage["InputFormat"] = format_.classes.input_format
        storage["OutputFormat"] = format_.classes.output_format
        storage["SerdeInfo"] = {
            "SerializationLibrary": format_.classes.serde,
            "Parameters": _serde_parameters(format_, schema, avro_schema),
        }
    return storage


def _serde_parameters(format_: DataFormat, schema: Schema, avro_schema: str | None) -> dict[str, str]:
    parameters = dict(format_.serde_settings)
    if format_.classes == OPENX_JSON:
        parameters["paths"] = ",".join(sorted(column.source_name for column in schema.columns))
    if format_.classes == AVRO and avro_schema:
        parameters["avro.schema.literal"] = avro_schema
    return parameters


def _statistics(files: Iterable[CrawledFile]) -> dict[str, str]:
    files = list(files)
    records, size = sum(file.found.records for file in files), sum(file.size for file in files)
    return {
        "objectCount": str(len(files)),
        "recordCount": str(records),
        "sizeKey": str(size),
        "averageRecordSize": str(size // records if records else 0),
    }
