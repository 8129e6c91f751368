"""The deployer's rights over roles: only below the boundary, and never over its own."""

from __future__ import annotations

from collections.abc import Mapping

from infra.naming import Naming
from infra.policies.deployment.orchestration import link_airflow
from infra.policies.document import Statement
from infra.policies.identity import pass_roles

_SEE_ROLES = (
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:ListRoleTags",
)
_SEE_POLICIES = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyTags", "iam:ListPolicyVersions")
_BOUND_ROLES = (
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
)
_ROLES = (
    "iam:DeleteRole",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "iam:UpdateRoleDescription",
)
_RIGHTS = (
    "iam:AttachRolePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:UpdateAssumeRolePolicy",
)


def identity_statements(
    naming: Naming, deployer: str, boundary: str, passed: Mapping[str, tuple[str, ...]]
) -> tuple[Statement, ...]:
    """Make bounded roles and hand them to services; change neither the boundary nor the deployer itself."""
    account = f"arn:{naming.partition}:iam::{naming.account_id}"
    roles, policies = (f"{account}:{kind}/{naming.name('*')}" for kind in ("role", "policy"))
    boundary_arn = f"{account}:policy/{boundary}"
    deployer_policies = f"{account}:policy/{deployer}-*"
    provider = f"{account}:oidc-provider/*"
    return (
        Statement("SeeRoles", _SEE_ROLES, (roles,)),
        Statement("SeePolicies", _SEE_POLICIES, (policies,)),
        Statement("SeeProvider", ("iam:GetOpenIDConnectProvider",), (provider,)),
        Statement(
            "BoundRoles",
            _BOUND_ROLES,
            (roles,),
            condition={"StringEquals": {"iam:PermissionsBoundary": boundary_arn}},
        ),
        Statement("Roles", _ROLES, (roles,)),
        *(
            statement
            for service, names in passed.items()
            for statement in pass_roles(naming, service, *names)
        ),
        Statement(
            "DenyOwnRights",
            _RIGHTS,
            (naming.role_arn(deployer), boundary_arn, deployer_policies),
            effect="Deny",
        ),
        *link_airflow(naming),
        Statement("DenyUnbounding", ("iam:DeleteRolePermissionsBoundary",), (roles,), effect="Deny"),
    )
