"""Why a grant stays although a run did not use it: a file that names role, statement and action.

    millpond-*-deployer: Deploys from GitHub; no run of the demo does.
    millpond-*-analyst:
      RunQueries:
        athena:StopQueryExecution: Who starts a query may stop it.
      ReadMarts: ...
    millpond-*-crawler:
      ReadLanding:
        reason: Where no customers were delivered there is nothing to crawl.
        unless: s3:PutObject arn:aws:s3:::*-landing/customers/*

Roles, actions and resources may be named by a pattern. A statement is named by its `Sid`, or by its policy
and number (`policy#0`). A reason that depends on the run says `unless` what: it does not count once somebody
was allowed the action on such a resource.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from millpond.access.exceptions import InvalidReasons
from millpond.access.report import Grant, RoleAccess, Use, resource_matches

_WHOLE = ""
_CONDITIONAL = {"reason", "unless"}


@dataclass(frozen=True)
class Event:
    """An action on some resource.

    Attributes:
        action: Such as `s3:PutObject`.
        resource: An ARN with wildcards.
    """

    action: str
    resource: str

    def is_among(self, uses: Iterable[Use]) -> bool:
        """Whether it happened."""
        return any(
            use.action == self.action and resource_matches(self.resource, use.resource) for use in uses
        )


@dataclass(frozen=True)
class Reason:
    """Why something stays.

    Attributes:
        text: As the file has it.
        unless: What must not have happened.
    """

    text: str
    unless: Event | None = None

    def counts_after(self, happened: Iterable[Use]) -> bool:
        """Whether it is a reason in a run in which this happened."""
        return self.unless is None or not self.unless.is_among(happened)


@dataclass(frozen=True)
class Reasons:
    """Reasons by role, statement and action or resource; the empty name stands for all of it."""

    by_role: Mapping[str, Mapping[str, Mapping[str, Reason]]] = field(default_factory=dict)

    def find(self, role: RoleAccess, grant: Grant, item: str, happened: Iterable[Use]) -> str | None:
        """Why an unused action or resource of a grant stays, if somebody said so."""
        for pattern, statements in self.by_role.items():
            if not fnmatch.fnmatchcase(role.name, pattern):
                continue
            for statement in (_WHOLE, grant.statement):
                for name, reason in statements.get(statement, {}).items():
                    is_meant = name in (_WHOLE, item) or fnmatch.fnmatchcase(item, name)
                    if is_meant and reason.counts_after(happened):
                        return reason.text
        return None


def read_reasons(file: Path) -> Reasons:
    """Read a file of reasons.

    Raises:
        InvalidReasons: It is no YAML, or not of the form above.
    """
    try:
        content = yaml.load(file.read_text(), _EachOnce) or {}  # noqa: S506 - a safe loader, and stricter
    except yaml.YAMLError as error:
        raise InvalidReasons(file, f"it cannot be read: {error}") from error
    except OSError as error:
        raise InvalidReasons(file, str(error)) from error
    if not isinstance(content, dict):
        raise InvalidReasons(file, "it is no mapping")
    return Reasons({str(role): _statements(file, role, value) for role, value in content.items()})


class _EachOnce(yaml.SafeLoader):
    """Of two entries of the same name YAML would keep one, and so lose reasons without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose names are all different."""
        names = [self.construct_object(name, deep=True) for name, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} is there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def _statements(file: Path, role: Any, value: Any) -> dict[str, dict[str, Reason]]:
    whole = _reason(file, f"role {role}", value)
    if whole is not None:
        return {_WHOLE: {_WHOLE: whole}}
    if not isinstance(value, dict):
        raise InvalidReasons(file, f"role {role} has neither a reason nor statements")
    return {str(name): _items(file, f"{role}, {name}", each) for name, each in value.items()}


def _items(file: Path, place: str, value: Any) -> dict[str, Reason]:
    whole = _reason(file, place, value)
    if whole is not None:
        return {_WHOLE: whole}
    read = (
        {str(name): _reason(file, place, each) for name, each in value.items()}
        if isinstance(value, dict)
        else {}
    )
    known = {name: reason for name, reason in read.items() if reason is not None}
    if not known or len(known) < len(read):
        raise InvalidReasons(file, f"{place} has neither a reason nor actions and resources with reasons")
    return known


def _reason(file: Path, place: str, value: Any) -> Reason | None:
    """A reason, if this is one."""
    if isinstance(value, str):
        return Reason(value)
    if not isinstance(value, dict) or set(value) != _CONDITIONAL:
        return None
    action, _, resource = str(value["unless"]).partition(" ")
    if not resource.startswith("arn:"):
        wanted = "an action and an ARN, such as `s3:PutObject arn:aws:s3:::landing/*`"
        raise InvalidReasons(file, f"{place}: `unless` is not {wanted}")
    return Reason(str(value["reason"]), Event(action, resource))
