"""Per role what it was granted, used and was denied, each grant with the statement that it belongs to.

A grant is a statement that allows; it counts as used by what was allowed because of it. What is unused is
told by action and by resource of each statement, since either may be too much.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Use:
    """An action that was allowed on a resource, and how often."""

    action: str
    resource: str
    count: int


@dataclass(frozen=True)
class Grant:
    """A statement of a role's policy that allows.

    Attributes:
        policy: The name of an inline policy, the ARN of a managed one.
        statement: Its `Sid`, or the policy with its number.
        document: The statement itself.
        uses: What was allowed because of it.
    """

    policy: str
    statement: str
    document: Mapping[str, Any]
    uses: tuple[Use, ...]

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that it names, with their wildcards; none if it names those that it leaves out."""
        return _listed(self.document.get("Action"))

    @property
    def resources(self) -> tuple[str, ...]:
        """The resources that it names, with their wildcards."""
        return _listed(self.document.get("Resource"))

    @property
    def unused_actions(self) -> tuple[str, ...]:
        """The actions that it names and nobody needed."""
        used = {use.action.lower() for use in self.uses}
        return tuple(
            each for each in self.actions if not any(fnmatch.fnmatchcase(a, each.lower()) for a in used)
        )

    @property
    def unused_resources(self) -> tuple[str, ...]:
        """The resources that it names and nobody needed."""
        used = {use.resource for use in self.uses}
        return tuple(each for each in self.resources if not any(resource_matches(each, one) for one in used))

    @property
    def unused(self) -> tuple[str, ...]:
        """All that nobody needed: the whole statement, or actions and resources of it."""
        if not self.uses:
            return (self.statement,)
        return (*self.unused_actions, *self.unused_resources)


@dataclass(frozen=True)
class Denial:
    """A call that was denied, and how often."""

    action: str
    resource: str
    reason: str
    count: int


@dataclass(frozen=True)
class RoleAccess:
    """A role's grants and denials."""

    arn: str
    name: str
    grants: tuple[Grant, ...]
    denials: tuple[Denial, ...]

    @property
    def is_used(self) -> bool:
        """Whether anything was decided for it at all."""
        return bool(self.denials) or any(grant.uses for grant in self.grants)


@dataclass(frozen=True)
class AccessReport:
    """What the record says about every role.

    Attributes:
        roles: In the order in which they were made.
        others: The denials of everybody who is no role: users, services, the anonymous.
        happened: What was allowed, to whomever.
    """

    roles: tuple[RoleAccess, ...]
    others: Mapping[str, tuple[Denial, ...]]
    happened: tuple[Use, ...] = ()


def report(description: Mapping[str, Any]) -> AccessReport:
    """Read what `GET /_millpond/access` answers."""
    decisions = {caller["arn"]: caller["decisions"] for caller in description["callers"]}
    roles = tuple(_role(role, decisions.pop(role["arn"], [])) for role in description["roles"])
    denials = {arn: _denials(taken) for arn, taken in decisions.items()}
    happened = tuple(use for caller in description["callers"] for use in _uses(caller["decisions"]))
    return AccessReport(roles, {arn: found for arn, found in denials.items() if found}, happened)


def resource_matches(pattern: str, resource: str) -> bool:
    """Whether a policy's resource stands for an ARN; its variables stand for anything."""
    with_wildcards = re.sub(r"\$\{[^}]*\}", "*", pattern)
    escaped = "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in with_wildcards)
    return re.fullmatch(escaped, resource, re.DOTALL) is not None


def _role(role: Mapping[str, Any], decisions: Sequence[Mapping[str, Any]]) -> RoleAccess:
    uses: dict[tuple[str, int], list[Use]] = {}
    for decision in decisions:
        if decision["outcome"] != "allowed":
            continue
        use = Use(decision["action"], decision["resource"], decision["count"])
        for statement in decision["statements"]:
            uses.setdefault((statement["policy"], statement["index"]), []).append(use)
    grants = tuple(
        Grant(
            policy["name"],
            str(statement.get("Sid") or f"{policy['name'].rpartition('/')[2]}#{index}"),
            statement,
            tuple(uses.get((policy["name"], index), ())),
        )
        for policy in role["policies"]
        for index, statement in enumerate(_statements(policy["document"]))
        if statement.get("Effect") == "Allow"
    )
    return RoleAccess(role["arn"], role["name"], grants, _denials(decisions))


def _uses(decisions: Sequence[Mapping[str, Any]]) -> Iterator[Use]:
    for each in decisions:
        if each["outcome"] == "allowed":
            yield Use(each["action"], each["resource"], each["count"])


def _denials(decisions: Sequence[Mapping[str, Any]]) -> tuple[Denial, ...]:
    return tuple(
        Denial(each["action"], each["resource"], each.get("reason", ""), each["count"])
        for each in decisions
        if each["outcome"] != "allowed"
    )


def _statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    statement = document["Statement"]
    return statement if isinstance(statement, list) else [statement]


def _listed(value: Any) -> tuple[str, ...]:
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)
