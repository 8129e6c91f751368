"""The buckets of the lake's zones: private, encrypted, owned by the account, reachable by TLS only."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from infra.policies import deny_insecure_transport

_ABORT_UPLOADS_AFTER_DAYS = 7


@dataclass(frozen=True)
class BucketArgs:
    """A bucket.

    Attributes:
        naming: What things are called.
        zone: The zone that it holds.
        force_destroy: Whether its objects are deleted with it.
        old_versions_expire_after_days: Keep overwritten and deleted objects for so long; None keeps none.
        expire_after_days: Delete objects after so long; None keeps them.
    """

    naming: Naming
    zone: str
    force_destroy: bool
    old_versions_expire_after_days: int | None = None
    expire_after_days: int | None = None


class ZoneBucket(pulumi.ComponentResource):
    """A bucket with everything that belongs to it."""

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:storage:ZoneBucket", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)
        naming = args.naming
        self.bucket = aws.s3.Bucket(
            name,
            bucket=naming.bucket(args.zone),
            force_destroy=args.force_destroy,
            tags={**naming.tags, "zone": args.zone},
            opts=self._child,
        )
        self._close(args)
        self._keep_versions(args)
        self._expire(args)
        self.register_outputs({"bucket": self.bucket.bucket})

    def _close(self, args: BucketArgs) -> None:
        name, bucket = self._name, self.bucket.bucket
        # Keys of S3's own: a customer-managed key costs per request and buys only key revocation.
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=self._child,
        )
        public_access = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._child,
        )
        # One after the other: S3 refuses changes of both at the same time.
        aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket,
            policy=deny_insecure_transport(args.naming, args.naming.bucket(args.zone)),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[public_access]),
        )

    def _keep_versions(self, args: BucketArgs) -> None:
        if args.old_versions_expire_after_days is None:
            return
        aws.s3.BucketVersioning(
            f"{self._name}-versioning",
            bucket=self.bucket.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self._child,
        )

    def _expire(self, args: BucketArgs) -> None:
        rules: list[aws.s3.BucketLifecycleConfigurationRuleArgsDict] = [
            {
                "id": "abort-unfinished-uploads",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": _ABORT_UPLOADS_AFTER_DAYS},
            }
        ]
        if args.old_versions_expire_after_days is not None:
            rules.append(
                {
                    "id": "expire-old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": args.old_versions_expire_after_days},
                }
            )
        if args.expire_after_days is not None:
            rules.append(
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": args.expire_after_days},
                }
            )
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle", bucket=self.bucket.bucket, rules=rules, opts=self._child
        )


@dataclass(frozen=True)
class StorageArgs:
    """The zones.

    Attributes:
        naming: What things are called.
        force_destroy: Whether the data is deleted with the buckets.
        old_versions_expire_after_days: How long an overwritten or deleted file can be brought back.
        results_expire_after_days: How long query results are kept.
    """

    naming: Naming
    force_destroy: bool
    old_versions_expire_after_days: int
    results_expire_after_days: int


class Storage(pulumi.ComponentResource):
    """The buckets of all zones."""

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:storage:Storage", name, None, opts)

        def zone(
            zone_name: str, *, versions: bool = False, expire_after_days: int | None = None
        ) -> ZoneBucket:
            bucket_args = BucketArgs(
                naming=args.naming,
                zone=zone_name,
                force_destroy=args.force_destroy,
                old_versions_expire_after_days=args.old_versions_expire_after_days if versions else None,
                expire_after_days=expire_after_days,
            )
            return ZoneBucket(zone_name, bucket_args, pulumi.ResourceOptions(parent=self))

        # An event tells of a version: a file that is overwritten at once is still taken in as it was.
        self.landing = zone("landing", versions=True)
        self.raw = zone("raw", versions=True)
        # Iceberg keeps its own history; versions would keep what its maintenance deletes.
        self.marts = zone("marts")
        # A bucket of its own, so that no rule that expires results can ever reach a table's data.
        self.results = zone("results", expire_after_days=args.results_expire_after_days)
        self.artifacts = zone("artifacts", versions=True)
        self.register_outputs({})
