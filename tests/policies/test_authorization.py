"""Every document against what AWS documents of its actions, resources and conditions."""

from __future__ import annotations

import json

import pytest

from policies.authorization import problems
from policies.documents import STACKS, Document, documents

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, and each service's quotas
LONGEST = {
    "aws:iam/role:Role": 2048,
    "aws:iam/rolePolicy:RolePolicy": 10_240,
    "aws:iam/policy:Policy": 6144,
    "aws:kms/key:Key": 32_768,
    "aws:s3/bucketPolicy:BucketPolicy": 20_480,
    "aws:sns/topicPolicy:TopicPolicy": 30_720,
    "aws:sqs/queuePolicy:QueuePolicy": 8192,
}


@pytest.mark.parametrize("stack", STACKS)
def test_every_action_resource_and_condition_is_one_that_aws_knows(stack: str) -> None:
    found = {str(d): list(problems(d)) for d in documents() if d.stack == stack}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_every_document_is_short_enough() -> None:
    assert {str(d): len(d.text) for d in documents() if len(d.text) > LONGEST[d.type]} == {}


def test_statements_have_identifiers_of_their_own() -> None:
    for document in documents():
        sids = [statement["Sid"] for statement in document.statements]
        assert len(sids) == len(set(sids)), document


def statement(**given: object) -> Document:
    content = {"Sid": "Bad", "Effect": "Allow", **given}
    text = json.dumps({"Version": "2012-10-17", "Statement": [content]})
    return Document("none", "bad", "identity", "aws:iam/rolePolicy:RolePolicy", text)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"Action": ["s3:*"], "Resource": ["arn:aws:s3:::b"]}, "has a wildcard"),
        ({"Action": ["s3:GetObjects"], "Resource": ["arn:aws:s3:::b/*"]}, "does not exist"),
        ({"Action": ["s3:GetObject"], "Resource": ["*"]}, "but AWS knows resources"),
        ({"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b"]}, "none of which"),
        ({"Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::b/*"]}, "none of which"),
        ({"Action": ["glue:GetCrawlerMetrics"], "Resource": ["arn:aws:glue:*:*:crawler/c"]}, "no resource"),
        (
            {"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::b/*", "arn:aws:sqs:*:*:q"]},
            "no action is about",
        ),
        (
            {
                "Action": ["s3:ListBucket"],
                "Resource": ["arn:aws:s3:::b"],
                "Condition": {"StringLike": {"s3:prefixes": "a"}},
            },
            "does not exist",
        ),
        (
            {
                "Action": ["s3:ListBucket"],
                "Resource": ["arn:aws:s3:::b"],
                "Condition": {"StringLike": {"kms:ViaService": "a"}},
            },
            "not of a service",
        ),
    ],
)
def test_a_mistake_is_found(given: dict[str, object], problem: str) -> None:
    assert any(problem in found for found in problems(statement(**given)))
