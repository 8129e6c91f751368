"""The tables under `cases/`: policies, and requests with what AWS's documentation says of them.

A group has a `page`, policies and `requests`; a request is who asks (a name of `principals.yaml`), the
action, the resource, the condition keys and what must come out: `allowed`, `denied: <type>` by a statement,
or `lacking: <type>` when no policy of that type allows it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from millpond.iam.evaluation import (
    AuthorizationRequest,
    Decision,
    Outcome,
    Policy,
    PolicySet,
    PolicyType,
    Principal,
    PrincipalKind,
    parse_policy,
)

CASES: Final = Path(__file__).parent / "cases"
USER_GUIDE: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"


@dataclass(frozen=True)
class Case:
    """One request, the policies that bear on it, and what AWS's documentation says must come out."""

    name: str
    page: str
    request: AuthorizationRequest
    policies: PolicySet
    expected: str


def all_cases() -> Iterator[Case]:
    """The cases of all tables, in their order."""
    principals = {
        name: _principal(fields) for name, fields in yaml.safe_load(_text("principals.yaml")).items()
    }
    for path in sorted(CASES.glob("*.yaml")):
        if path.name != "principals.yaml":
            yield from _cases_of(path, principals)


def outcome_of(decision: Decision) -> str:
    """A decision in the tables' words."""
    if decision.outcome is Outcome.ALLOWED:
        return "allowed"
    word = "denied" if decision.outcome is Outcome.EXPLICIT_DENY else "lacking"
    return f"{word}: {decision.policy_type.name.lower() if decision.policy_type else 'nothing'}"


def _cases_of(path: Path, principals: Mapping[str, Principal]) -> Iterator[Case]:
    for group_number, group in enumerate(yaml.safe_load(path.read_text()), 1):
        page = group["page"] if group["page"].startswith("https://") else USER_GUIDE + group["page"]
        policies = _policies(group)
        for number, (who, action, resource, context, expected) in enumerate(group["requests"], 1):
            request = AuthorizationRequest(
                principals[who],
                action,
                resource,
                {key: _values(values) for key, values in context.items()},
                group.get("resource_account", ""),
            )
            name = f"{path.stem}-{group_number}-{number}-{who}-{action}"
            yield Case(name, page, request, policies, expected)


def _policies(group: Mapping[str, Any]) -> PolicySet:
    version = group.get("version", "2012-10-17")

    def read(field: str, policy_type: PolicyType) -> Policy | None:
        if not group.get(field):
            return None
        return parse_policy({"Version": version, "Statement": group[field]}, field, policy_type)

    identity, session = read("identity", PolicyType.IDENTITY), read("session", PolicyType.SESSION)
    passed = () if session is None else (session,)
    policies = PolicySet(
        () if identity is None else (identity,),
        read("boundary", PolicyType.BOUNDARY),
        passed if "session" in group else None,
    )
    if "trust" in group:
        return policies.with_resource(read("trust", PolicyType.TRUST), decides=True)
    if "key_policy" in group:
        return policies.with_resource(read("key_policy", PolicyType.RESOURCE), decides=True)
    return policies.with_resource(read("resource_policy", PolicyType.RESOURCE))


def _principal(fields: Mapping[str, Any]) -> Principal:
    kind, account, name = PrincipalKind(fields["kind"]), fields.get("account", ""), fields.get("name", "")
    role = fields.get("role", "")
    arns = {
        PrincipalKind.ROOT: f"arn:aws:iam::{account}:root",
        PrincipalKind.USER: f"arn:aws:iam::{account}:user/{name}",
        PrincipalKind.ASSUMED_ROLE: f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/{name}",
        PrincipalKind.FEDERATED_USER: f"arn:aws:sts::{account}:federated-user/{name}",
        PrincipalKind.ANONYMOUS: "*",
    }
    return Principal(
        kind,
        fields.get("arn") or arns.get(kind, name),
        account,
        fields.get("user_id", ""),
        name,
        role_arn=f"arn:aws:iam::{account}:role/{role}" if role else "",
        user_arn=f"arn:aws:iam::{account}:user/{fields['user']}" if "user" in fields else "",
        tags=fields.get("tags", {}),
        session={key: _values(values) for key, values in fields.get("session", {}).items()},
    )


def _values(values: Any) -> tuple[str, ...]:
    return tuple(values) if isinstance(values, list) else (values,)


def _text(name: str) -> str:
    return (CASES / name).read_text()
