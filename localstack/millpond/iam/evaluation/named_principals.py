"""`Principal` and `NotPrincipal` of a resource's policy: whom a statement is about.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from millpond.iam.evaluation.exceptions import MalformedPolicyError
from millpond.iam.evaluation.principal import Principal, PrincipalKind

_EVERYBODY: Final = "*"
_ACCOUNT: Final = re.compile(r"(?:arn:aws[a-z-]*:iam::)?(?P<account>\d{12})(?::root)?")


class Naming(IntEnum):
    """How directly a policy names a caller; the more directly, the fewer of his own policies limit him.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    """

    NOT = 0
    ACCOUNT = 1
    """The account: it still has to say which of its users may."""
    ROLE = 2
    """The role of a session, or the user behind a federated one: boundary and session policies limit it."""
    ITSELF = 3
    """The user, the session, the service, or everybody."""


@dataclass(frozen=True)
class NamedPrincipals:
    """The principals that a statement names.

    Attributes:
        by_kind: `AWS`, `Service`, `Federated`, `CanonicalUser`, with what stands there.
        negated: `NotPrincipal`: the statement is about all others.
    """

    by_kind: Mapping[str, frozenset[str]]
    negated: bool

    def naming(self, principal: Principal) -> Naming:
        """How the statement names a caller."""
        if self.negated:
            return Naming.NOT if self._excludes(principal) else Naming.ITSELF
        return self._naming(principal)

    def _naming(self, principal: Principal) -> Naming:
        named = self.by_kind.get("AWS", frozenset())
        if _EVERYBODY in named:
            return Naming.ITSELF
        if principal.kind is PrincipalKind.SERVICE:
            return Naming.ITSELF if principal.name in self.by_kind.get("Service", ()) else Naming.NOT
        if principal.kind in (PrincipalKind.WEB_IDENTITY, PrincipalKind.SAML):
            return Naming.ITSELF if principal.arn in self.by_kind.get("Federated", ()) else Naming.NOT
        if principal.kind is PrincipalKind.ANONYMOUS:
            return Naming.NOT
        if principal.arn in named:
            return Naming.ITSELF
        if {principal.role_arn, principal.user_arn} - {""} & named:
            return Naming.ROLE
        return Naming.ACCOUNT if self._names_account(principal) else Naming.NOT

    def _names_account(self, principal: Principal) -> bool:
        named = self.by_kind.get("AWS", frozenset())
        return principal.account in named or principal.account_root_arn in named

    def _excludes(self, principal: Principal) -> bool:
        """Whether `NotPrincipal` leaves a caller out: it has to name account, role and session."""
        if self._naming(principal) is Naming.NOT:
            return False
        named = self.by_kind.get("AWS", frozenset())
        if _EVERYBODY in named or not principal.account:
            return True
        chain = {principal.arn, principal.role_arn} - {"", principal.account_root_arn}
        return self._names_account(principal) and chain <= named


NOBODY: Final = NamedPrincipals({}, negated=False)
"""What a statement names that names nobody."""


def read_principals(element: Any, *, negated: bool) -> NamedPrincipals:
    """What stands in `Principal` or `NotPrincipal`.

    Raises:
        MalformedPolicyError: It is none.
    """
    if element == _EVERYBODY:
        return NamedPrincipals({"AWS": frozenset({_EVERYBODY})}, negated)
    if not isinstance(element, Mapping):
        raise MalformedPolicyError("Syntax errors in policy.")
    return NamedPrincipals({kind: frozenset(_names(kind, named)) for kind, named in element.items()}, negated)


def _names(kind: str, named: Any) -> Iterator[str]:
    for name in named if isinstance(named, list | tuple) else [named]:
        if not isinstance(name, str):
            raise MalformedPolicyError("Syntax errors in policy.")
        account = _ACCOUNT.fullmatch(name) if kind == "AWS" else None
        yield account["account"] if account else name
