"""Documents as they are read: what is no policy, what matched, what is read once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from millpond.iam.evaluation import (
    AuthorizationRequest,
    MalformedPolicyError,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    evaluate,
    parse_policy,
)

ALICE = Principal(PrincipalKind.USER, "arn:aws:iam::111122223333:user/alice", "111122223333", name="alice")
ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def policy(*statements: dict[str, Any], name: str = "p") -> Any:
    """A policy of an identity."""
    return parse_policy({"Version": "2012-10-17", "Statement": list(statements)}, name, PolicyType.IDENTITY)


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "{}",
        '{"Version": "2020-01-01", "Statement": []}',
        json.dumps({"Statement": {**ALLOW, "Effect": "Permit"}}),
        json.dumps({"Statement": {**ALLOW, "NotAction": "s3:*"}}),
        json.dumps({"Statement": {**ALLOW, "Action": [1]}}),
        json.dumps({"Statement": {**ALLOW, "Condition": {"StringEquals": "x"}}}),
        json.dumps({"Statement": {**ALLOW, "Condition": {"NullIfExists": {"a:b": "true"}}}}),
        json.dumps({"Statement": {**ALLOW, "Principal": 7}}),
    ],
)
def test_what_is_no_policy_is_refused(document: str) -> None:
    with pytest.raises(MalformedPolicyError):
        parse_policy(document, "p", PolicyType.IDENTITY)


def test_same_text_is_read_once() -> None:
    assert policy(ALLOW) is policy(ALLOW)


def test_decision_names_every_statement_that_allows_it() -> None:
    first = policy({**ALLOW, "Sid": "One"}, {**ALLOW, "Action": "s3:Put*"}, name="first")
    second = policy({**ALLOW, "Action": "s3:Get*"}, name="second")
    decision = evaluate(
        AuthorizationRequest(ALICE, "s3:GetObject", "arn:aws:s3:::b/k"), PolicySet((first, second))
    )
    matched = [(each.policy.name, each.statement.sid, each.statement.index) for each in decision.matched]
    assert matched == [("first", "One", 0), ("second", "", 0)]


def test_decision_names_the_statement_that_denies_it_alone() -> None:
    both = policy(ALLOW, {**ALLOW, "Effect": "Deny", "Sid": "No"})
    decision = evaluate(AuthorizationRequest(ALICE, "s3:GetObject", "arn:aws:s3:::b/k"), PolicySet((both,)))
    assert [each.statement.sid for each in decision.matched] == ["No"]


def test_every_policy_of_aws_can_be_read() -> None:
    documents = json.loads(aws_managed_policies_data)
    assert len(documents) > 1000
    for name, managed in documents.items():
        assert parse_policy(managed["Document"], name, PolicyType.IDENTITY).statements
