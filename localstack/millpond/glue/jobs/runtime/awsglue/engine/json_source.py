"""JSON as Glue reads it: types as the values have them, and an error for each line that is no JSON.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-format-json-home.html
"""

# mypy: disable-error-code="import-not-found"
# PySpark is an optional extra.

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession, types

from ..exceptions import NotSupportedLocally
from .choices import has_choices, merged
from .errors import error_record
from .formats import DataFormat
from .records import conformed, schema_of, without_nulls

_STEP: Final = re.compile(r"\.([^.\[\]*]+)|\['([^']+)'\]|\[(\d+)\]|(\[\*\]|\.\*)")
_DECODER: Final = json.JSONDecoder()
_BLANK: Final = " \t\r\n,"
"""What may be between documents."""

Parsed = tuple[Any, Any]
"""A record and None, or None and an error."""


def read_json(
    spark: SparkSession,
    data_format: DataFormat,
    uris: Sequence[str],
    base: str | None,
    keys: types.StructType | None = None,
) -> tuple[DataFrame, Any]:
    """The records of objects, and an RDD of the errors, None if there are none.

    Args:
        spark: The session.
        data_format: Its options may be `multiLine` and `jsonPath`.
        uris: Of the objects.
        base: The folder below which folders `k=v` are columns.
        keys: The types of these; None for what their values look like.
    """
    whole = data_format.options.get("multiLine") == "true"
    path = data_format.options.get("jsonPath")
    located = {"basePath": base} if base else {}
    reader = spark.read.options(**located)
    if keys is not None:
        reader = reader.schema(types.StructType([types.StructField("value", types.StringType()), *keys]))
    texts = reader.text(list(uris), wholetext=whole)
    folders = types.StructType(texts.schema.fields[1:])
    parse = _parser(whole=whole, steps=_steps(path) if path else ())
    names = folders.names

    def parsed(row: Any) -> Iterator[Parsed]:
        for record, error in parse(row[0]):
            if record is not None:
                record.update(zip(names, row[1:], strict=True))
            yield record, error

    outcomes = texts.rdd.flatMap(parsed)
    records = outcomes.filter(lambda outcome: outcome[1] is None).map(lambda outcome: outcome[0])
    errors = outcomes.filter(lambda outcome: outcome[1] is not None).map(lambda outcome: outcome[1])
    found = outcomes.mapPartitions(_inspected).collect()
    inferred = reduce(merged, (kind for kind, _ in found), types.StructType([]))
    schema, flawed = _with_folders(without_nulls(inferred), folders), any(flaws for _, flaws in found)
    if flawed or whole or path or has_choices(schema):
        rows = records.map(lambda record: conformed(record, schema))
        frame = spark.createDataFrame(rows, schema, verifySchema=False)
    else:
        # Spark's own reader gives the same, and is faster.
        frame = spark.read.options(**located).schema(schema).json(list(uris))
    return frame, errors if flawed else None


def _inspected(outcomes: Iterator[Parsed]) -> Iterator[tuple[Any, int]]:
    """The type of a partition's records, and how many errors there are."""
    flaws = 0

    def records() -> Iterator[Any]:
        nonlocal flaws
        for record, error in outcomes:
            if error is None:
                yield record
            else:
                flaws += 1

    schema = schema_of(records())
    yield schema, flaws


def _with_folders(schema: Any, folders: Any) -> Any:
    """A schema in which columns of folders have the type that their names tell."""
    told = {field.name: field.dataType for field in folders}
    return types.StructType(
        [types.StructField(field.name, told.get(field.name, field.dataType)) for field in schema]
    )


def _parser(*, whole: bool, steps: Sequence[str | int | None]) -> Callable[[str], Iterator[Parsed]]:
    """What makes records of a line, or of a whole object."""

    def parse(text: str) -> Iterator[Parsed]:
        try:
            for document in _documents(text.removeprefix("\ufeff")):
                found = _found(document, steps) if steps else [document]
                for item in found:
                    yield from _records(item)
        except ValueError as error:
            yield None, error_record(f"The JSON cannot be read: {error}", text if not whole else text[:1000])

    return parse


def _documents(text: str) -> Iterator[Any]:
    at = _after_blank(text, 0)
    while at < len(text):
        document, at = _DECODER.raw_decode(text, at)
        yield document
        at = _after_blank(text, at)


def _after_blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _records(document: Any) -> Iterator[Parsed]:
    """An object is a record, and so is each in an array."""
    if isinstance(document, Mapping):
        yield dict(document), None
    elif isinstance(document, list):
        for item in document:
            yield from _records(item)
    else:
        raise ValueError(f"{json.dumps(document)[:100]} is no object")  # noqa: TRY004 - of the text


def _steps(path: str) -> tuple[str | int | None, ...]:
    """The names and indexes of a JSON path; None for all items."""
    steps: list[str | int | None] = []
    at = 1
    while path.startswith("$") and at < len(path):
        found = _STEP.match(path, at)
        if found is None:
            break
        name, quoted, index, _ = found.groups()
        steps.append(int(index) if index else name or quoted)
        at = found.end()
    if not path.startswith("$") or at < len(path):
        raise NotSupportedLocally(f"The JSON path {path} (names, indexes and [*] are)")
    return tuple(steps)


def _found(document: Any, steps: Sequence[str | int | None]) -> Iterator[Any]:
    if not steps:
        yield document
        return
    step, *rest = steps
    if step is None:
        items = document.values() if isinstance(document, Mapping) else document
        for item in items if isinstance(items, list) or isinstance(document, Mapping) else ():
            yield from _found(item, rest)
    elif isinstance(step, int):
        if isinstance(document, list) and step < len(document):
            yield from _found(document[step], rest)
    elif isinstance(document, Mapping) and step in document:
        yield from _found(document[step], rest)
