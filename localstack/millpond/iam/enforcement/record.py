"""What was decided, counted: which caller asked for what, and which statements let it through or kept it out.

Equal decisions are counted, not kept. A caller who touches very many resources has those that come after the
first thousands counted together, so that no action and no statement is ever missing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from millpond.iam.evaluation import Decision, Outcome, PrincipalKind

_MOST_PER_CALLER = 5_000

OTHER_RESOURCES = "..."
"""In place of the resources that found no room."""


@dataclass(frozen=True)
class StatementKey:
    """A statement of a policy, named so that it is found again.

    Attributes:
        policy: The name of an inline policy, the ARN of a managed one, the resource of a resource's.
        policy_type: As AWS's messages call it.
        index: Its place in the document.
        sid: Its name, if it has one.
    """

    policy: str
    policy_type: str
    index: int
    sid: str


@dataclass(frozen=True)
class RecordedDecision:
    """What makes decisions equal.

    Attributes:
        caller: The role's ARN for its sessions, else the caller's own.
        action: What was asked for.
        resource: On what.
        outcome: As the policy simulator calls it: `allowed`, `explicitDeny`, `implicitDeny`.
        statements: Those that led to it.
        reason: AWS's message when it was denied.
    """

    caller: str
    action: str
    resource: str
    outcome: str
    statements: tuple[StatementKey, ...] = ()
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it let the request pass."""
        return self.outcome == Outcome.ALLOWED.value


class AccessRecord:
    """The decisions of one local cloud since it started.

    Args:
        most_per_caller: How many different decisions of one caller are told apart.
    """

    def __init__(self, most_per_caller: int = _MOST_PER_CALLER) -> None:
        self._most = most_per_caller
        self._lock = threading.Lock()
        self._callers: dict[str, dict[RecordedDecision, int]] = {}

    def add(self, decision: Decision) -> None:
        """Count a decision."""
        entry = _recorded(decision)
        with self._lock:
            counts = self._callers.setdefault(entry.caller, {})
            if entry not in counts and len(counts) >= self._most:
                entry = replace(entry, resource=OTHER_RESOURCES, reason="")
            counts[entry] = counts.get(entry, 0) + 1

    def decisions(self) -> Mapping[str, Mapping[RecordedDecision, int]]:
        """By caller, every different decision and how often it was taken, in order of their first time."""
        with self._lock:
            return {caller: dict(counts) for caller, counts in self._callers.items()}


def _recorded(decision: Decision) -> RecordedDecision:
    request = decision.request
    principal = request.principal
    statements = tuple(
        StatementKey(
            matched.policy.name, matched.policy.type.value, matched.statement.index, matched.statement.sid
        )
        for matched in decision.matched
    )
    return RecordedDecision(
        principal.role_arn if principal.kind is PrincipalKind.ASSUMED_ROLE else principal.arn,
        request.action,
        request.resource,
        decision.outcome.value,
        statements,
        "" if decision.allowed else decision.message(),
    )
