"""The buckets of the lake's zones, and one for the logs of who read what."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.bucket import AccessLog, Bucket, BucketArgs, Lifecycle
from infra.naming import Naming
from infra.policies.resources import data_bucket_policy, log_bucket_policy
from infra.retention import Retention

ZONES = ("landing", "raw", "marts", "results", "artifacts")

_ACCESS_LOGS = "access-logs"


@dataclass(frozen=True)
class StorageArgs:
    """The buckets.

    Attributes:
        naming: What things are called.
        key_arn: The key that encrypts all data.
        classification: How sensitive the most sensitive data is.
        retention: What becomes of the data when a deployment would delete it.
        old_versions_expire_after_days: How long an overwritten or deleted file can be brought back.
        results_expire_after_days: How long query results are kept.
        access_logs_expire_after_days: How long it is known who read what.
        cheaper_storage_after_days: When files of landing, which are read once, and of raw move.
    """

    naming: Naming
    key_arn: pulumi.Input[str]
    classification: str
    retention: Retention
    old_versions_expire_after_days: int
    results_expire_after_days: int
    access_logs_expire_after_days: int
    cheaper_storage_after_days: int


class Storage(pulumi.ComponentResource):
    """The buckets of all zones."""

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:storage:Storage", name, None, opts)
        self._args = args
        self.access_logs = self._log_bucket()
        versions, move_after = args.old_versions_expire_after_days, args.cheaper_storage_after_days
        # An event tells of a version: a file that is overwritten at once is still taken in as it was.
        self.landing = self._zone(
            "landing",
            Lifecycle(
                old_versions_expire_after_days=versions,
                storage_class="STANDARD_IA",
                move_after_days=move_after,
            ),
        )
        self.raw = self._zone(
            "raw",
            Lifecycle(
                old_versions_expire_after_days=versions,
                storage_class="INTELLIGENT_TIERING",
                move_after_days=move_after,
            ),
        )
        # Iceberg keeps its own history; versions would keep what its maintenance deletes.
        self.marts = self._zone("marts", Lifecycle())
        # A bucket of its own, so that no rule that expires results can ever reach a table's data.
        self.results = self._zone("results", Lifecycle(expire_after_days=args.results_expire_after_days))
        self.artifacts = self._zone(
            "artifacts", Lifecycle(old_versions_expire_after_days=versions), classification="internal"
        )
        self.register_outputs({zone: getattr(self, zone).bucket.bucket for zone in ZONES})

    def _log_bucket(self) -> Bucket:
        naming = self._args.naming
        name = naming.bucket(_ACCESS_LOGS)
        return Bucket(
            _ACCESS_LOGS,
            BucketArgs(
                bucket_name=name,
                tags=naming.tagged("internal"),
                policy=log_bucket_policy(naming, name, map(naming.bucket, ZONES)),
                # S3 cannot deliver access logs to a bucket with a customer-managed key.
                key_arn=None,
                lifecycle=Lifecycle(expire_after_days=self._args.access_logs_expire_after_days),
                retention=self._args.retention,
                access_log=None,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _zone(self, zone: str, lifecycle: Lifecycle, classification: str | None = None) -> Bucket:
        args, naming = self._args, self._args.naming
        name = naming.bucket(zone)
        return Bucket(
            zone,
            BucketArgs(
                bucket_name=name,
                tags=naming.tagged(classification or args.classification, zone=zone),
                policy=pulumi.Output.from_input(args.key_arn).apply(
                    lambda key_arn: data_bucket_policy(naming, name, key_arn)
                ),
                key_arn=args.key_arn,
                lifecycle=lifecycle,
                retention=args.retention,
                access_log=AccessLog(self.access_logs.bucket.bucket, f"{zone}/"),
            ),
            # S3 tries to write when logging is turned on, so its policy must already accept it.
            pulumi.ResourceOptions(parent=self, depends_on=[self.access_logs]),
        )
