"""The role that GitHub's workflows take to deploy, without a secret that could be stolen."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.access import BOUNDARY
from infra.jobs import SCRIPTS_PREFIX
from infra.naming import Naming
from infra.policies import policy
from infra.policies.deployment import deployment_policies
from infra.policies.identity import GITHUB_ISSUER, trust_github
from infra.roles import DAGS_PREFIX

DEPLOYER = "deployer"

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_ONE_HOUR = 3600
# Which roles are handed to which service when a deployment makes or changes what runs as them.
_PASSED = {
    "lambda.amazonaws.com": ("ingest", "collect-events"),
    "firehose.amazonaws.com": ("firehose",),
    "glue.amazonaws.com": ("crawler", "compact-raw", "sessionize-events"),
    "states.amazonaws.com": ("batch-load",),
    "scheduler.amazonaws.com": ("scheduler",),
    "airflow.amazonaws.com": ("airflow",),
}


@dataclass(frozen=True)
class CiIdentityArgs:
    """The deployer.

    Attributes:
        naming: What things are called.
        repository: The repository on GitHub, as `owner/name`.
        environment: The deployment environment there, whose rules say who may deploy.
        owns_account: Whether the account's one provider for GitHub is made here, or is there already.
    """

    naming: Naming
    repository: str
    environment: str
    owns_account: bool

    def __post_init__(self) -> None:
        if not _REPOSITORY.fullmatch(self.repository):
            raise ValueError(f"{self.repository!r} is no repository like `owner/name`")
        if not self.environment or "*" in self.environment:
            raise ValueError("a deployment environment is one, and has a name")


class CiIdentity(pulumi.ComponentResource):
    """GitHub as an identity provider, and the role of one repository's deployments to one environment."""

    def __init__(self, name: str, args: CiIdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:ci:CiIdentity", name, None, opts)
        naming = args.naming
        child = pulumi.ResourceOptions(parent=self)
        provider_arn: pulumi.Input[str] = (
            f"arn:{naming.partition}:iam::{naming.account_id}:oidc-provider/{GITHUB_ISSUER}"
        )
        if args.owns_account:
            provider_arn = aws.iam.OpenIdConnectProvider(
                "github",
                url=f"https://{GITHUB_ISSUER}",
                client_id_lists=[f"sts.{naming.dns_suffix}"],
                tags=naming.tags,
                opts=child,
            ).arn
        self.role = aws.iam.Role(
            "deployer-role",
            name=naming.name(DEPLOYER),
            description="GitHub's workflows, which deploy this environment.",
            assume_role_policy=pulumi.Output.from_input(provider_arn).apply(
                lambda arn: trust_github(naming, arn, args.repository, args.environment)
            ),
            max_session_duration=_ONE_HOUR,
            tags=naming.tags,
            opts=child,
        )
        documents = deployment_policies(
            naming,
            deployer=naming.name(DEPLOYER),
            boundary=naming.name(BOUNDARY),
            code_prefixes=(SCRIPTS_PREFIX, DAGS_PREFIX),
            passed={
                service: tuple(naming.name(role) for role in roles) for service, roles in _PASSED.items()
            },
        )
        for part, statements in documents.items():
            document = aws.iam.Policy(
                f"deployer-{part}",
                name=naming.name(f"{DEPLOYER}-{part}"),
                description=f"What deployments do: {part}.",
                policy=policy(statements),
                tags=naming.tags,
                opts=child,
            )
            aws.iam.RolePolicyAttachment(
                f"deployer-{part}-attachment", role=self.role.name, policy_arn=document.arn, opts=child
            )
        self.register_outputs({"deployer_role_arn": self.role.arn})
