"""Writes frames to S3 and, where it is asked, tables and partitions to the Data Catalog."""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from botocore.exceptions import ClientError
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from .avro import as_written, avro_schema, write_avro
from .choices import as_structs, has_choices
from .files import schema_of
from .formats import DataFormat, storage_of
from .records import natural_json
from .resolution import as_text
from .s3 import glue_client, source_objects

_MOST_PARTITIONS: Final = 100
"""Of one BatchCreatePartition."""


@dataclass(frozen=True)
class CatalogUpdate:
    """What is to be told to the Data Catalog.

    Attributes:
        creates: Whether a table that is not there is made.
        adds_columns: Whether new columns are added to the table.
    """

    database: str
    table: str
    creates: bool = True
    adds_columns: bool = True


def write(
    frame: DataFrame,
    path: str,
    data_format: DataFormat,
    partition_keys: Sequence[str] = (),
    update: CatalogUpdate | None = None,
) -> None:
    """Append a frame to a folder: first the objects, then the catalog."""
    before = {item.uri for item in source_objects(path)} if update else set()
    written_as, frame_format = _writable(frame, data_format, partition_keys)
    if frame_format.name == "avro":
        write_avro(written_as, path, frame_format, partition_keys)
    else:
        _save(written_as, path, frame_format, partition_keys)
    if update:
        written = [item.uri for item in source_objects(path) if item.uri not in before]
        declared = as_text(frame) if data_format.name == "json" else written_as
        _update_catalog(update, declared, path, data_format, partition_keys, written)


def _save(frame: DataFrame, path: str, data_format: DataFormat, partition_keys: Sequence[str]) -> None:
    writer = frame.write.mode("append").format(data_format.name).options(**data_format.options)
    if partition_keys:
        writer = writer.partitionBy(*partition_keys)
    writer.save(path)


def columns_of(frame: DataFrame, names: Sequence[str]) -> list[dict[str, str]]:
    """Columns as the Data Catalog has them."""
    kinds = {field.name: field.dataType.simpleString() for field in frame.schema}
    return [{"Name": name.lower(), "Type": kinds[name]} for name in names]


def _writable(
    frame: DataFrame, data_format: DataFormat, partition_keys: Sequence[str]
) -> tuple[DataFrame, DataFormat]:
    """A frame as Spark can write it: choices are structs, text in CSV, and in JSON what each value is."""
    if data_format.name == "avro":
        return as_written(as_structs(frame), data_format), data_format
    if not has_choices(frame.schema):
        return frame, data_format
    if data_format.name == "csv":
        return as_text(frame), data_format
    if data_format.name != "json":
        return as_structs(frame), data_format
    record = F.struct(*(F.col(f"`{name}`") for name in frame.columns if name not in partition_keys))
    line = F.udf(natural_json, "string")(F.to_json(record)).alias("value")
    keys = [F.col(f"`{name}`") for name in partition_keys]
    compression = {name: text for name, text in data_format.options.items() if name == "compression"}
    return frame.select(*keys, line), DataFormat("text", compression)


def _update_catalog(
    update: CatalogUpdate,
    frame: DataFrame,
    path: str,
    data_format: DataFormat,
    partition_keys: Sequence[str],
    written: Sequence[str],
) -> None:
    columns = columns_of(frame, [name for name in frame.columns if name not in partition_keys])
    try:
        table = glue_client().get_table(DatabaseName=update.database, Name=update.table)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityNotFoundException" or not update.creates:
            raise
        table = _new_table(update, path, data_format, columns, columns_of(frame, partition_keys))
        glue_client().create_table(DatabaseName=update.database, TableInput=table)
    else:
        known = {column["Name"] for column in table["StorageDescriptor"]["Columns"]}
        new = [column for column in columns if column["Name"] not in known]
        if new and update.adds_columns:
            table["StorageDescriptor"]["Columns"] += new
            table = _with_avro_schema(table)
            glue_client().update_table(
                DatabaseName=update.database,
                TableInput={name: value for name, value in table.items() if name in _TABLE_INPUT},
            )
    if partition_keys:
        _add_partitions(update, table["StorageDescriptor"], path, partition_keys, written)


def _new_table(
    update: CatalogUpdate,
    path: str,
    data_format: DataFormat,
    columns: list[dict[str, str]],
    keys: list[dict[str, str]],
) -> dict[str, Any]:
    storage, parameters = storage_of(data_format)
    table = {
        "Name": update.table,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": keys,
        "StorageDescriptor": {**storage, "Columns": columns, "Location": path},
    }
    return _with_avro_schema(table)


def _with_avro_schema(table: dict[str, Any]) -> dict[str, Any]:
    """The table; one of Avro with the schema of its columns, which Athena goes by."""
    storage = table["StorageDescriptor"]
    if "AvroSerDe" in storage["SerdeInfo"]["SerializationLibrary"]:
        schema = avro_schema(schema_of(storage["Columns"]), table["Name"])
        storage["SerdeInfo"].setdefault("Parameters", {})["avro.schema.literal"] = json.dumps(schema)
    return table


def _add_partitions(
    update: CatalogUpdate,
    storage: Mapping[str, Any],
    path: str,
    partition_keys: Sequence[str],
    written: Sequence[str],
) -> None:
    root = path.rstrip("/") + "/"
    folders = sorted({uri[len(root) :].rpartition("/")[0] for uri in written})
    inputs = []
    for folder in folders:
        parts = folder.split("/")[: len(partition_keys)]
        values = [unquote(part.partition("=")[2]) for part in parts]
        inputs.append(
            {"Values": values, "StorageDescriptor": {**storage, "Location": f"{root}{'/'.join(parts)}/"}}
        )
    for start in range(0, len(inputs), _MOST_PARTITIONS):
        answer = glue_client().batch_create_partition(
            DatabaseName=update.database,
            TableName=update.table,
            PartitionInputList=inputs[start : start + _MOST_PARTITIONS],
        )
        for error in answer.get("Errors", ()):
            if error["ErrorDetail"]["ErrorCode"] != "AlreadyExistsException":
                raise RuntimeError(f"Partition {error['PartitionValues']}: {error['ErrorDetail']}")


_TABLE_INPUT: Final = frozenset(
    {
        "Description",
        "Name",
        "Owner",
        "Parameters",
        "PartitionKeys",
        "Retention",
        "StorageDescriptor",
        "TableType",
        "ViewExpandedText",
        "ViewOriginalText",
    }
)
"""What of an answered table a request takes."""
