"""The order in which classifiers are asked, and whose answer counts.

https://docs.aws.amazon.com/glue/latest/dg/add-classifier.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from millpond.glue.crawlers.classifiers.avro import classify_avro
from millpond.glue.crawlers.classifiers.columnar import classify_orc, classify_parquet
from millpond.glue.crawlers.classifiers.delimited import CUSTOM_TYPES, CsvOptions, classify_delimited
from millpond.glue.crawlers.classifiers.grok import GrokPattern, match_all_lines, match_lines
from millpond.glue.crawlers.classifiers.json_documents import JsonPath, classify_json
from millpond.glue.crawlers.classifiers.sample import Sample
from millpond.glue.crawlers.data_formats import UNRECOGNISED, ClassifiedFile
from millpond.glue.crawlers.exceptions import UnreadableFile
from millpond.glue.exceptions import InvalidInput, UnsupportedOperation

Answer = tuple[float, ClassifiedFile | None]
"""A classifier's certainty, from 0 to 1, and what it found."""

Classifier = Callable[[Sample], Answer]

_XML: Final = re.compile(r"<(\?xml|!DOCTYPE|[A-Za-z_][\w.:-]*[\s>/])")


class ClassifierChain:
    """A crawler's classifiers.

    Args:
        custom: Definitions as GetClassifier answers them, in the crawler's order.

    Raises:
        UnsupportedOperation: One of them is for XML.
        InvalidInput: One of them cannot be read.
    """

    def __init__(self, custom: Iterable[Mapping[str, Any]] = ()) -> None:
        self._custom = [_custom(definition) for definition in custom]

    def classify(self, sample: Sample) -> ClassifiedFile:
        """What a file is; `UNRECOGNISED` if no classifier knows.

        Raises:
            UnreadableFile: It is broken, or in a format that is not read locally.
        """
        best: Answer = (0.0, None)
        for classifier in (*self._custom, *_built_in()):
            certainty, found = classifier(sample)
            if certainty > best[0]:
                best = certainty, found
            if certainty >= 1.0:
                break
        found = best[1] or UNRECOGNISED
        own = found.format.classification in _OWN_COMPRESSION or found is UNRECOGNISED
        if own or sample.compression == "none":
            return found
        return ClassifiedFile(
            found.format.compressed(sample.compression), found.schema, found.records, found.avro_schema
        )


_OWN_COMPRESSION: Final = frozenset({"avro", "orc", "parquet"})


def _sure(classify: Callable[[Sample], ClassifiedFile | None]) -> Classifier:
    """A classifier that knows for certain, or not at all."""

    def answer(sample: Sample) -> Answer:
        found = classify(sample)
        return (1.0, found) if found else (0.0, None)

    return answer


def _refuse_xml(sample: Sample) -> ClassifiedFile | None:
    """Glue would know XML here, before logs and CSV."""
    text = (sample.text or "").strip()
    if _XML.match(text) and (text.endswith(">") or not sample.is_whole):
        raise UnreadableFile("Glue's XML classifier is not supported locally")
    return None


def _grok(pattern: GrokPattern) -> Classifier:
    return lambda sample: match_lines(sample, pattern)


@functools.cache
def _built_in() -> tuple[Classifier, ...]:
    logs = (
        GrokPattern.parse("combined_apache", "%{COMBINEDAPACHELOG}"),
        GrokPattern.parse("apache", "%{COMMONAPACHELOG}"),
        GrokPattern.parse("linux_kernel", "%{SYSLOGBASE} %{GREEDYDATA:message}"),
    )
    return (
        _sure(classify_avro),
        _sure(classify_orc),
        _sure(classify_parquet),
        _sure(classify_json),
        _sure(_refuse_xml),
        *(_sure(functools.partial(match_all_lines, pattern=pattern)) for pattern in logs),
        _sure(classify_delimited),
    )


def _custom(definition: Mapping[str, Any]) -> Classifier:
    for kind, make in _KINDS.items():
        if kind in definition:
            return make(definition[kind])
    raise UnsupportedOperation(f"{', '.join(definition)} in a crawler")


def _custom_csv(given: Mapping[str, Any]) -> Classifier:
    delimiter, quote = given.get("Delimiter"), given.get("QuoteSymbol")
    if any(mark and len(mark) != 1 for mark in (delimiter, quote)):
        raise InvalidInput("Delimiter and QuoteSymbol are one character each")
    types = given.get("CustomDatatypes") or () if given.get("CustomDatatypeConfigured", True) else ()
    unknown = [name for name in types if name.upper() not in CUSTOM_TYPES]
    if unknown:
        raise InvalidInput(f"Custom data types {unknown} do not exist; there are {', '.join(CUSTOM_TYPES)}")
    options = CsvOptions(
        **({"delimiters": (delimiter,)} if delimiter else {}),
        quote=quote or '"',
        header={"PRESENT": True, "ABSENT": False}.get(given.get("ContainsHeader") or "UNKNOWN"),
        names=tuple(given.get("Header") or ()),
        trimmed=not given.get("DisableValueTrimming", False),
        single_column=bool(given.get("AllowSingleColumn")),
        types=tuple(types),
        serde=given.get("Serde") or "",
        quote_given=bool(quote),
    )
    return _sure(lambda sample: classify_delimited(sample, options))


def _custom_grok(given: Mapping[str, Any]) -> Classifier:
    return _grok(
        GrokPattern.parse(given["Classification"], given["GrokPattern"], given.get("CustomPatterns") or "")
    )


def _custom_json(given: Mapping[str, Any]) -> Classifier:
    path = JsonPath(given["JsonPath"])
    return _sure(lambda sample: classify_json(sample, path))


_KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], Classifier]]] = {
    "CsvClassifier": _custom_csv,
    "GrokClassifier": _custom_grok,
    "JsonClassifier": _custom_json,
}
