"""Turns Pulumi's properties into boto3's parameters by botocore's own model of the operation.

Pulumi writes `expectedBucketOwner` where the API has `ExpectedBucketOwner`, `rules` where it has `Rule`,
and one object where it has a list of one. What differs more than that a declaration says in `renames`.
A property that has no place in the model is an error: nothing is left out silently.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from millpond.deploy.exceptions import CloudError
from millpond.deploy.values import Blob

Renames = Mapping[str, str]


def parameters(
    client: Any, operation: str, properties: Mapping[str, Any], renames: Renames | None = None
) -> dict[str, Any]:
    """The parameters of an operation (as the API calls it) from properties; `renames` is API → Pulumi."""
    model = client.meta.service_model.operation_model(operation)
    return dict(_build(model.input_shape, properties, renames or {}, operation))


def member(client: Any, operation: str, path: str, value: Any, renames: Renames | None = None) -> Any:
    """Only one parameter (`A` or `A.B`) of an operation, from the property that it is made of."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    for name in path.split("."):
        shape = shape.members[name]
    return _build(shape, value, renames or {}, path)


def properties_of(value: Any, renames: Renames | None = None) -> Any:
    """An answer of the API in Pulumi's spelling, with times as texts: the way back, for outputs."""
    back = renames or {}
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {
            back.get(name, name[:1].lower() + name[1:]): properties_of(item, back)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [properties_of(item, back) for item in value]
    return value


def _build(shape: Any, value: Any, renames: Renames, path: str) -> Any:
    match shape.type_name:
        case "structure":
            return _structure(shape, value, renames, path)
        case "list":
            return [_build(shape.member, item, renames, path) for item in _items(shape, value)]
        case "map":
            return {key: _build(shape.value, item, renames, path) for key, item in value.items()}
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case "blob":
            return value.data if isinstance(value, Blob) else str(value).encode()
        case "string":
            return str(value).lower() if isinstance(value, bool) else str(value)
        case _:
            return value


def _items(shape: Any, value: Any) -> list[Any]:
    """A list as it is; an object where the API has a list of one; a map where it has keys and values."""
    if isinstance(value, list | tuple):
        return list(value)
    members = {name.lower() for name in getattr(shape.member, "members", ())}
    if members == {"key", "value"} and value.keys() != members:
        return [{"key": key, "value": item} for key, item in value.items()]
    return [value]


def _structure(shape: Any, value: Any, renames: Renames, path: str) -> dict[str, Any]:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        raise CloudError(f"{path}: expected an object, got {value!r}")
    left = {_plain(name): name for name in value}
    result = {}
    for name, inner in shape.members.items():
        property_name = left.pop(_plain(renames.get(name, name)), None)
        if property_name is not None:
            result[name] = _build(inner, value[property_name], renames, f"{path}.{property_name}")
    if left:
        names = ", ".join(sorted(left.values()))
        raise CloudError(f"{path}: {names} has no counterpart in the API ({', '.join(shape.members)})")
    return result


def _plain(name: str) -> str:
    """A name without what the two spellings differ in."""
    return name.lower().removesuffix("s")
