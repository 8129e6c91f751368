"""The rules over the preview of every stack; and of each rule, that it finds what breaks it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from policies.documents import STACKS, program
from policies.rules import RULES, Rule
from pulumi_program import Program

NAMES = [rule.name for rule in RULES]
# For each rule a resource of the program, and what is done to it: inputs that are changed, or None to leave
# the resource out.
BAD_EXAMPLES: dict[str, tuple[str, dict[str, Any] | None]] = {
    "buckets are encrypted with the lake's key": ("raw-encryption", None),
    "buckets are private": ("raw-public-access", {"blockPublicPolicy": False}),
    "buckets own their objects": ("raw-ownership", {"rule": {"objectOwnership": "ObjectWriter"}}),
    "buckets ask for TLS": ("raw-policy", {"policy": '{"Statement": []}'}),
    "buckets log who reads them": ("raw-logging", None),
    "buckets end unfinished uploads": ("raw-lifecycle", {"rules": []}),
    "copies and access logs expire, and nothing else": (
        "raw-lifecycle",
        {
            "rules": [
                {"abortIncompleteMultipartUpload": {}},
                {"noncurrentVersionExpiration": {}},
                {"expiration": {"days": 7}},
            ]
        },
    ),
    "what was delivered can be brought back": ("landing-versioning", None),
    "queues and topics ask for TLS": ("ingest-queue-policy", {"policy": '{"Statement": []}'}),
    "queues are encrypted": ("ingest-queue", {"sqsManagedSseEnabled": False}),
    "topics are encrypted": ("alerts-topic", {"kmsMasterKeyId": None}),
    "streams are encrypted": ("events-stream", {"encryptionType": "NONE"}),
    "query results are encrypted": (
        "analysts-workgroup",
        {
            "configuration": {
                "resultConfiguration": {"encryptionConfiguration": {"encryptionOption": "SSE_S3"}}
            }
        },
    ),
    "logs are encrypted": ("ingest-logs", {"kmsKeyId": None}),
    "logs end": ("ingest-logs", {"retentionInDays": 0}),
    "keys rotate": ("lake-key", {"enableKeyRotation": False}),
    "roles are below the boundary": ("ingest-role", {"permissionsBoundary": None}),
    "functions leave room for others": ("ingest-function", {"reservedConcurrentExecutions": None}),
    "everything says whose it is": ("ingest-function", {"tags": {"owner": "somebody"}}),
}


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_every_stack_keeps_the_rule(rule: Rule, stack: str) -> None:
    assert list(rule.broken(program(stack))) == []


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_the_rule_finds_what_breaks_it(rule: Rule) -> None:
    resource, change = BAD_EXAMPLES[rule.name]
    broken = list(rule.broken(changed(program("prod"), resource, change)))
    assert len(broken) == 1, broken


def changed(good: Program, name: str, change: dict[str, Any] | None) -> Program:
    """A program in which one resource is otherwise, or missing."""
    registrations = []
    for registration in good.registrations:
        if registration.name != name or not registration.type.startswith("aws:"):
            registrations.append(registration)
        elif change is not None:
            inputs = {**registration.inputs, **change}
            registrations.append(dataclasses.replace(registration, inputs=inputs))
    return Program(registrations)
