"""The tightest policy that a run needed: a role's statements, cut down to what it used of them."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from typing import Any

from millpond.access.report import Grant, RoleAccess, resource_matches

_MOST_RESOURCES = 10


def propose(role: RoleAccess) -> dict[str, Any]:
    """A policy document that allows what the role used, under the conditions that it has now."""
    return {
        "Version": "2012-10-17",
        "Statement": [_statement(grant) for grant in role.grants if grant.uses],
    }


def _statement(grant: Grant) -> dict[str, Any]:
    kept = {key: value for key, value in grant.document.items() if key in ("Sid", "Effect", "Condition")}
    return {**kept, "Action": _actions(grant), "Resource": _resources(grant)}


def _actions(grant: Grant) -> list[str]:
    """The actions that were used; each by its name, also where the statement has a wildcard for it."""
    return sorted({use.action for use in grant.uses})


def _resources(grant: Grant) -> list[str]:
    """The statement's resources that were used; the ARNs themselves in place of one that means everything."""
    used = {use.resource for use in grant.uses}
    kept: list[str] = []
    for pattern in grant.resources or ("*",):
        found = sorted(each for each in used if resource_matches(pattern, each))
        if pattern == "*" or fnmatch.fnmatchcase("arn:aws:any:any:any", pattern):
            kept += _told_apart(found)
        elif found:
            kept.append(pattern)
    return list(dict.fromkeys(kept))


def _told_apart(arns: Iterable[str]) -> list[str]:
    """ARNs as they are, or when there are many, the folders that they lie in."""
    listed = list(arns)
    while len(listed) > _MOST_RESOURCES:
        shorter = sorted({_folder(arn) for arn in listed})
        if shorter == listed:
            break
        listed = shorter
    return listed


def _folder(arn: str) -> str:
    """One level up: `...:bucket/raw/sales/a.csv` becomes `...:bucket/raw/sales/*`."""
    parent = arn.removesuffix("/*").rpartition("/")[0]
    return f"{parent}/*" if parent else arn
