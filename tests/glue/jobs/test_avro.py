"""Avro's containers as Spark jobs read and write them."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from millpond.glue.crawlers.classifiers.avro import classify_avro
from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.jobs.runtime.awsglue.engine.avro_container import (
    BrokenAvroFile,
    ContainerWriter,
    read_records,
)
from millpond.glue.jobs.runtime.awsglue.engine.avro_values import decoder
from millpond.glue.jobs.runtime.awsglue.exceptions import NotSupportedLocally

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "r",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "text", "type": ["null", "string"]},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "tags", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
    ],
}
MOMENT = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)
ROWS = [(number - 5, None if number % 2 else "ä" * number, Decimal(f"-{number}.05"), MOMENT, {"k": [0.5]})
        for number in range(2000)]  # fmt: skip
NAMES = [field["name"] for field in SCHEMA["fields"]]


@pytest.mark.parametrize("codec", ["null", "deflate", "snappy", "bzip2", "xz", "zstandard"])
def test_records_come_back_as_they_were_written(codec: str) -> None:
    assert list(_read(_written(codec))) == [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def test_without_logical_types_values_are_what_they_are_kept_in() -> None:
    first = next(iter(_read(_written("null"), logical=False)))
    assert (first["price"], first["at"]) == (b"\xfb", -1)


def test_other_readers_know_the_container(tmp_path: Path) -> None:
    file = tmp_path / "a.avro"
    file.write_bytes(_written("snappy"))
    found = classify_avro(Sample("a.avro", file, file.stat().st_size))
    assert found is not None
    assert found.records == len(ROWS)
    assert [str(column.type) for column in found.schema.columns] == [
        "bigint",
        "string",
        "decimal(9,2)",
        "timestamp",
        "map<string,array<double>>",
    ]


@pytest.mark.parametrize("end", [-1, -30, 2])
def test_container_that_is_cut_off_is_no_whole_one(end: int) -> None:
    with pytest.raises((BrokenAvroFile, IndexError)):
        list(_read(_written("deflate")[:end]))


def test_codec_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(NotSupportedLocally, match="codec lzo"):
        ContainerWriter(io.BytesIO(), SCHEMA, "lzo")


def _written(codec: str) -> bytes:
    file = io.BytesIO()
    writer = ContainerWriter(file, SCHEMA, codec)
    for row in ROWS:
        writer.write(row)
    writer.end_block()
    return file.getvalue()


def _read(content: bytes, *, logical: bool = True) -> Any:
    return read_records(io.BytesIO(content), partial(decoder, logical=logical))
