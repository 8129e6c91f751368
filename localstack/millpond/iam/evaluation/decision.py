"""What was decided, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from millpond.iam.evaluation.policy import Policy, PolicyType, Statement
from millpond.iam.evaluation.request import AuthorizationRequest

_ARTICLES: Final = {PolicyType.TRUST: "the", PolicyType.IDENTITY: "an"}


class Outcome(Enum):
    """The three ends of an evaluation; the value is what the policy simulator calls them."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


@dataclass(frozen=True, eq=False)
class MatchedStatement:
    """A statement that matched the request, and the policy that it is in; as unique as these are."""

    policy: Policy
    statement: Statement


@dataclass(frozen=True)
class Decision:
    """Allowed or not.

    Attributes:
        request: What was asked.
        outcome: Allowed, denied by a statement, or denied because nothing allows it.
        policy_type: What allowed it (`None` for the account's administrator), what denied it, or which kind
            of policy lacks the permission.
        matched: The statements that led to it: those that allow it, or those that deny it.
    """

    request: AuthorizationRequest
    outcome: Outcome
    policy_type: PolicyType | None
    matched: tuple[MatchedStatement, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the request may go on."""
        return self.outcome is Outcome.ALLOWED

    def message(self, *, quote_resource: bool = False) -> str:
        """Why not, in AWS's words; S3 puts the resource in quotation marks, the others do not.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
        """
        request = self.request
        said = f"User: {request.principal.arn} is not authorized to perform: {request.action}"
        if request.resource != "*":
            said += (
                f' on resource: "{request.resource}"'
                if quote_resource
                else f" on resource: {request.resource}"
            )
        if self.policy_type is None:
            return said
        if self.outcome is Outcome.EXPLICIT_DENY:
            article = _ARTICLES.get(self.policy_type, "a")
            return f"{said} with an explicit deny in {article} {self.policy_type.value}"
        return f"{said} because no {self.policy_type.value} allows the {request.action} action"
