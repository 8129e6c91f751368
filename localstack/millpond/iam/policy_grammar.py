"""What IAM accepts as a policy of an identity and as a trust policy, and what it says of the rest.

Roles, groups and users take inline documents up to a size together, a managed policy has one of its own;
white space does not count.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from moto.iam.exceptions import LimitExceededException, MalformedPolicyDocument
from moto.iam.policy_validation import IAMPolicyDocumentValidator

from millpond.iam.evaluation import MalformedPolicyError, PolicyType, parse_policy
from millpond.iam.evaluation.policy import CURRENT_VERSION, OLD_VERSION

MANAGED_POLICY_SIZE: Final = 6144
TRUST_POLICY_SIZE: Final = 2048
INLINE_POLICIES_SIZE: Final = {"user": 2048, "group": 5120, "role": 10240}

_SID: Final = re.compile(r"[0-9A-Za-z]*")
_TOP_FIELDS: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT_FIELDS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Condition"}
)
_PROHIBITED_FIELDS: Final = ("Resource", "NotResource")
_PRINCIPAL_KINDS: Final = frozenset({"AWS", "Service", "Federated"})
_TRUST_ACTIONS: Final = re.compile(
    r"sts:(\*|AssumeRole.*|TagSession|SetSourceIdentity|SetContext)", re.IGNORECASE
)
_AWS_PRINCIPAL: Final = re.compile(
    r"\*|\d{12}|[A-Z0-9]{16,}"
    r"|arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)/.+)"
    r"|arn:aws[a-z-]*:sts::\d{12}:((assumed-role|federated-user)/.+|self)"
)


def check_identity_policy(text: str) -> None:
    """A policy of a user, group or role, or a managed one.

    Raises:
        MalformedPolicyDocument: It is none.
    """
    for statement in _statements_of(text):
        if "Principal" in statement or "NotPrincipal" in statement:
            raise MalformedPolicyDocument("Policy document should not specify a principal.")
        if not _SID.fullmatch(str(statement.get("Sid", ""))):
            raise MalformedPolicyDocument(
                "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
                "expression [0-9A-Za-z]*"
            )
    IAMPolicyDocumentValidator(text).validate()
    _check_evaluable(text, PolicyType.IDENTITY)


def check_managed_policy(text: str) -> None:
    """A managed policy.

    Raises:
        MalformedPolicyDocument: It is none.
        LimitExceededException: It is too long.
    """
    check_identity_policy(text)
    if _size(text) > MANAGED_POLICY_SIZE:
        raise LimitExceededException(f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_SIZE}")


def check_inline_size(kind: str, name: str, texts: Iterable[str]) -> None:
    """All inline policies of one user, group or role.

    Args:
        kind: `user`, `group` or `role`.
        name: What it is called.
        texts: The documents.

    Raises:
        LimitExceededException: They are too long together.
    """
    most = INLINE_POLICIES_SIZE[kind]
    if sum(map(_size, texts)) > most:
        raise LimitExceededException(f"Maximum policy size of {most} bytes exceeded for {kind} {name}")


def check_trust_policy(text: str, exists: Callable[[str], bool]) -> None:
    """A role's trust policy.

    Args:
        text: The document.
        exists: Whether there is a user or role of an ARN; of another account, whoever can be.

    Raises:
        MalformedPolicyDocument: It is none, or names somebody who is not there.
        LimitExceededException: It is too long.
    """
    document = _object(text)
    _check_fields(document, _TOP_FIELDS, ("Statement",))
    if document.get("Version", OLD_VERSION) not in (CURRENT_VERSION, OLD_VERSION):
        raise MalformedPolicyDocument("The policy must contain a valid version string")
    statements = _listed(document["Statement"])
    if not statements:
        raise MalformedPolicyDocument("Missing required field Statement")
    for statement in statements:
        _check_trust_statement(statement, exists)
    _check_evaluable(text, PolicyType.TRUST)
    if _size(text) > TRUST_POLICY_SIZE:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_SIZE}")


def _check_trust_statement(statement: Any, exists: Callable[[str], bool]) -> None:
    if not isinstance(statement, dict):
        raise MalformedPolicyDocument("This policy contains invalid Json")
    for field in _PROHIBITED_FIELDS:
        if field in statement:
            raise MalformedPolicyDocument(f"Has prohibited field {field}")
    _check_fields(statement, _STATEMENT_FIELDS, ("Effect",))
    if "Principal" not in statement and "NotPrincipal" not in statement:
        raise MalformedPolicyDocument("Missing required field Principal")
    if "Action" not in statement and "NotAction" not in statement:
        raise MalformedPolicyDocument("Missing required field Action")
    for action in _listed(statement.get("Action", [])):
        if not isinstance(action, str) or not _TRUST_ACTIONS.fullmatch(action):
            raise MalformedPolicyDocument("AssumeRole policy may only specify STS AssumeRole actions.")
    for kind, name in _principals(statement):
        if not _is_valid_principal(kind, name, exists):
            raise MalformedPolicyDocument(f'Invalid principal in policy: "{kind.upper()}":"{name}"')


def _principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    element = statement.get("Principal", statement.get("NotPrincipal"))
    if element == "*":
        return
    if not isinstance(element, dict):
        raise MalformedPolicyDocument(f'Invalid principal in policy: "STAR":"{element}"')
    for kind, names in element.items():
        for name in _listed(names):
            yield kind, str(name)


def _is_valid_principal(kind: str, name: str, exists: Callable[[str], bool]) -> bool:
    if kind not in _PRINCIPAL_KINDS or not name:
        return False
    if kind != "AWS":
        return True
    return _AWS_PRINCIPAL.fullmatch(name) is not None and exists(name)


def _check_fields(element: Mapping[str, Any], known: frozenset[str], required: tuple[str, ...]) -> None:
    for field in element:
        if field not in known:
            raise MalformedPolicyDocument(f"Unknown field {field}")
    for field in required:
        if field not in element:
            raise MalformedPolicyDocument(f"Missing required field {field}")


def _check_evaluable(text: str, policy_type: PolicyType) -> None:
    """What is kept must be readable when requests are decided."""
    try:
        parse_policy(text, "", policy_type)
    except MalformedPolicyError as error:
        raise MalformedPolicyDocument(str(error)) from error


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise MalformedPolicyDocument("This policy contains invalid Json")
    return document


def _statements_of(text: str) -> Iterator[dict[str, Any]]:
    """The statements of a document as far as there are any; what else is wrong is found later."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise MalformedPolicyDocument("Syntax errors in policy.") from error
    if isinstance(document, dict):
        yield from (each for each in _listed(document.get("Statement", [])) if isinstance(each, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _size(text: str) -> int:
    return sum(not character.isspace() for character in text)
