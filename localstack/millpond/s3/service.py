"""What S3's API does beyond moto's: notification rules are checked, deletions of versions are told."""

from __future__ import annotations

import copy
import logging
from itertools import combinations
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3 import notifications
from moto.s3.exceptions import S3ClientError
from moto.s3.models import (
    FakeBucket,
    FakeDeleteMarker,
    FakeKey,
    Notification,
    NotificationConfiguration,
    S3Backend,
    s3_backends,
)
from moto.s3.notifications import S3NotificationEvent

from millpond.delivery import DeliveryError, check_sender, exists
from millpond.s3 import bucket_settings, key_store
from millpond.s3 import notifications as notifier
from millpond.s3.bucket_settings import settled
from millpond.s3.notification_requests import SKIP_VALIDATION

_log = logging.getLogger(__name__)


class InvalidDestination(S3ClientError):
    """A notification rule names a queue, topic or function that is not there, or does not let S3 send there.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """

    def __init__(self, arn: str, reason: str) -> None:
        super().__init__("InvalidArgument", "Unable to validate the following destination configurations")
        _log.info("%s: %s", arn, reason)


class AmbiguousRules(S3ClientError):
    """Two notification rules want the same event of the same object."""

    def __init__(self) -> None:
        super().__init__(
            "InvalidArgument",
            "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules "
            "if the prefixes are overlapping for the same event type.",
        )


class BucketService(S3Backend):
    """S3 in one account and partition."""

    @property
    def _url_module(self) -> Any:
        from millpond.s3 import urls

        return urls

    def get_bucket_encryption(self, bucket_name: str) -> dict[str, Any]:
        """How new objects are encrypted: with S3's own keys where nothing else was put.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html
        """
        put: dict[str, Any] | None = super().get_bucket_encryption(bucket_name)
        return put or {"Rule": {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}}

    def put_bucket_lifecycle_configuration(self, bucket_name: str, rules: list[dict[str, Any]]) -> None:
        """Set when objects expire; the rules are kept as they were given, too."""
        given = tuple(copy.deepcopy(rules))
        super().put_bucket_lifecycle_configuration(bucket_name, rules)
        settled(self.get_bucket(bucket_name)).lifecycle_given = given

    def put_bucket_notification_configuration(
        self, bucket_name: str, notification_config: dict[str, Any]
    ) -> None:
        """Set to whom a bucket's events go, if everybody named is there and no rule contradicts another."""
        self.get_bucket(bucket_name)  # which is the first that has to be there
        if notification_config:
            rules = _rules(notification_config)
            for rule in rules if not notification_config.pop(SKIP_VALIDATION, False) else ():
                if not exists(rule.arn):
                    raise InvalidDestination(rule.arn, "there is none")
                self._check_permission(bucket_name, rule.arn)
            if any(_overlap(one, other) for one, other in combinations(rules, 2)):
                raise AmbiguousRules
        super().put_bucket_notification_configuration(bucket_name, notification_config)

    def _check_permission(self, bucket_name: str, destination: str) -> None:
        """A destination whose policy does not let S3 in is refused at once, not upon the first event."""
        try:
            check_sender(destination, notifier.notification_sender(bucket_name, self.account_id))
        except DeliveryError as error:
            raise InvalidDestination(destination, str(error)) from None

    def put_object(self, *arguments: Any, **options: Any) -> FakeKey:
        """Keep an object; moto tells twice of one that comes from a multipart upload."""
        if options.get("multipart") is not None:
            options["disable_notification"] = True
        return super().put_object(*arguments, **options)

    def delete_object(
        self, bucket_name: str, key_name: str, version_id: str | None = None, bypass: bool = False
    ) -> tuple[bool, dict[str, Any]]:
        """Delete an object or a version; moto tells only of objects that are gone altogether."""
        bucket = self.get_bucket(bucket_name)
        if not bucket.is_versioned and _delete_version(bucket, key_name, version_id):
            return True, {"version-id": version_id}
        if not bucket.is_versioned and bucket.keys.get(key_name) is None:
            event = S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
            notifications.send_event(self.account_id, event, bucket, notifier.AbsentKey(key_name))
            return True, {}
        versions = list(bucket.keys.getlist(key_name, [])) if bucket.is_versioned else []
        answer: tuple[bool, dict[str, Any]] = super().delete_object(bucket_name, key_name, version_id, bypass)
        if not versions or not answer[0]:
            return answer
        if version_id is None:
            marker = bucket.keys[key_name]
            if isinstance(marker, FakeDeleteMarker):
                event = S3NotificationEvent.OBJECT_REMOVED_DELETE_MARKER_CREATED_EVENT
                notifications.send_event(self.account_id, event, bucket, marker)
        elif key_name in bucket.keys:
            event = S3NotificationEvent.OBJECT_REMOVED_DELETE_EVENT
            for version in versions:
                if str(version.version_id) == str(version_id):
                    notifications.send_event(self.account_id, event, bucket, version)
        return answer


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    notifier.install()
    bucket_settings.install()
    key_store.install()
    s3_backends.backend = BucketService
    FakeBucket.get_permission = _no_opinion  # type: ignore[assignment, method-assign]  # decided before


def _no_opinion(_bucket: FakeBucket, _action: str, _resource: str) -> PermissionResult:
    """Leave bucket policies to the evaluation of the whole request.

    moto looks at a policy's actions and resources only, so that a denial under a condition, as every
    TLS-only policy has one, would deny everything.
    """
    return PermissionResult.NEUTRAL


def _delete_version(bucket: FakeBucket, key_name: str, version_id: str | None) -> bool:
    """Delete one version of what is left from when a bucket was versioned; whether there was such a one.

    moto takes a bucket whose versioning is suspended for one that never had versions.
    """
    versions = bucket.keys.getlist(key_name, [])
    kept = [version for version in versions if str(version.version_id) != str(version_id)]
    if len(kept) == len(versions):
        return False
    bucket.keys.setlist(key_name, kept)
    if not kept:
        bucket.keys.pop(key_name)
    return True


def _rules(config: dict[str, Any]) -> list[Notification]:
    parsed = NotificationConfiguration(
        topic=config.get("TopicConfiguration"),
        queue=config.get("QueueConfiguration"),
        cloud_function=config.get("CloudFunctionConfiguration"),
    )
    return [*parsed.topic, *parsed.queue, *parsed.cloud_function]


def _overlap(one: Notification, other: Notification) -> bool:
    """Whether one object's event could match both rules."""
    one_prefix, one_suffix = _filter(one)
    other_prefix, other_suffix = _filter(other)
    return (
        any(_same_event(a, b) for a in one.events for b in other.events)
        and (one_prefix.startswith(other_prefix) or other_prefix.startswith(one_prefix))
        and (one_suffix.endswith(other_suffix) or other_suffix.endswith(one_suffix))
    )


def _filter(rule: Notification) -> tuple[str, str]:
    rules = rule.filters.get("S3Key", {}).get("FilterRule", [])
    values = {str(part["Name"]).lower(): str(part["Value"]) for part in rules}
    return values.get("prefix", ""), values.get("suffix", "")


def _same_event(one: str, other: str) -> bool:
    """`s3:ObjectCreated:*` covers `s3:ObjectCreated:Put`."""
    if one.endswith("*") or other.endswith("*"):
        return one.rpartition(":")[0] == other.rpartition(":")[0]
    return one == other
