"""One bucket with everything that belongs to it, closed from the start."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.retention import Retention

_ABORT_UPLOADS_AFTER_DAYS = 7
_LifecycleRule = aws.s3.BucketLifecycleConfigurationRuleArgsDict


@dataclass(frozen=True)
class Lifecycle:
    """What time does to a bucket's objects; uploads that nobody finished go after a week in any case.

    Attributes:
        expire_after_days: Delete objects after so long; None keeps them.
        old_versions_expire_after_days: Keep overwritten and deleted objects for so long; None keeps
            no versions.
        storage_class: Where older objects move; never an archive, whose objects Athena cannot read.
        move_after_days: When they do.
    """

    expire_after_days: int | None = None
    old_versions_expire_after_days: int | None = None
    storage_class: str | None = None
    move_after_days: int | None = None

    def __post_init__(self) -> None:
        if (self.storage_class is None) != (self.move_after_days is None):
            raise ValueError("storage_class and move_after_days are given together")
        if self.storage_class not in (None, "STANDARD_IA", "INTELLIGENT_TIERING"):
            raise ValueError(f"Athena cannot read objects of the class {self.storage_class} at once")

    @property
    def keeps_versions(self) -> bool:
        """Whether overwritten and deleted objects can be brought back."""
        return self.old_versions_expire_after_days is not None

    def rules(self) -> list[_LifecycleRule]:
        """The rules in S3's words."""
        rules: list[_LifecycleRule] = [
            {
                "id": "abort-unfinished-uploads",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "abort_incomplete_multipart_upload": {"days_after_initiation": _ABORT_UPLOADS_AFTER_DAYS},
            }
        ]
        if self.old_versions_expire_after_days is not None:
            rules.append(
                {
                    "id": "expire-old-versions",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "noncurrent_version_expiration": {"noncurrent_days": self.old_versions_expire_after_days},
                }
            )
        if self.storage_class is not None and self.move_after_days is not None:
            rules.append(
                {
                    "id": "move-to-cheaper-storage",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "transitions": [{"days": self.move_after_days, "storage_class": self.storage_class}],
                }
            )
        if self.expire_after_days is not None:
            rules.append(
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": ""},
                    "expiration": {"days": self.expire_after_days},
                }
            )
        return rules


@dataclass(frozen=True)
class AccessLog:
    """Where S3 writes down each request to a bucket.

    Attributes:
        bucket: The bucket of the logs.
        prefix: What their keys begin with.
    """

    bucket: pulumi.Input[str]
    prefix: str


@dataclass(frozen=True)
class BucketArgs:
    """A bucket.

    Attributes:
        bucket_name: Its name.
        tags: Its tags.
        policy: Its policy.
        key_arn: The key that encrypts it; None leaves that to S3's own key, as a bucket of access logs must.
        lifecycle: What time does to its objects.
        retention: What becomes of it when a deployment would delete it.
        access_log: Where its requests are logged; None does not log them.
    """

    bucket_name: str
    tags: dict[str, str]
    policy: pulumi.Input[str]
    key_arn: pulumi.Input[str] | None
    lifecycle: Lifecycle
    retention: Retention
    access_log: AccessLog | None


class Bucket(pulumi.ComponentResource):
    """A private bucket.

    Its guards are kept when it is: nothing that holds data is ever left open or unencrypted.
    """

    def __init__(self, name: str, args: BucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:storage:Bucket", name, None, opts)
        self._name = name
        self._guard = args.retention.options(self)
        self.bucket = aws.s3.Bucket(
            name,
            bucket=args.bucket_name,
            force_destroy=args.retention.force_destroy,
            tags=args.tags,
            opts=self._guard,
        )
        self._close(args)
        self._encrypt(args.key_arn)
        self._age(args.lifecycle)
        self._log(args.access_log)
        self.register_outputs({"bucket": self.bucket.bucket})

    def _close(self, args: BucketArgs) -> None:
        name, bucket = self._name, self.bucket.bucket
        public_access = aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._guard,
        )
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self._guard,
        )
        # One after the other: S3 refuses changes of both at the same time.
        after_public_access = pulumi.ResourceOptions(depends_on=[public_access])
        self.policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket,
            policy=args.policy,
            opts=pulumi.ResourceOptions.merge(self._guard, after_public_access),
        )

    def _encrypt(self, key_arn: pulumi.Input[str] | None) -> None:
        default: aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict = (
            {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
            if key_arn is None
            else {
                "apply_server_side_encryption_by_default": {
                    "sse_algorithm": "aws:kms",
                    "kms_master_key_id": key_arn,
                },
                "bucket_key_enabled": True,
            }
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self._name}-encryption", bucket=self.bucket.bucket, rules=[default], opts=self._guard
        )

    def _age(self, lifecycle: Lifecycle) -> None:
        if lifecycle.keeps_versions:
            aws.s3.BucketVersioning(
                f"{self._name}-versioning",
                bucket=self.bucket.bucket,
                versioning_configuration={"status": "Enabled"},
                opts=self._guard,
            )
        aws.s3.BucketLifecycleConfiguration(
            f"{self._name}-lifecycle", bucket=self.bucket.bucket, rules=lifecycle.rules(), opts=self._guard
        )

    def _log(self, access_log: AccessLog | None) -> None:
        if access_log is None:
            return
        aws.s3.BucketLogging(
            f"{self._name}-logging",
            bucket=self.bucket.bucket,
            target_bucket=access_log.bucket,
            target_prefix=access_log.prefix,
            opts=self._guard,
        )
