"""Policy documents, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Effect(Enum):
    """What a statement does to a request that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyType(Enum):
    """Where a policy comes from; the value is how AWS's messages call it."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    TRUST = "role trust policy"


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        effect: Allow or deny.
        sid: Its name, empty when it has none.
        index: Its place in the document, from 0.
    """

    effect: Effect
    sid: str
    index: int


@dataclass(frozen=True)
class Policy:
    """A policy document.

    Attributes:
        name: The name of an inline policy, the ARN of a managed one, the resource's ARN of a resource's.
        type: Where it comes from.
        version: `2012-10-17` or `2008-10-17`; the latter knows no variables.
        statements: In the document's order.
    """

    name: str
    type: PolicyType
    version: str
    statements: tuple[Statement, ...]


def parse_policy(document: str | Mapping[str, Any], name: str, policy_type: PolicyType) -> Policy:
    """A document, read and compiled; the same text is read once only.

    Raises:
        MalformedPolicyError: The document is no policy.
    """
    raise NotImplementedError
