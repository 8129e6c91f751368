"""Avro as Glue's jobs read and write it, in Python: Spark's own connector is no part of its package.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-avro-home.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterator, Mapping, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote

from pyspark.sql import DataFrame, SparkSession, types
from pyspark.sql import functions as F  # noqa: N812 - as everybody calls it

from ..exceptions import NotSupportedLocally
from .avro_container import BrokenAvroFile, ContainerWriter, read_records, read_schema
from .avro_values import MICROSECONDS, decoder, full_name
from .choices import merged
from .formats import DataFormat
from .records import conformed, without_nulls
from .s3 import NO_VALUE, bucket_and_key, folder_values, s3_client

_LOGICAL_VERSION: Final = "1.8"
"""From which on dates, times and decimals are told from what they are kept in."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN: Final[Mapping[str, Any]] = {
    "null": types.NullType(),
    "boolean": types.BooleanType(),
    "int": types.IntegerType(),
    "long": types.LongType(),
    "float": types.FloatType(),
    "double": types.DoubleType(),
    "bytes": types.BinaryType(),
    "fixed": types.BinaryType(),
    "string": types.StringType(),
    "enum": types.StringType(),
}
_WRITTEN: Final[Mapping[type, str]] = {
    types.BooleanType: "boolean",
    types.ByteType: "int",
    types.ShortType: "int",
    types.IntegerType: "int",
    types.LongType: "long",
    types.FloatType: "float",
    types.DoubleType: "double",
    types.BinaryType: "bytes",
    types.StringType: "string",
}
_CODECS: Final[Mapping[str, str]] = {
    "none": "null",
    "uncompressed": "null",
    "gzip": "deflate",
    "zstd": "zstandard",
}


# ---- reading


def read_avro(
    spark: SparkSession,
    data_format: DataFormat,
    uris: Sequence[str],
    base: str | None,
    keys: types.StructType | None = None,
) -> DataFrame:
    """The records of objects; a field of which they have several types is a choice.

    Args:
        spark: The session.
        data_format: Its option `version` says whether logical types are told.
        uris: Of the objects.
        base: The folder below which folders `k=v` are columns.
        keys: The types of these; None for text.
    """
    logical = data_format.options.get("version") == _LOGICAL_VERSION
    files = [(uri, folder_values(uri, base) if base else {}) for uri in uris]
    names = list(files[0][1]) if base else []
    context = spark.sparkContext
    objects = context.parallelize(files, min(len(files), 4 * context.defaultParallelism))
    schemas = objects.map(
        lambda file: _opened(file[0], lambda data: spark_schema(read_schema(data), logical=logical))
    )
    schema = without_nulls(reduce(merged, schemas.collect(), types.StructType([])))
    fields = [field for field in schema if field.name not in names]
    whole = types.StructType([*fields, *(types.StructField(name, types.StringType()) for name in names)])

    def rows(file: tuple[str, Mapping[str, str | None]]) -> Iterator[Any]:
        uri, folders = file
        with tempfile.TemporaryFile() as data:
            _fetch(uri, data)
            try:
                for record in read_records(data, partial(decoder, logical=logical)):
                    yield conformed({**record, **folders}, whole)
            except (BrokenAvroFile, IndexError) as error:
                raise BrokenAvroFile(f"{uri} cannot be read: {error}") from error

    frame = spark.createDataFrame(objects.flatMap(rows), whole, verifySchema=False)
    for key in keys or ():
        if key.name in names:
            frame = frame.withColumn(key.name, F.col(f"`{key.name}`").cast(key.dataType))
    return frame


def spark_schema(schema: Any, *, logical: bool) -> types.StructType:
    """The Spark type of a file's records.

    Raises:
        NotSupportedLocally: They are no records, or a type contains itself.
    """
    found = _type_of(schema, {}, logical)
    if not isinstance(found, types.StructType):
        raise NotSupportedLocally("An Avro file of other values than records")
    return found


def _type_of(schema: Any, named: dict[str, Any], logical: bool) -> Any:
    if isinstance(schema, list):
        return reduce(merged, (_type_of(branch, named, logical) for branch in schema), types.NullType())
    if isinstance(schema, str):
        if named.get(schema, _PLAIN.get(schema)) is None:
            raise NotSupportedLocally(f"The Avro type {schema}, which contains itself or is not defined,")
        return named.get(schema, _PLAIN.get(schema))
    kind = schema["type"]
    if isinstance(kind, dict | list):
        return _type_of(kind, named, logical)
    made: Any
    if logical and schema.get("logicalType") == "decimal":
        made = types.DecimalType(int(schema["precision"]), int(schema.get("scale", 0)))
    elif logical and schema.get("logicalType") == "date":
        made = types.DateType()
    elif logical and schema.get("logicalType") in MICROSECONDS:
        made = types.TimestampType()
    elif kind == "record":
        fields = [(field["name"], _type_of(field["type"], named, logical)) for field in schema["fields"]]
        made = types.StructType([types.StructField(name, type_) for name, type_ in fields])
    elif kind == "array":
        made = types.ArrayType(_type_of(schema["items"], named, logical))
    elif kind == "map":
        made = types.MapType(types.StringType(), _type_of(schema["values"], named, logical))
    else:
        made = _PLAIN[kind]
    if "name" in schema:
        named[schema["name"]] = named[full_name(schema)] = made
    return made


