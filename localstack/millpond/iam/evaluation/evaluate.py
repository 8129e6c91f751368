"""AWS's evaluation logic."""

from __future__ import annotations

from millpond.iam.evaluation.decision import Decision
from millpond.iam.evaluation.request import AuthorizationRequest, PolicySet


def evaluate(request: AuthorizationRequest, policies: PolicySet) -> Decision:
    """Whether the policies let the request pass."""
    raise NotImplementedError
