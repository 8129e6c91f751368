"""What is compared, and how a table of readers is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs
from millpond.deploy.providers.aws.mapping import Renames


@dataclass(frozen=True)
class Compared:
    """What was sent, what the service says, and the properties of parameters that are called otherwise."""

    sent: Mapping[str, Any]
    found: Mapping[str, Any]
    properties: Renames = field(default_factory=dict)
    tags: Mapping[str, str] | None = None


Reader = tuple[type[AwsResource], Callable[[Any, Api, str, Inputs], Compared]]
"""A class of declarations, and what reads a resource of such a type: declaration, API, id, inputs."""


def pairs(tags: list[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a map, of the list that most services answer."""
    return {tag["Key"]: tag["Value"] for tag in tags}