def _opened(uri: str, read: Any) -> Any:
    """What is read of an object's beginning."""
    bucket, key = bucket_and_key(uri)
    body = s3_client().get_object(Bucket=bucket, Key=key)["Body"]
    try:
        return read(body)
    except (BrokenAvroFile, IndexError) as error:
        raise BrokenAvroFile(f"{uri} cannot be read: {error}") from error
    finally:
        body.close()


def _fetch(uri: str, data: IO[bytes]) -> None:
    bucket, key = bucket_and_key(uri)
    s3_client().download_fileobj(bucket, key, data)
    data.seek(0)


# ---- writing


def write_avro(frame: DataFrame, path: str, data_format: DataFormat, partition_keys: Sequence[str]) -> None:
    """Append a frame: all files are written to the disk first, so that what fails leaves no object."""
    keys = [name for name in frame.columns if name in partition_keys]
    fields = [field for field in frame.schema if field.name not in keys]
    schema = avro_schema(types.StructType(fields), "topLevelRecord")
    codec = str(data_format.options.get("compression") or "snappy").lower()
    codec = _CODECS.get(codec, codec)
    ordered = frame.select(
        *(F.col(f"`{name}`").cast("string") for name in partition_keys),
        *(F.col(f"`{field.name}`") for field in fields),
    )
    count, run = len(partition_keys), uuid.uuid4()

    def written(index: int, rows: Iterator[Any]) -> Iterator[tuple[str, str]]:
        opened: dict[tuple[Any, ...], tuple[IO[bytes], ContainerWriter]] = {}
        for row in rows:
            values = tuple(row[:count])
            if values not in opened:
                new = tempfile.NamedTemporaryFile(delete=False)  # noqa: SIM115 - closed below
                opened[values] = new, ContainerWriter(new, schema, codec)
            opened[values][1].write(row[count:])
        for values, (file, writer) in opened.items():
            writer.end_block()
            file.close()
            yield f"{_folder(partition_keys, values)}part-{index:05}-{run}.avro", file.name

    files = ordered.rdd.mapPartitionsWithIndex(written).collect()
    _upload(path, files)


def _folder(keys: Sequence[str], values: Sequence[str | None]) -> str:
    named = zip(keys, values, strict=True)
    return "".join(f"{key}={quote(value, safe='') if value else NO_VALUE}/" for key, value in named)


def _upload(path: str, files: Sequence[tuple[str, str]]) -> None:
    """All files or, where one cannot be written, none."""
    bucket, root = bucket_and_key(path.rstrip("/") + "/")
    uploaded: list[str] = []
    try:
        for name, file in files:
            s3_client().upload_file(file, bucket, root + name)
            uploaded.append(root + name)
            Path(file).unlink()
    except BaseException:
        for key in uploaded:
            s3_client().delete_object(Bucket=bucket, Key=key)
        raise


def avro_schema(schema: types.StructType, name: str) -> dict[str, Any]:
    """A record whose fields may all be null.

    Raises:
        ValueError: A column's name is none in Avro.
        NotSupportedLocally: Avro has no such type.
    """
    for field in schema:
        if not _NAME.fullmatch(field.name):
            raise ValueError(
                f"Avro has no fields called {field.name!r}: only letters, digits and underscores"
            )
    fields = [
        {"name": field.name, "type": ["null", _written(field.dataType, f"{name}_{field.name}")]}
        for field in schema
    ]
    return {"type": "record", "name": name, "fields": fields}


def _written(kind: Any, name: str) -> Any:
    if isinstance(kind, types.StructType):
        return avro_schema(kind, name)
    if isinstance(kind, types.ArrayType):
        return {"type": "array", "items": ["null", _written(kind.elementType, name)]}
    if isinstance(kind, types.MapType):
        return {"type": "map", "values": ["null", _written(kind.valueType, name)]}
    if isinstance(kind, types.DecimalType):
        return {"type": "bytes", "logicalType": "decimal", "precision": kind.precision, "scale": kind.scale}
    if isinstance(kind, types.DateType):
        return {"type": "int", "logicalType": "date"}
    if isinstance(kind, types.TimestampType | types.TimestampNTZType):
        return {"type": "long", "logicalType": "timestamp-micros"}
    if type(kind) not in _WRITTEN:
        raise NotSupportedLocally(f"Writing {kind.simpleString()} as Avro")
    return _WRITTEN[type(kind)]


def as_written(frame: DataFrame, data_format: DataFormat) -> DataFrame:
    """A frame with dates, times and decimals as text, which a version without logical types has them as."""
    if data_format.options.get("version") == _LOGICAL_VERSION:
        return frame
    return frame.select(*(F.col(f"`{f.name}`").cast(_texts(f.dataType)).alias(f.name) for f in frame.schema))


def _texts(kind: Any) -> Any:
    if isinstance(kind, types.StructType):
        return types.StructType([types.StructField(f.name, _texts(f.dataType)) for f in kind])
    if isinstance(kind, types.ArrayType):
        return types.ArrayType(_texts(kind.elementType))
    if isinstance(kind, types.MapType):
        return types.MapType(kind.keyType, _texts(kind.valueType))
    logical = types.DecimalType | types.DateType | types.TimestampType | types.TimestampNTZType
    return types.StringType() if isinstance(kind, logical) else kind
