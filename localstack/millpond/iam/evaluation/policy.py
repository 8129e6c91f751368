"""Policy documents, read once and compiled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from typing import Any, Final

from millpond.iam.evaluation.conditions import Condition, Context, read_conditions
from millpond.iam.evaluation.exceptions import MalformedPolicyError
from millpond.iam.evaluation.named_principals import NOBODY, NamedPrincipals, Naming, read_principals
from millpond.iam.evaluation.patterns import (
    PatternList,
    action_patterns,
    literal_beginning,
    resource_pattern,
    resource_patterns,
)
from millpond.iam.evaluation.principal import Principal
from millpond.iam.evaluation.variables import Template, read

CURRENT_VERSION: Final = "2012-10-17"
OLD_VERSION: Final = "2008-10-17"
_VERSIONS: Final = frozenset({CURRENT_VERSION, OLD_VERSION})
_SYNTAX: Final = "Syntax errors in policy."
_ANY_BEGINNING: Final = ("",)


class Effect(Enum):
    """What a statement does to a request that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyType(Enum):
    """Where a policy comes from; the value is how AWS's messages call it."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    TRUST = "role trust policy"


_WITH_PRINCIPALS: Final = (PolicyType.RESOURCE, PolicyType.TRUST)


@dataclass(frozen=True)
class Actions:
    """`Action` or `NotAction`."""

    patterns: PatternList
    negated: bool

    def matches(self, action: str) -> bool:
        """Whether an action, in lower case, is meant."""
        return self.patterns.matches(action) is not self.negated


@dataclass(frozen=True)
class Resources:
    """`Resource` or `NotResource`.

    Attributes:
        patterns: Those without variables.
        templates: Those with variables.
        negated: `NotResource`: all others are meant.
        beginnings: How every resource that is meant begins, in one of these ways.
    """

    patterns: PatternList
    templates: tuple[Template, ...]
    negated: bool
    beginnings: tuple[str, ...]

    def matches(self, resource: str, context: Context) -> bool:
        """Whether a resource is meant."""
        if self.patterns.matches(resource):
            return not self.negated
        for template in self.templates:
            resolved = template.resolve(context)
            if resolved is not None and resource_pattern(resolved).fullmatch(resource):
                return not self.negated
        return self.negated


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement.

    Attributes:
        effect: Allow or deny.
        sid: Its name, empty when it has none.
        index: Its place in the document, from 0.
        actions: `Action` or `NotAction`.
        resources: `Resource` or `NotResource`; `None` in a trust policy: the role itself is meant.
        principals: `Principal` or `NotPrincipal`; `None` in policies of identities. A statement of a
            resource's policy that lacks it names nobody.
        conditions: All of them must be met.
    """

    effect: Effect
    sid: str
    index: int
    actions: Actions
    resources: Resources | None
    principals: NamedPrincipals | None
    conditions: tuple[Condition, ...]

    @property
    def beginnings(self) -> tuple[str, ...]:
        """How every resource that it is about begins, in one of these ways."""
        return _ANY_BEGINNING if self.resources is None else self.resources.beginnings

    @cached_property
    def context_keys(self) -> frozenset[str]:
        """The condition keys that it reads, as it spells them."""
        names = {name for condition in self.conditions for name in condition.names}
        if self.resources is not None:
            names.update(name for template in self.resources.templates for name in template.names)
        return frozenset(names)

    def names(self, principal: Principal) -> Naming:
        """How it names a caller; one without `Principal` is about whoever has the policy."""
        return Naming.ITSELF if self.principals is None else self.principals.naming(principal)

    def applies_to(self, resource: str, context: Context) -> bool:
        """Whether resource and conditions match; the action has been looked at already."""
        if self.resources is not None and not self.resources.matches(resource, context):
            return False
        # A loop, since a generator costs more than most conditions do.
        for condition in self.conditions:  # noqa: SIM110 - see above
            if not condition.holds(context):
                return False
        return True


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy document.

    Attributes:
        name: The name of an inline policy, the ARN of a managed one, the resource's ARN of a resource's.
        type: Where it comes from.
        version: `2012-10-17` or `2008-10-17`; the latter knows no variables.
        statements: In the document's order.
    """

    name: str
    type: PolicyType
    version: str
    statements: tuple[Statement, ...]

    def about(self, action: str) -> tuple[Statement, ...]:
        """The statements about an action, whatever its case."""
        return _about(self, action)

    def keys_read_for(self, action: str) -> frozenset[str]:
        """The condition keys, in lower case, that a decision about an action may depend on."""
        return _keys_read_for(self, action)


@lru_cache(maxsize=16384)
def _keys_read_for(policy: Policy, action: str) -> frozenset[str]:
    return frozenset(key.lower() for statement in policy.about(action) for key in statement.context_keys)


@lru_cache(maxsize=16384)
def _about(policy: Policy, action: str) -> tuple[Statement, ...]:
    lower = action.lower()
    return tuple(statement for statement in policy.statements if statement.actions.matches(lower))


def parse_policy(document: str | Mapping[str, Any], name: str, policy_type: PolicyType) -> Policy:
    """A document, read and compiled; the same text is read once only.

    Raises:
        MalformedPolicyError: The document is no policy.
    """
    text = document if isinstance(document, str) else json.dumps(document)
    return _parse(text, name, policy_type)


@lru_cache(maxsize=4096)
def _parse(text: str, name: str, policy_type: PolicyType) -> Policy:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise MalformedPolicyError(_SYNTAX) from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise MalformedPolicyError(_SYNTAX)
    version = document.get("Version", OLD_VERSION)
    if version not in _VERSIONS:
        raise MalformedPolicyError(_SYNTAX)
    listed = _listed(document["Statement"])
    names_whom = policy_type in _WITH_PRINCIPALS
    statements = tuple(_statement(each, index, version, names_whom) for index, each in enumerate(listed))
    return Policy(name, policy_type, version, statements)


def _statement(element: Any, index: int, version: str, names_whom: bool) -> Statement:
    if not isinstance(element, dict):
        raise MalformedPolicyError(_SYNTAX)
    try:
        effect = Effect(element.get("Effect"))
    except ValueError as error:
        raise MalformedPolicyError(_SYNTAX) from error
    has_variables = version == CURRENT_VERSION
    return Statement(
        effect=effect,
        sid=str(element.get("Sid", "")),
        index=index,
        actions=_actions(element),
        resources=_resources(element, has_variables),
        principals=_principals(element) or (NOBODY if names_whom else None),
        conditions=read_conditions(element.get("Condition") or {}, has_variables=has_variables),
    )


def _actions(element: Mapping[str, Any]) -> Actions:
    if ("Action" in element) is ("NotAction" in element):
        raise MalformedPolicyError("Policy statement must contain actions.")
    negated = "NotAction" in element
    return Actions(action_patterns(_texts(element["NotAction" if negated else "Action"])), negated)


def _resources(element: Mapping[str, Any], has_variables: bool) -> Resources | None:
    if "Resource" not in element and "NotResource" not in element:
        return None
    negated = "NotResource" in element
    texts = _texts(element["NotResource" if negated else "Resource"])
    known = [read(text, has_variables=has_variables) for text in texts]
    fixed = resource_patterns(each for each in known if isinstance(each, str))
    templates = tuple(each for each in known if isinstance(each, Template))
    beginnings = tuple(literal_beginning(each if isinstance(each, str) else each.beginning) for each in known)
    return Resources(fixed, templates, negated, _ANY_BEGINNING if negated else beginnings)


def _principals(element: Mapping[str, Any]) -> NamedPrincipals | None:
    if "Principal" not in element and "NotPrincipal" not in element:
        return None
    negated = "NotPrincipal" in element
    return read_principals(element["NotPrincipal" if negated else "Principal"], negated=negated)


def _texts(value: Any) -> list[str]:
    texts = _listed(value)
    if not all(isinstance(each, str) for each in texts):
        raise MalformedPolicyError(_SYNTAX)
    return texts


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
