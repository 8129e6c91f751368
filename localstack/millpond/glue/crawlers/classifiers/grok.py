"""Lines that a Grok pattern describes: logs.

https://docs.aws.amazon.com/glue/latest/dg/custom-classifier.html#custom-classifier-grok
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from millpond.glue.crawlers.classifiers.grok_patterns import BUILT_IN
from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.crawlers.column_types import STRING, ColumnType, Scalar
from millpond.glue.crawlers.data_formats import GROK, ClassifiedFile, DataFormat, Settings
from millpond.glue.crawlers.schemas import Column, Schema
from millpond.glue.exceptions import InvalidInput

_LINES: Final = 1000
_UNWANTED: Final = "UNWANTED"
_DEEPEST: Final = 50
_REFERENCE: Final = re.compile(r"%\{(?P<pattern>\w+)(?::(?P<name>[\w.@-]+))?(?:[:;](?P<type>\w+))?\}")
_TYPES: Final[Mapping[str, ColumnType]] = {
    "byte": Scalar("tinyint"),
    "boolean": Scalar("boolean"),
    "double": Scalar("double"),
    "short": Scalar("smallint"),
    "int": Scalar("int"),
    "long": Scalar("bigint"),
    "float": Scalar("float"),
    "string": STRING,
}


@dataclass(frozen=True)
class GrokPattern:
    """A pattern that was put together.

    Attributes:
        classification: What files are whose lines match.
        text: The pattern as it was given.
        custom: Patterns of the user's own, by name, a line each, as they were given.
        regex: What a line has to match.
        columns: What the pattern names.
    """

    classification: str
    text: str
    custom: str
    regex: re.Pattern[str]
    columns: tuple[Column, ...]

    @classmethod
    def parse(cls, classification: str, text: str, custom: str = "") -> GrokPattern:
        """Put a pattern together.

        Raises:
            InvalidInput: It names a pattern or a type that does not exist, or is no regular expression.
        """
        definitions = {**BUILT_IN, **_definitions(custom)}
        columns: dict[str, Column] = {}

        def expand(source: str, depth: int = 0) -> str:
            if depth > _DEEPEST:
                raise InvalidInput(f"Grok pattern '{text}' refers to itself")
            return _REFERENCE.sub(lambda match: _group(match, depth), source)

        def _group(match: re.Match[str], depth: int) -> str:
            pattern, name, type_ = match["pattern"], match["name"], match["type"]
            if pattern not in definitions:
                raise InvalidInput(f"Grok pattern '{text}' refers to {pattern}, which is not defined")
            if type_ and type_ not in _TYPES:
                raise InvalidInput(f"Grok pattern '{text}' has the unknown data type {type_}")
            if name and name != _UNWANTED:
                columns.setdefault(name.lower(), Column.named(name, _TYPES[type_ or "string"]))
            return f"(?:{expand(definitions[pattern], depth + 1)})"

        try:
            regex = re.compile(expand(text))
        except re.error as error:
            raise InvalidInput(f"Grok pattern '{text}' is no regular expression: {error}") from None
        return cls(classification, text, custom, regex, tuple(columns.values()))


def match_lines(sample: Sample, pattern: GrokPattern) -> tuple[float, ClassifiedFile | None]:
    """The share of lines that match, which is the certainty, and what the file is if some do."""
    lines = _lines(sample)
    matching = sum(pattern.regex.fullmatch(line) is not None for line in lines)
    return (matching / len(lines), _found(sample, pattern)) if matching else (0.0, None)


def match_all_lines(sample: Sample, pattern: GrokPattern) -> ClassifiedFile | None:
    """What a file is if every line matches; stops at the first that does not."""
    lines = _lines(sample)
    return _found(sample, pattern) if lines and all(map(pattern.regex.fullmatch, lines)) else None


def _lines(sample: Sample) -> list[str]:
    lines = (sample.text or "").split("\n", _LINES)[:_LINES]
    return [line.rstrip("\r") for line in lines if line.strip()]


def _found(sample: Sample, pattern: GrokPattern) -> ClassifiedFile:
    records = sample.estimated_records((sample.text or "").count("\n") or 1)
    return ClassifiedFile(_format(pattern), Schema.of(pattern.columns), records)


def _format(pattern: GrokPattern) -> DataFormat:
    settings: Settings = (("grokPattern", pattern.text),)
    serde: Settings = (("input.format", pattern.text),)
    if pattern.custom:
        settings = (("grokCustomPatterns", pattern.custom), *settings)
        serde = (("input.grokCustomPatterns", pattern.custom), *serde)
    return DataFormat(pattern.classification, GROK, settings=settings, serde_settings=serde)


def _definitions(text: str) -> dict[str, str]:
    """Patterns of one's own: a name, a blank, and the pattern, on a line each."""
    definitions = {}
    for line in text.splitlines():
        name, _, pattern = line.strip().partition(" ")
        if name and not name.startswith("#"):
            definitions[name] = pattern.strip()
    return definitions
