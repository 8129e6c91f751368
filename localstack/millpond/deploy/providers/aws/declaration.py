"""What a resource type consists of; every type is a small subclass in its service's module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from millpond.deploy.exceptions import CloudError
from millpond.deploy.plan import TypeRules
from millpond.deploy.providers import Made
from millpond.deploy.providers.aws.api import Api

Inputs = Mapping[str, Any]
Outputs = dict[str, Any]


@dataclass(frozen=True)
class Naming:
    """How a name is generated when the program gives none: the logical name and a random suffix."""

    property: str
    prefix_property: str | None = None
    longest: int = 64
    lowercase: bool = False
    prefix: str = ""
    random: bool = True
    """Whether a suffix keeps two of one logical name apart; without it, the name is the logical name."""
    suffix_if: tuple[str, str] | None = None
    """A property, and what the name has to end with when that is true."""


class AwsResource(ABC):
    """One resource type.

    Methods may let boto3's `ClientError` through: "not found" then means None from `read`, and success
    of `delete`. `inputs` are checked and complete; `tagsAll` in them has the provider's default tags too.
    """

    type: ClassVar[str]
    older_types: ClassVar[tuple[str, ...]] = ()
    properties: ClassVar[frozenset[str]]
    """The inputs that the declaration acts on; any other is refused."""
    replaces: ClassVar[frozenset[str]] = frozenset()
    naming: ClassVar[Naming | None] = None
    tagged: ClassVar[bool] = False
    reuses: ClassVar[bool] = False
    """Whether `create` succeeds when there is one already, which would be taken over unasked."""
    unique: ClassVar[str | None] = None
    """Of a type without a name: the input that two cannot share, so that the old one goes first."""
    regional: ClassVar[bool] = True
    volatile: ClassVar[frozenset[str]] = frozenset()
    """Outputs that an update may change."""
    marked: ClassVar[bool] = False
    """Whether it has no name to be found by, so that it carries the API's mark until the state knows it."""
    told_once: ClassVar[frozenset[str]] = frozenset()
    """Outputs that only the call that makes it tells; they are secret."""
    unset: ClassVar[Mapping[str, Any]] = {}
    """What the provider tells of outputs where neither the program nor the service has anything."""
    echoes: ClassVar[frozenset[str]] = frozenset()
    """Outputs that tell what other resources, or its use, made of it: no change of its own."""
    unfilled: ClassVar[Mapping[str, str]] = {}
    """Outputs that are refused where a program uses them, and why there is nothing to tell."""
    defaults: ClassVar[Mapping[str, Any]] = {}
    documents: ClassVar[frozenset[str]] = frozenset()
    """Inputs that are JSON documents, which programs may give as objects; they arrive as texts."""

    @abstractmethod
    def create(self, api: Api, inputs: Inputs) -> str | Made:
        """Make it, by one call that makes it or does nothing; returns its id, with what is told once."""

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:  # noqa: B027 - most types need nothing
        """Do what the call that made it could not; the next run does it again if it fails."""

    @abstractmethod
    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        """The outputs beyond the inputs, or None when there is none."""

    def as_new(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        """The outputs beyond `read` of one that was just made; where they cost nothing to know."""
        return self.as_found(api, id_, inputs)

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        """The outputs beyond `read` that take more questions than whether it is there."""
        return {}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        """Change it in place; `old` is empty when what it is now is not known.

        Types in which every property replaces have nothing to change: only what was begun is completed.
        """
        if old:
            raise CloudError(f"{self.type} cannot be changed in place")
        self.complete(api, id_, new)

    @abstractmethod
    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        """Remove it."""

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        """The id of one whose creation may have succeeded; by default the id is in the name."""
        id_ = self.id_of(api, inputs)
        return id_ if id_ is not None and self.read(api, id_, inputs) is not None else None

    def find_all(self, api: Api, inputs: Inputs, since: float) -> Iterable[str]:
        """The ids of all that may be it, for types of which several can be alike; else of the one."""
        id_ = self.find(api, inputs, since)
        return () if id_ is None else (id_,)

    def id_of(self, api: Api, inputs: Inputs) -> str | None:
        """The id, for types whose id follows from the inputs."""
        return str(inputs[self.naming.property]) if self.naming else None

    @property
    def rules(self) -> TypeRules:
        """What the plan needs to know."""
        unique = self.naming.property if self.naming else self.unique
        return TypeRules(self.replaces | {"region"}, unique, self.reuses, self.told_once, self.echoes)


def tag_list(inputs: Inputs) -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in inputs.get("tagsAll", {}).items()]


def removed_tags(old: Inputs, new: Inputs) -> list[str]:
    """The keys of tags that an update takes away."""
    return sorted(old.get("tagsAll", {}).keys() - new.get("tagsAll", {}).keys())
