"""What the API's own model says about the members of a request: lengths, bounds, patterns, enumerations.

botocore carries the model, but its clients check only types and required members; the service checks the
rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

import botocore.session
from botocore.model import Shape

_SENSITIVE: Final = "***"
_BROKEN: Final = "failed to satisfy constraint"


def violations(operation: str, request: Mapping[str, Any]) -> list[str]:
    """One sentence for each member of a request that its model does not allow, in AWS's wording."""
    shape = _model().operation_model(operation).input_shape
    if shape is None:
        return []
    return list(_inside(shape, request, ""))


@cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("mwaa")


def _inside(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"Value null at '{_below(path, name)}' {_BROKEN}: Member must not be null"
        for name, member in shape.members.items():
            if value.get(name) is not None:
                yield from _inside(member, value[name], _below(path, name))
        return
    constraint = _broken(shape, value)
    if constraint:
        shown = _SENSITIVE if shape.metadata.get("sensitive") else value
        yield f"Value '{shown}' at '{path}' {_BROKEN}: {constraint}"
    if shape.type_name == "list":
        for number, item in enumerate(value, 1):
            yield from _inside(shape.member, item, f"{path}.{number}.member")


def _broken(shape: Shape, value: Any) -> str | None:
    rules = shape.metadata
    if "enum" in rules and value not in rules["enum"]:
        return f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"
    number = shape.type_name in ("integer", "long")
    size, measured = (value, "value") if number else (len(value), "length") if _has_length(value) else (0, "")
    if measured and size < rules.get("min", size):
        return f"Member must have {measured} greater than or equal to {rules['min']}"
    if measured and size > rules.get("max", size):
        return f"Member must have {measured} less than or equal to {rules['max']}"
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        return f"Member must satisfy regular expression pattern: {rules['pattern']}"
    return None


def _has_length(value: Any) -> bool:
    return isinstance(value, str | list | Mapping)


def _below(path: str, name: str) -> str:
    member = f"{name[:1].lower()}{name[1:]}"
    return f"{path}.{member}" if path else member
