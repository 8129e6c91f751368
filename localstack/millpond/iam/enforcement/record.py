"""What was decided, counted: which caller asked for what, and which statements let it through or kept it out.

Equal decisions are counted, not kept, and there are only so many different ones; what comes when the room is
used up is counted together, so that a reader can tell that something is missing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from millpond.iam.evaluation import Decision, Outcome, PrincipalKind

_CAPACITY = 50_000


@dataclass(frozen=True)
class StatementKey:
    """A statement of a policy, named so that it is found again."""

    policy: str
    policy_type: str
    index: int
    sid: str


@dataclass(frozen=True)
class RecordedDecision:
    """What makes decisions equal.

    Attributes:
        caller: The role's ARN for its sessions, else the caller's own.
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


class AccessRecord:
    """The decisions of one local cloud since it started."""

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._counts: dict[RecordedDecision, int] = {}
        self._left_out = 0

    def add(self, decision: Decision) -> None:
        """Count a decision."""
        entry = _recorded(decision)
        with self._lock:
            known = self._counts.get(entry)
            if known is None and len(self._counts) >= self._capacity:
                self._left_out += 1
                return
            self._counts[entry] = (known or 0) + 1

    def counts(self) -> dict[RecordedDecision, int]:
        """Every different decision and how often it was taken, in the order of their first time."""
        with self._lock:
            return dict(self._counts)

    @property
    def left_out(self) -> int:
        """How many decisions found no room."""
        with self._lock:
            return self._left_out

    def clear(self) -> None:
        """Begin anew."""
        with self._lock:
            self._counts.clear()
            self._left_out = 0


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
        "" if decision.outcome is Outcome.ALLOWED else decision.message(),
    )
