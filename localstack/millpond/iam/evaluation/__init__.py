"""Decides whether a request is allowed, from policies alone: no clock, no network, no state.

A request (`AuthorizationRequest`) and the policies that bear on it (`PolicySet`) go in,
a `Decision` comes out.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from millpond.iam.evaluation.decision import Decision, MatchedStatement, Outcome
from millpond.iam.evaluation.evaluate import evaluate
from millpond.iam.evaluation.exceptions import MalformedPolicyError
from millpond.iam.evaluation.policy import Effect, Policy, PolicyType, Statement, parse_policy
from millpond.iam.evaluation.request import (
    AuthorizationRequest,
    PolicySet,
    Principal,
    PrincipalKind,
)

__all__ = [
    "AuthorizationRequest",
    "Decision",
    "Effect",
    "MalformedPolicyError",
    "MatchedStatement",
    "Outcome",
    "Policy",
    "PolicySet",
    "PolicyType",
    "Principal",
    "PrincipalKind",
    "Statement",
    "evaluate",
    "parse_policy",
]
