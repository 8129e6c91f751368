"""The roles, each with what it uses and nothing more, below a boundary that none can leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from infra.policies import boundary, policy
from infra.roles import Lake, RoleDefinition, definitions

BOUNDARY = "boundary"


@dataclass(frozen=True)
class AccessArgs:
    """The roles.

    Attributes:
        naming: What things are called.
        files: The sources that arrive as files.
        streams: The sources that arrive as events.
        crawled: The folders of landing that the crawler looks at.
        with_stream: Whether there is an event stream, and so roles for it.
        key_arn: The key that encrypts the lake.
        encrypts_catalog: Whether the catalog's content is encrypted with it too.
    """

    naming: Naming
    files: Sequence[str]
    streams: Sequence[str]
    crawled: Sequence[str]
    with_stream: bool
    key_arn: pulumi.Input[str]
    encrypts_catalog: bool

    def lake(self, key_arn: str) -> Lake:
        """What the roles' rights are about, once the key is known."""
        return Lake(self.naming, self.files, self.streams, self.crawled, key_arn, self.encrypts_catalog)


class Access(pulumi.ComponentResource):
    """The roles, their policies, and their boundary."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:access:Access", name, None, opts)
        self._args = args
        self._definitions = definitions(with_stream=args.with_stream)
        self.boundary = self._boundary()
        self.roles = {role: self._role(role, what) for role, what in self._definitions.items()}
        self.register_outputs({f"{role}_role_arn": made.arn for role, made in self.roles.items()})

    def arn(self, role: str) -> pulumi.Output[str]:
        """The ARN of a role."""
        return self.roles[role].arn

    def _boundary(self) -> aws.iam.Policy:
        args = self._args

        def document(key_arn: str) -> str:
            lake = args.lake(key_arn)
            granted = [
                statement for role in self._definitions.values() for statement in role.statements(lake)
            ]
            return policy(boundary(args.naming, key_arn, granted))

        return aws.iam.Policy(
            BOUNDARY,
            name=args.naming.name(BOUNDARY),
            description="The most that any role of this environment can ever do.",
            policy=pulumi.Output.from_input(args.key_arn).apply(document),
            tags=args.naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _role(self, name: str, definition: RoleDefinition) -> aws.iam.Role:
        args, naming = self._args, self._args.naming
        role = aws.iam.Role(
            f"{name}-role",
            name=naming.name(name),
            description=definition.description,
            assume_role_policy=definition.trust(naming),
            permissions_boundary=self.boundary.arn,
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            name="access",
            role=role.name,
            policy=pulumi.Output.from_input(args.key_arn).apply(
                lambda key_arn: policy(definition.statements(args.lake(key_arn)))
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role
