"""A policy document: statements that each allow, or deny, one thing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from infra.naming import Naming

Conditions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        sid: What it is for; letters and digits.
        actions: What it is about, each by its full name.
        resources: Which resources; empty in trust policies, whose resource is the role itself.
        not_resources: All resources but these; only in denials.
        effect: Whether it allows or denies.
        principal: Whom it is about, in resource policies.
        condition: When it holds.
    """

    sid: str
    actions: Sequence[str]
    resources: Sequence[str] = ()
    not_resources: Sequence[str] = ()
    effect: Literal["Allow", "Deny"] = "Allow"
    principal: Mapping[str, str | Sequence[str]] | str | None = None
    condition: Conditions = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.sid.isalnum():
            raise ValueError(f"the identifier {self.sid!r} may have letters and digits only")
        if self.not_resources and self.effect == "Allow":
            raise ValueError(f"{self.sid} would allow all resources but some, which nobody can list")

    def when(self, condition: Conditions) -> Statement:
        """The same statement under a further condition."""
        merged = {operator: dict(keys) for operator, keys in self.condition.items()}
        for operator, keys in condition.items():
            merged.setdefault(operator, {}).update(keys)
        return replace(self, condition=merged)

    def document(self) -> dict[str, Any]:
        """The statement in IAM's words."""
        rendered: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect, "Action": list(self.actions)}
        if self.principal is not None:
            rendered["Principal"] = self.principal
        if self.resources:
            rendered["Resource"] = list(self.resources)
        if self.not_resources:
            rendered["NotResource"] = list(self.not_resources)
        if self.condition:
            rendered["Condition"] = self.condition
        return rendered


def policy(statements: Iterable[Statement]) -> str:
    """A policy document of some statements, as short as IAM's size limits count it."""
    document = {"Version": "2012-10-17", "Statement": [s.document() for s in statements]}
    return json.dumps(document, separators=(",", ":"))


def title(naming: Naming, verb: str, name: str) -> str:
    """A statement's identifier, for which IAM allows letters and digits only: the same in every stack."""
    words = "".join(c if c.isalnum() else " " for c in naming.thing(name)).split()
    return verb + "".join(word.capitalize() for word in words)
