"""The key that encrypts the lake: buckets, streams, topics, logs, query results."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from infra.policies.resources import key_policy
from infra.retention import Retention

_ROTATION_DAYS = 365
# The longest that AWS grants to change one's mind; a deleted key takes all data with it.
_DELETION_WINDOW_DAYS = 30


@dataclass(frozen=True)
class EncryptionArgs:
    """The key.

    Attributes:
        naming: What things are called.
        retention: What becomes of it when a deployment would delete it.
    """

    naming: Naming
    retention: Retention


class Encryption(pulumi.ComponentResource):
    """A customer-managed key, rotated every year, and its alias.

    One key for one lake: whoever may not use it reads nothing, whatever else he may. With bucket keys S3
    asks for it once for many objects, which keeps its cost near that of S3's own keys.
    """

    def __init__(self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:encryption:Encryption", name, None, opts)
        self.key = aws.kms.Key(
            "lake-key",
            description=f"Encrypts the lake {args.naming.name('lake')}.",
            enable_key_rotation=True,
            rotation_period_in_days=_ROTATION_DAYS,
            deletion_window_in_days=_DELETION_WINDOW_DAYS,
            policy=key_policy(args.naming),
            tags=args.naming.tags,
            opts=args.retention.options(self),
        )
        self.alias = aws.kms.Alias(
            "lake-key-alias",
            name=f"alias/{args.naming.name('lake')}",
            target_key_id=self.key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"key_arn": self.key.arn, "alias": self.alias.name})
