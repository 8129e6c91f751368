"""Avro's container files: the schema is in the header, the number of records in each block.

https://avro.apache.org/docs/1.12.0/specification/#object-container-files
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import IO, Any, Final

from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.crawlers.column_types import (
    STRING,
    UNSEEN,
    Array,
    ColumnType,
    Decimal,
    MapOf,
    Scalar,
    Struct,
)
from millpond.glue.crawlers.data_formats import AVRO, ClassifiedFile, DataFormat
from millpond.glue.crawlers.exceptions import UnreadableFile
from millpond.glue.crawlers.schemas import Column, Schema
from millpond.glue.jobs.runtime.awsglue.engine.avro_container import MAGIC, SYNC_BYTES, read_header
from millpond.glue.jobs.runtime.awsglue.engine.avro_values import read_long

_SCALARS: Final[Mapping[str, str]] = {
    "boolean": "boolean",
    "int": "int",
    "long": "bigint",
    "float": "float",
    "double": "double",
    "bytes": "binary",
    "fixed": "binary",
    "string": "string",
    "enum": "string",
}
_LOGICAL: Final[Mapping[str, str]] = {
    "date": "date",
    "timestamp-millis": "timestamp",
    "timestamp-micros": "timestamp",
    "local-timestamp-millis": "timestamp",
    "local-timestamp-micros": "timestamp",
}


def classify_avro(sample: Sample) -> ClassifiedFile | None:
    """What a file is as Avro; None if it is none.

    Raises:
        UnreadableFile: It begins as Avro does, but is broken.
    """
    with sample.path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return None
        file.seek(0)
        try:
            text = read_header(file)[0]["avro.schema"].decode()
            schema = json.loads(text)
            columns = _columns(schema)
            records = _records(file, sample.size)
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise UnreadableFile(f"it is no whole Avro file: {error!r}") from None
    settings = (("serialization.format", "1"),)
    return ClassifiedFile(DataFormat("avro", AVRO, serde_settings=settings), columns, records, text)


def _records(file: IO[bytes], size: int) -> int:
    records = 0
    while file.tell() < size:
        records += read_long(file)
        file.seek(read_long(file) + SYNC_BYTES, os.SEEK_CUR)
    if file.tell() > size:
        raise ValueError("its last block is cut off")
    return records


def _columns(schema: Any) -> Schema:
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise ValueError("its schema is no record")
    named: dict[str, ColumnType] = {}
    return Schema.of(Column.named(field["name"], _type(field["type"], named)) for field in schema["fields"])


def _type(schema: Any, named: dict[str, ColumnType]) -> ColumnType:
    """The type of a schema; `named` are the types that it can refer to by name."""
    if isinstance(schema, list):
        branches = [branch for branch in schema if branch != "null"]
        if len(branches) > 1:
            # Hive's unions cannot be queried from Athena.
            return STRING
        return _type(branches[0], named) if branches else UNSEEN
    if isinstance(schema, str):
        return named.get(schema) or Scalar(_SCALARS.get(schema, "string"))
    # A record that contains itself finds no such name yet, and is text there.
    type_ = _inline(schema, named)
    if "name" in schema:
        named[schema["name"]] = named[f"{schema.get('namespace', '')}.{schema['name']}"] = type_
    return type_


def _inline(schema: dict[str, Any], named: dict[str, ColumnType]) -> ColumnType:
    kind = schema["type"]
    logical = str(schema.get("logicalType") or "")
    if logical == "decimal":
        return Decimal(schema["precision"], schema.get("scale", 0))
    if logical in _LOGICAL:
        return Scalar(_LOGICAL[logical])
    if kind == "array":
        return Array(_type(schema["items"], named))
    if kind == "map":
        return MapOf(STRING, _type(schema["values"], named))
    if kind == "record":
        return Struct(tuple((field["name"], _type(field["type"], named)) for field in schema["fields"]))
    return _type(kind, named)
