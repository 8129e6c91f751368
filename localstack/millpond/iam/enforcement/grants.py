"""Grants of KMS keys, as statements of the key's policy: they let in whom they name, whatever else there is.

A grant never denies, and an explicit denial goes before it, as with a policy's own statements.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moto.kms.models import Grant

Statement = Mapping[str, Any]


def statements_of(grant: Grant) -> Iterator[Statement]:
    """What a grant lets its grantee do, and whom it lets retire it."""
    yield {
        "Sid": f"Grant {grant.id}",
        "Effect": "Allow",
        "Principal": _principal(grant.grantee_principal),
        "Action": [f"kms:{operation}" for operation in grant.operations],
        "Resource": "*",
        "Condition": _conditions(grant.constraints or {}),
    }
    if grant.retiring_principal:
        yield {
            "Sid": f"Retire grant {grant.id}",
            "Effect": "Allow",
            "Principal": _principal(grant.retiring_principal),
            "Action": "kms:RetireGrant",
            "Resource": "*",
        }


def with_statements(document: str | Mapping[str, Any], statements: list[Statement]) -> Mapping[str, Any]:
    """A document with more statements."""
    read = json.loads(document) if isinstance(document, str) else document
    return {**read, "Statement": [*listed(read.get("Statement")), *statements]}


def listed(value: Any) -> list[Any]:
    """One statement or many, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _principal(named: str) -> Mapping[str, str]:
    return {"Service" if named.endswith(".amazonaws.com") else "AWS": named}


def _conditions(constraints: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html."""
    subset = constraints.get("EncryptionContextSubset") or {}
    equals = constraints.get("EncryptionContextEquals") or {}
    pairs = {f"kms:EncryptionContext:{name}": value for name, value in {**subset, **equals}.items()}
    conditions: dict[str, Mapping[str, Any]] = {"StringEquals": pairs} if pairs else {}
    if equals:
        conditions["ForAllValues:StringEquals"] = {"kms:EncryptionContextKeys": list(equals)}
    return conditions
