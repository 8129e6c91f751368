"""Names, ARNs and tags of everything that is deployed.

Names follow from project, stack and account alone, and are known before anything exists. So policies are
plain texts that can be read in a preview and tested, and no two stacks or accounts can collide.
"""

from __future__ import annotations

from dataclasses import dataclass

_DNS_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


@dataclass(frozen=True)
class Naming:
    """Where the deployment goes, what things are called there, and whose they are.

    Attributes:
        project: The Pulumi project.
        stack: The stack, which is the environment.
        partition: `aws`, `aws-cn` or `aws-us-gov`.
        account_id: The account.
        region: The region.
        owner: The team that answers for it; a tag.
        cost_centre: Who pays for it; a tag.
    """

    project: str
    stack: str
    partition: str
    account_id: str
    region: str
    owner: str
    cost_centre: str

    @property
    def tags(self) -> dict[str, str]:
        """The tags of what holds no data of its own."""
        return self.tagged("internal")

    def tagged(self, classification: str, **more: str) -> dict[str, str]:
        """The tags of what holds data of a classification, which is one of those of the contracts."""
        return {
            "project": self.project,
            "environment": self.stack,
            "owner": self.owner,
            "cost-centre": self.cost_centre,
            "data-classification": classification,
            "managed-by": "pulumi",
            **more,
        }

    @property
    def dns_suffix(self) -> str:
        """The domain of the partition's endpoints."""
        return _DNS_SUFFIXES.get(self.partition, "amazonaws.com")

    def endpoint(self, service: str) -> str:
        """The name by which a regional service is known: `s3.us-east-1.amazonaws.com`."""
        return f"{service}.{self.region}.{self.dns_suffix}"

    def name(self, thing: str) -> str:
        """The name of a thing that must be unique in its account: `millpond-dev-ingest`."""
        return f"{self.project}-{self.stack}-{thing}"

    def thing(self, name: str) -> str:
        """What a name stands for, without what it has of the project, the stack and the account."""
        short = name.replace("_", "-").removeprefix(self.name(""))
        return short.removesuffix(f"-{self.account_id}")

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
        """The ARN of a role, by its whole name."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{role}"

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something that lives in the deployment's region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    @property
    def managed_airflow_queues(self) -> str:
        """The queues of an Airflow environment's workers, in an account of the service."""
        return f"arn:{self.partition}:sqs:{self.region}:*:airflow-celery-*"

    def public_layer_arn(self, publisher: str, layer: str, version: int) -> str:
        """The ARN of a layer that another account publishes in every region."""
        return f"arn:{self.partition}:lambda:{self.region}:{publisher}:layer:{layer}:{version}"
