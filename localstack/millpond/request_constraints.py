"""What a service's own model says about a request: types, lengths, bounds, patterns, enumerations.

botocore carries the models, but its clients check only types and required members; the service checks the
rest, and clients that are no SDK may send anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from botocore.loaders import Loader
from botocore.model import ServiceModel

_SENSITIVE: Final = "***"
_MOST_TOLD: Final = 10
_NOT_NULL: Final = "Member must not be null"

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "structure": Mapping,
    "map": Mapping,
    "list": list,
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
    "float": (int, float),
}


def violations(service: str, operation: str, request: Any) -> list[str]:
    """One sentence for each member of a request that the model does not allow, in AWS's wording.

    Args:
        service: As botocore names it (`athena`).
        operation: As the API names it (`GetQueryResults`).
        request: The request's members.
    """
    shape = _model(service).operation_model(operation).input_shape
    if shape is None:
        return []
    found = _inside(shape, request, "")
    return [sentence for sentence, _ in zip(found, range(_MOST_TOLD), strict=False)]


def told(sentences: Sequence[str]) -> str:
    """Several violations in one sentence, as AWS tells them."""
    errors = "error" if len(sentences) == 1 else "errors"
    return f"{len(sentences)} validation {errors} detected: {'; '.join(sentences)}"


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _inside(shape: Any, value: Any, path: str) -> Iterator[str]:
    expected = _TYPES.get(shape.type_name)
    if expected is not None and not _is(value, expected):
        yield f"Value at '{path}' failed to satisfy constraint: Member must be of type {shape.type_name}"
        return
    if shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"Value null at '{_below(path, name)}' failed to satisfy constraint: {_NOT_NULL}"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _inside(member, value[name], _below(path, name))
        return
    shown = _SENSITIVE if shape.metadata.get("sensitive") else value
    for constraint in _broken(shape, value):
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: {constraint}"
    if shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield from _inside(shape.member, item, f"{path}.{number}.member")


def _is(value: Any, expected: type | tuple[type, ...]) -> bool:
    return isinstance(value, expected) and (expected is bool or not isinstance(value, bool))


def _broken(shape: Any, value: Any) -> Iterator[str]:
    rules = shape.metadata
    if "enum" in rules and value not in rules["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    pattern = _pattern(rules["pattern"]) if "pattern" in rules else None
    if pattern is not None and not pattern.fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {rules['pattern']}"
    number = shape.type_name in ("integer", "long")
    size, measured = (value, "value") if number else (len(value), "length") if _has_length(value) else (0, "")
    if measured and size < rules.get("min", size):
        yield f"Member must have {measured} greater than or equal to {rules['min']}"
    if measured and size > rules.get("max", size):
        yield f"Member must have {measured} less than or equal to {rules['max']}"


@cache
def _pattern(text: str) -> re.Pattern[str] | None:
    r"""A pattern of the model; None if only Java reads it, as one with classes like `\p{L}`."""
    # Java writes characters beyond the first plane as two surrogates; in Python they are one.
    try:
        return re.compile(text.replace(r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff"))
    except re.error:
        return None


def _has_length(value: Any) -> bool:
    return isinstance(value, str | list | Mapping)


def _below(path: str, name: str) -> str:
    member = f"{name[:1].lower()}{name[1:]}"
    return f"{path}.{member}" if path else member
