"""What was decided, counted: which caller asked for what, and which statements let it through or kept it out.

Equal decisions are counted, not kept. A caller who touches very many resources has those that come after the
first thousands counted together, so that no action and no statement is ever missing.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from millpond.iam.evaluation import Decision, MatchedStatement, Outcome, PrincipalKind

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
        self._callers: dict[str, dict[_Noted, int]] = {}

    def add(self, decision: Decision) -> None:
        """Count a decision."""
        request = decision.request
        principal = request.principal
        caller = principal.role_arn if principal.kind is PrincipalKind.ASSUMED_ROLE else principal.arn
        reason = "" if decision.allowed else decision.message()
        noted = (request.action, request.resource, decision.outcome, decision.matched, reason)
        with self._lock:
            counts = self._callers.setdefault(caller, {})
            if noted not in counts and len(counts) >= self._most:
                noted = (request.action, OTHER_RESOURCES, decision.outcome, decision.matched, "")
            counts[noted] = counts.get(noted, 0) + 1

    def decisions(self) -> Mapping[str, Mapping[RecordedDecision, int]]:
        """By caller, every different decision and how often it was taken, in order of their first time."""
        with self._lock:
            callers = {caller: dict(counts) for caller, counts in self._callers.items()}
        read: dict[str, dict[RecordedDecision, int]] = {}
        for caller, counts in callers.items():
            # The same statement may have been read anew in the meantime.
            known = read.setdefault(caller, {})
            for noted, count in counts.items():
                entry = _recorded(caller, noted)
                known[entry] = known.get(entry, 0) + count
        return read


_Noted = tuple[str, str, Outcome, tuple[MatchedStatement, ...], str]
"""Action, resource, what came out, by which statements, and why not: what takes the least time to note."""


def _recorded(caller: str, noted: _Noted) -> RecordedDecision:
    action, resource, outcome, by, reason = noted
    statements = tuple(
        StatementKey(
            matched.policy.name, matched.policy.type.value, matched.statement.index, matched.statement.sid
        )
        for matched in by
    )
    return RecordedDecision(caller, action, resource, outcome.value, statements, reason)
