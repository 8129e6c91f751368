"""What enforcement refuses; services turn these into their own error shapes."""

from __future__ import annotations

from millpond.iam.evaluation import Decision


class AccessDeniedError(Exception):
    """A decision that says no; the message is AWS's.

    Attributes:
        decision: What was asked, and why it was denied.
    """

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.message())
        self.decision = decision


class RoleNotAssumableError(Exception):
    """A service cannot take on a role: there is none of that ARN, or its trust policy does not let it.

    Attributes:
        role_arn: The role.
        service: The service's principal, as `lambda.amazonaws.com`.
    """

    def __init__(self, role_arn: str, service: str, reason: str) -> None:
        super().__init__(f"{service} cannot assume the role {role_arn}: {reason}")
        self.role_arn = role_arn
        self.service = service
