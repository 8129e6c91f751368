"""Puts tags on things and takes them off: each service has its own words for the same two operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from millpond.deploy.providers.aws.api import call


@dataclass(frozen=True)
class Tagging:
    """How a service tags; whether tags are a map or a list of pairs is read from botocore's model.

    Attributes:
        add: The operation that sets tags.
        remove: The operation that takes tags away.
        resource: The parameter of both that says what is tagged.
        by: The output or input that is its value; `id` is the id.
        kind: A parameter that says what kind of thing it is, and its value.
    """

    add: str = "TagResource"
    remove: str = "UntagResource"
    resource: str = "ResourceArn"
    by: str = "arn"
    kind: tuple[str, str] | None = None

    def apply(
        self, client: Any, resource: str, old: Mapping[str, str] | None, new: Mapping[str, str] | None
    ) -> None:
        """Make the tags of a thing `new` where they were `old`."""
        if removed := sorted((old or {}).keys() - (new or {}).keys()):
            self._call(client, self.remove, resource, removed)
        if new:
            self._call(client, self.add, resource, new)

    def _call(
        self, client: Any, operation: str, resource: str, value: Mapping[str, str] | Sequence[str]
    ) -> None:
        members = client.meta.service_model.operation_model(operation).input_shape.members
        tags = next(name for name in members if name != self.resource and "tag" in name.lower())
        kind = dict([self.kind]) if self.kind else {}
        named = [resource] if members[self.resource].type_name == "list" else resource
        call(client, operation, {**kind, self.resource: named, tags: _shaped(members[tags], value)})


def _shaped(shape: Any, value: Mapping[str, str] | Sequence[str]) -> Any:
    """Tags, or the keys of tags, as the model has them."""
    if shape.type_name == "map":
        return value
    if shape.member.type_name != "structure":
        return list(value)
    key = next(name for name in shape.member.members if name.lower().endswith("key"))
    if not isinstance(value, Mapping):
        return [{key: name} for name in value]
    content = next(name for name in shape.member.members if name.lower().endswith("value"))
    return [{key: name, content: text} for name, text in value.items()]
