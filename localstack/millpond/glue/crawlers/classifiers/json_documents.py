"""JSON: documents one after another, one a line or not; custom classifiers name the records by a path.

https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-json
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.crawlers.column_types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    STRING,
    UNSEEN,
    Array,
    ColumnType,
    Struct,
    merge_types,
)
from millpond.glue.crawlers.data_formats import OPENX_JSON, ClassifiedFile, DataFormat, Settings
from millpond.glue.crawlers.schemas import Column, Schema, merge_all
from millpond.glue.exceptions import InvalidInput

_BLANKS: Final = " \t\r\n,"


def classify_json(sample: Sample, path: JsonPath | None = None) -> ClassifiedFile | None:
    """What a file is as JSON; None if it is none.

    A file that is one array has one column, `array`, unless a path leads to the array's items.
    """
    text = sample.text
    if text is None or not text.lstrip().startswith(("{", "[")):
        return None
    documents = list(_documents(text, sample.is_whole))
    if path is not None:
        records: Iterable[Any] = (record for document in documents for record in path.find(document))
    else:
        records = ({"array": item} if isinstance(item, list) else item for item in documents)
    structs = [type_of_json(record) for record in records if isinstance(record, dict)]
    if not structs:
        return None
    schema = merge_all(_schema(struct) for struct in dict.fromkeys(structs) if isinstance(struct, Struct))
    settings: Settings = (("jsonPath", path.text),) if path else ()
    format_ = DataFormat("json", OPENX_JSON, settings=settings)
    return ClassifiedFile(format_, schema, sample.estimated_records(len(structs)))


def type_of_json(value: Any) -> ColumnType:
    """The type of a value that was read from JSON."""
    simple = _SIMPLE.get(type(value))
    if simple is not None:
        return simple
    if isinstance(value, dict):
        return Struct(tuple([(name, type_of_json(item)) for name, item in value.items()]))
    if isinstance(value, list):
        return Array(merge_types(map(type_of_json, value)))
    if -(2**31) <= value < 2**31:
        return INT
    return BIGINT if -(2**63) <= value < 2**63 else DOUBLE


_SIMPLE: Final[Mapping[type, ColumnType]] = {
    type(None): UNSEEN,
    bool: BOOLEAN,
    float: DOUBLE,
    str: STRING,
}


def _schema(record: Struct) -> Schema:
    return Schema.of(Column.named(name, type_) for name, type_ in record.fields)


def _documents(text: str, is_whole: bool) -> Iterator[Any]:
    """The documents of a text; after one that is broken, reading goes on with the next line.

    Of an array that the sample cuts off, the items that are whole.
    """
    decoder, at = json.JSONDecoder(), 0
    while True:
        while at < len(text) and text[at] in _BLANKS:
            at += 1
        if at >= len(text):
            return
        try:
            document, at = decoder.raw_decode(text, at)
            yield document
        except json.JSONDecodeError:
            if text[at] == "[" and not is_whole:
                yield list(_documents(text[at + 1 :], is_whole=True))
                return
            newline = text.find("\n", at)
            if newline < 0:
                return
            at = newline + 1


class JsonPath:
    """A path to the records of a document: `$`, `.name`, `['name']`, `[0]`, `[*]` and `.*`.

    Raises:
        InvalidInput: It is written otherwise.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        rest = text.strip()
        if not rest.startswith("$"):
            raise InvalidInput(f"JsonPath '{text}' does not begin with $")
        self._steps: list[str | int | None] = []
        at = 1
        while at < len(rest):
            match = _STEP.match(rest, at)
            if match is None:
                raise InvalidInput(f"JsonPath '{text}' is not supported from '{rest[at:]}' on")
            name = match["name"] or match["quoted"]
            self._steps.append(int(match["index"]) if match["index"] else name if name != "*" else None)
            at = match.end()

    def find(self, document: Any) -> list[Any]:
        """What the path leads to; the items of an array at its end."""
        found = [document]
        for step in self._steps:
            found = [child for value in found for child in _children(value, step)]
        return [record for value in found for record in (value if isinstance(value, list) else [value])]


_STEP: Final = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?:'(?P<quoted>[^']+)'|(?P<index>\d+)|\*)\]")


def _children(value: Any, step: str | int | None) -> list[Any]:
    match value, step:
        case list(), None:
            return list(value)
        case dict(), None:
            return list(value.values())
        case list(), int():
            return value[step : step + 1]
        case list(), str():
            return [child for item in value for child in _children(item, step)]
        case dict(), str():
            return [value[step]] if step in value else []
    return []
