"""Names and ARNs of everything that is deployed.

Names follow from project, stack and account alone, and are known before anything exists. So policies are
plain texts that can be read in a preview and tested, and no two stacks or accounts can collide.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Naming:
    """Where the deployment goes, and what things are called there.

    Attributes:
        project: The Pulumi project.
        stack: The stack.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        account_id: The account.
        region: The region.
    """

    project: str
    stack: str
    partition: str
    account_id: str
    region: str

    @property
    def tags(self) -> dict[str, str]:
        """The tags of everything that can have tags."""
        return {"project": self.project, "stack": self.stack, "managed-by": "pulumi"}

    def name(self, thing: str) -> str:
        """The name of a thing that must be unique in its account: `millpond-dev-ingest`."""
        return f"{self.project}-{self.stack}-{thing}"

    def bucket(self, zone: str) -> str:
        """The name of a bucket, unique in all of AWS."""
        return f"{self.name(zone)}-{self.account_id}"

    def database(self, zone: str) -> str:
        """The name of a Glue database; hyphens would have to be quoted in every query."""
        return self.name(zone).replace("-", "_")

    def bucket_arn(self, bucket: str) -> str:
        """The ARN of a bucket."""
        return f"arn:{self.partition}:s3:::{bucket}"

    def role_arn(self, role: str) -> str:
        """The ARN of a role."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{role}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something that lives in the deployment's region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def public_layer_arn(self, publisher: str, layer: str, version: int) -> str:
        """The ARN of a layer that another account publishes in every region."""
        return f"arn:{self.partition}:lambda:{self.region}:{publisher}:layer:{layer}:{version}"
