"""The record of decisions beside what the roles were granted, as `GET /_millpond/access` answers it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.iam.models import ManagedPolicy, Role, iam_backends

from millpond import ACCOUNT_ID
from millpond.iam.enforcement import Authorizer
from millpond.iam.enforcement.record import RecordedDecision


def describe_access(authorizer: Authorizer) -> dict[str, Any]:
    """Every role's policies, and every caller's decisions."""
    decisions = authorizer.record.decisions()
    return {
        "enforced": authorizer.enforced,
        "roles": [_role(role) for role in list(iam_backends[ACCOUNT_ID]["aws"].roles.values())],
        "callers": [_caller(arn, counts) for arn, counts in decisions.items()],
    }


def _role(role: Role) -> dict[str, Any]:
    """A role and the documents of its policies."""
    inline = [{"name": name, "document": _read(document)} for name, document in list(role.policies.items())]
    managed = [
        {"name": policy.arn, "document": _in_force(policy), "aws": policy.arn.startswith("arn:aws:iam::aws:")}
        for policy in list(role.managed_policies.values())
    ]
    return {"arn": role.arn, "name": role.name, "policies": [*inline, *managed]}


def _in_force(policy: ManagedPolicy) -> Any:
    """The document of a managed policy's default version."""
    versions = {version.version_id: version.document for version in policy.versions}
    return _read(versions[policy.default_version_id])


def _read(document: Any) -> Any:
    return json.loads(document) if isinstance(document, str) else document


def _caller(arn: str, counts: Mapping[RecordedDecision, int]) -> dict[str, Any]:
    """A caller and what was decided about its calls."""
    return {
        "arn": arn,
        "decisions": [
            {
                "action": decision.action,
                "resource": decision.resource,
                "outcome": decision.outcome,
                "count": count,
                "statements": [
                    {
                        "policy": statement.policy,
                        "type": statement.policy_type,
                        "index": statement.index,
                        "sid": statement.sid,
                    }
                    for statement in decision.statements
                ],
                **({"reason": decision.reason} if decision.reason else {}),
            }
            for decision, count in counts.items()
        ],
    }
