"""Every policy document that the program makes, of every stack."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pulumi_program import PROJECT, Program, run_program, stack_config

Kind = Literal["identity", "trust", "bucket", "queue", "topic", "key"]

# Where the resources of a type have a document, and what kind of document it is.
_PLACES: Mapping[str, tuple[str, Kind]] = {
    "aws:iam/policy:Policy": ("policy", "identity"),
    "aws:iam/role:Role": ("assumeRolePolicy", "trust"),
    "aws:iam/rolePolicy:RolePolicy": ("policy", "identity"),
    "aws:kms/key:Key": ("policy", "key"),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy", "bucket"),
    "aws:sns/topicPolicy:TopicPolicy": ("policy", "topic"),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy", "queue"),
}
# Prod too has a deployer, as soon as its repository is named.
_MORE_SETTINGS = {"millpond:githubRepository": "example/lakehouse"}


@dataclass(frozen=True)
class Document:
    """A policy document.

    Attributes:
        stack: The stack.
        name: The resource that has it.
        kind: What kind of document it is.
        type: The resource's type.
        text: The document, as it is sent to AWS.
    """

    stack: str
    name: str
    kind: Kind
    type: str
    text: str

    @property
    def statements(self) -> list[dict[str, Any]]:
        """Its statements."""
        return list(json.loads(self.text)["Statement"])

    def __str__(self) -> str:
        return f"{self.stack}/{self.name}"


STACKS = tuple(sorted(path.name.split(".")[1] for path in PROJECT.glob("Pulumi.*.yaml")))


@functools.cache
def program(stack: str) -> Program:
    """The program of a stack, with its committed settings."""
    return run_program(stack, {**_MORE_SETTINGS, **stack_config(stack)})


@functools.cache
def documents() -> tuple[Document, ...]:
    """All documents of all stacks."""
    return tuple(document for stack in STACKS for document in _of(stack))


def _of(stack: str) -> Iterator[Document]:
    for registration in program(stack).registrations:
        if registration.type in _PLACES:
            attribute, kind = _PLACES[registration.type]
            text = registration.inputs[attribute]
            yield Document(stack, registration.name, kind, registration.type, text)
