"""What holds for whatever policies and requests there are."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from millpond.iam.evaluation import (
    AuthorizationRequest,
    Outcome,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    evaluate,
    parse_policy,
)
from millpond.iam.evaluation.patterns import protect, resource_pattern, text_pattern

ALICE = Principal(PrincipalKind.USER, "arn:aws:iam::111122223333:user/alice", "111122223333", name="alice")
ACTIONS = ("s3:GetObject", "s3:PutObject", "glue:GetTable")
RESOURCES = (
    "arn:aws:s3:::lake/raw/a",
    "arn:aws:s3:::lake/marts/a",
    "arn:aws:glue:us-east-1:111122223333:catalog",
)

# Few letters, so that patterns often match.
texts = some.text("ab:/?*", max_size=8)
statements = some.fixed_dictionaries(
    {
        "Effect": some.sampled_from(("Allow", "Deny")),
        "Action": some.sampled_from((*ACTIONS, "s3:*", "*")),
        "Resource": some.sampled_from((*RESOURCES, "arn:aws:s3:::lake/*", "*")),
    }
)
documents = some.lists(statements, max_size=4)


def policy(listed: list[dict[str, Any]]) -> Policy:
    """A policy of an identity."""
    return parse_policy({"Version": "2012-10-17", "Statement": listed}, "p", PolicyType.IDENTITY)


@given(texts, texts)
def test_text_patterns_match_as_globs_do(pattern: str, value: str) -> None:
    assert bool(text_pattern(pattern).fullmatch(value)) is fnmatchcase(value, pattern)


@given(texts)
def test_value_that_is_protected_matches_itself_alone(value: str) -> None:
    assert text_pattern(protect(value)).fullmatch(value)
    assert not text_pattern(protect(value)).fullmatch(f"{value}a")


@given(texts)
def test_resource_matches_itself(name: str) -> None:
    assert resource_pattern(f"arn:aws:s3:::{name}").fullmatch(f"arn:aws:s3:::{name}")


@given(documents, documents, some.sampled_from(ACTIONS), some.sampled_from(RESOURCES))
def test_more_statements_that_allow_never_take_a_right_away(
    listed: list[dict[str, Any]], more: list[dict[str, Any]], action: str, resource: str
) -> None:
    request = AuthorizationRequest(ALICE, action, resource)
    before = evaluate(request, PolicySet((policy(listed),)))
    allowing = [{**statement, "Effect": "Allow"} for statement in more]
    after = evaluate(request, PolicySet((policy(listed), policy(allowing))))
    assert after.allowed or not before.allowed


@given(documents, some.sampled_from(ACTIONS), some.sampled_from(RESOURCES))
def test_statement_that_denies_wins_over_all_others(
    listed: list[dict[str, Any]], action: str, resource: str
) -> None:
    deny = {"Effect": "Deny", "Action": action, "Resource": resource}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policies = PolicySet((policy([*listed, everything]),), boundary=policy([everything, deny]))
    assert evaluate(AuthorizationRequest(ALICE, action, resource), policies).outcome is Outcome.EXPLICIT_DENY


@given(documents, documents, some.sampled_from(ACTIONS), some.sampled_from(RESOURCES))
def test_boundary_never_gives_a_right(
    listed: list[dict[str, Any]], boundary: list[dict[str, Any]], action: str, resource: str
) -> None:
    request = AuthorizationRequest(ALICE, action, resource)
    limited = evaluate(request, PolicySet((policy(listed),), boundary=policy(boundary)))
    assert evaluate(request, PolicySet((policy(listed),))).allowed or not limited.allowed
