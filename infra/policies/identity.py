"""Who may take a role, and which roles a role may take or pass on."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement, policy, title

GITHUB_ISSUER = "token.actions.githubusercontent.com"


def trust_service(naming: Naming, *services: str, source: str | None = None) -> str:
    """A trust policy: services may take the role, on behalf of this account only.

    Args:
        naming: What things are called.
        services: `glue.amazonaws.com`, say.
        source: The ARN of the one resource that the service may act for. Not every service says for which
            it does; those that do not are held to the account.
    """
    condition: dict[str, dict[str, str]] = {"StringEquals": {"aws:SourceAccount": naming.account_id}}
    if source:
        condition["ArnLike"] = {"aws:SourceArn": source}
    names = services[0] if len(services) == 1 else list(services)
    return policy(
        [Statement("Trust", ("sts:AssumeRole",), principal={"Service": names}, condition=condition)]
    )


def trust_function_service() -> str:
    """A trust policy for the role of a function: Lambda does not say for which function it takes it."""
    principal = {"Service": "lambda.amazonaws.com"}
    return policy([Statement("Trust", ("sts:AssumeRole",), principal=principal)])


def trust_account(naming: Naming) -> str:
    """A trust policy: whoever the account's own policies allow may take the role."""
    root = f"arn:{naming.partition}:iam::{naming.account_id}:root"
    return policy([Statement("Trust", ("sts:AssumeRole",), principal={"AWS": root})])


def trust_github(naming: Naming, provider_arn: str, repository: str, environment: str) -> str:
    """A trust policy: GitHub's workflows may take the role, of one repository and deployment environment.

    https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments
    """
    condition = {
        "StringEquals": {
            f"{GITHUB_ISSUER}:aud": f"sts.{naming.dns_suffix}",
            f"{GITHUB_ISSUER}:sub": f"repo:{repository}:environment:{environment}",
        }
    }
    principal = {"Federated": provider_arn}
    return policy(
        [Statement("Trust", ("sts:AssumeRoleWithWebIdentity",), principal=principal, condition=condition)]
    )


def assume_role(naming: Naming, role: str) -> tuple[Statement, ...]:
    """Take another role."""
    return (Statement(title(naming, "Assume", role), ("sts:AssumeRole",), (naming.role_arn(role),)),)


def pass_roles(naming: Naming, service: str, *roles: str) -> tuple[Statement, ...]:
    """Hand roles to one service, and to no other."""
    return (
        Statement(
            title(naming, "PassTo", service.partition(".")[0]),
            ("iam:PassRole",),
            tuple(naming.role_arn(role) for role in roles),
            condition={"StringEquals": {"iam:PassedToService": service}},
        ),
    )
