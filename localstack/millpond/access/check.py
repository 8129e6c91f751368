"""Whether roles have what they use and no more: unused grants that nobody gave a reason for, and denials."""

from __future__ import annotations

from dataclasses import dataclass

from millpond.access.exceptions import AccessNotTight
from millpond.access.reasons import Reasons
from millpond.access.report import AccessReport, Denial


@dataclass(frozen=True)
class UnusedGrant:
    """An action, a resource or a whole statement that a role has and did not use.

    Attributes:
        role: The role's name.
        policy: The policy that grants it.
        statement: The statement that grants it.
        item: The action or resource; the statement's own name for all of it.
        reason: Why it stays, if somebody said so.
    """

    role: str
    policy: str
    statement: str
    item: str
    reason: str | None


@dataclass(frozen=True)
class CheckResult:
    """What a check found."""

    unused: tuple[UnusedGrant, ...]
    denied: tuple[tuple[str, Denial], ...]

    @property
    def unexplained(self) -> tuple[UnusedGrant, ...]:
        """The unused grants without a reason."""
        return tuple(each for each in self.unused if each.reason is None)

    def raise_if_loose(self) -> None:
        """Fail if anything was found.

        Raises:
            AccessNotTight: There are unused grants without a reason, or denials.
        """
        if self.unexplained or self.denied:
            raise AccessNotTight(len(self.unexplained), sum(denial.count for _, denial in self.denied))


def check(found: AccessReport, reasons: Reasons) -> CheckResult:
    """Compare what roles were granted with what they used and were denied."""
    unused = tuple(
        UnusedGrant(
            role.name, grant.policy, grant.statement, item, reasons.find(role, grant, item, found.happened)
        )
        for role in found.roles
        for grant in role.grants
        for item in grant.unused
    )
    denied = tuple((role.name, denial) for role in found.roles for denial in role.denials)
    return CheckResult(unused, denied)
