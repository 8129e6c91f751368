"""The documents that a user, role or group has: inline ones, and managed ones in their default version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from moto.iam.models import AWSManagedPolicy, Group, ManagedPolicy, Role, User

Owner = User | Role | Group


class PolicySource(Enum):
    """Where a document comes from; the value is what the policy simulator calls it."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    AWS_MANAGED = "aws-managed"
    CUSTOMER_MANAGED = "user-managed"
    RESOURCE = "resource"
    INPUT = "none"


@dataclass(frozen=True)
class PolicyDocument:
    """A document.

    Attributes:
        name: The ARN of a managed policy, the name of an inline one.
        source: Where it comes from.
        text: The JSON.
    """

    name: str
    source: PolicySource
    text: str


def documents_of(owner: Owner) -> Iterator[PolicyDocument]:
    """What is attached to an identity itself; a user's groups have theirs."""
    source = _source_of(owner)
    for name, text in list(owner.policies.items()):
        yield PolicyDocument(name, source, text)
    for managed in list(owner.managed_policies.values()):
        yield managed_document(managed)


def managed_document(managed: ManagedPolicy) -> PolicyDocument:
    """A managed policy in its default version."""
    is_of_aws = isinstance(managed, AWSManagedPolicy)
    source = PolicySource.AWS_MANAGED if is_of_aws else PolicySource.CUSTOMER_MANAGED
    return PolicyDocument(managed.arn, source, default_text(managed))


def default_text(managed: ManagedPolicy) -> str:
    """The document of a managed policy in its default version."""
    default = managed.default_version_id
    return next(str(version.document) for version in managed.versions if version.version_id == default)


def _source_of(owner: Owner) -> PolicySource:
    match owner:
        case User():
            return PolicySource.USER
        case Role():
            return PolicySource.ROLE
    return PolicySource.GROUP
