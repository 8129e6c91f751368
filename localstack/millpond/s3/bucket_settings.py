"""Settings of buckets, answered as they were put; those that moto does not know are refused.

moto takes a request for a setting that it does not know for one of the bucket itself: it makes the
bucket where a setting is put, and deletes the bucket where a setting is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, cast

import moto.s3.models
import xmltodict  # type: ignore[import-untyped]  # it has no stubs
from moto.core.responses import ActionResult, EmptyResult
from moto.s3.exceptions import NoSuchLifecycleConfiguration, S3ClientError
from moto.s3.models import OWNER, FakeBucket, Notification
from moto.s3.responses import S3Response

from millpond.moto_models import stand_in
from millpond.s3.notification_requests import SKIP_VALIDATION, notification_configuration

if TYPE_CHECKING:
    from millpond.s3.service import BucketService

_UNKNOWN: Final = (
    "abac",
    "analytics",
    "intelligent-tiering",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
)
_PLURALS: Final = {
    "NoncurrentVersionTransition": "NoncurrentVersionTransitions",
    "Tag": "Tags",
    "Transition": "Transitions",
}
_OWNER_PAYS: Final = "BucketOwner"
_LOGGING: Final = "logging.s3.amazonaws.com"


class UnsupportedSetting(S3ClientError):
    """A setting of buckets that the local cloud does not have."""

    def __init__(self, name: str) -> None:
        super().__init__("NotImplemented", f"The bucket setting '{name}' is not supported locally.")


class SettledBucket(FakeBucket):
    """moto's bucket with the settings that moto forgets."""

    lifecycle_given: tuple[Mapping[str, Any], ...] = ()
    payer: str = _OWNER_PAYS

    @staticmethod
    def _log_permissions_enabled_policy(target_bucket: FakeBucket, target_prefix: str | None) -> bool:
        """Whether a bucket's policy lets S3 write access logs; moto reads one spelling of policies alone."""
        objects = f"{target_bucket.arn}/{target_prefix or ''}x"
        policy = json.loads(target_bucket.policy.decode()) if target_bucket.policy else {}
        return any(
            statement.get("Effect") == "Allow"
            and _LOGGING in _listed(_services(statement.get("Principal")))
            and "s3:PutObject" in _listed(statement.get("Action"))
            and any(fnmatchcase(objects, pattern) for pattern in _listed(statement.get("Resource")))
            for statement in _listed(policy.get("Statement"))
        )


def _services(principal: Any) -> Any:
    return principal.get("Service") if isinstance(principal, Mapping) else None


def _listed(value: Any) -> list[Any]:
    """A policy's value, which may be one or several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def install() -> None:
    """Put our bucket in the place of moto's; before the first request."""
    stand_in(moto.s3.models, "FakeBucket", SettledBucket)


def settled(bucket: FakeBucket) -> SettledBucket:
    """A bucket, with the settings that moto forgets."""
    return cast(SettledBucket, bucket)


class BucketApi(S3Response):
    """S3's operations."""

    def _bucket_response(self, request: Any, full_url: str) -> Any:
        query = self._get_querystring(request, full_url)
        if unknown := next((name for name in _UNKNOWN if name in query), None):
            raise UnsupportedSetting(unknown)
        if "replication" in query and request.method == "PUT":
            # moto keeps the rules, and copies nothing by them.
            raise UnsupportedSetting("replication")
        if "requestPayment" in query and request.method in ("GET", "PUT"):
            return self._request_payment(request, full_url)
        return super()._bucket_response(request, full_url)

    def all_buckets(self) -> Any:
        """All buckets, and their owner; moto tells of another owner here than in lists of grants."""
        self.data["Action"] = "ListAllMyBuckets"
        self._authenticate_and_authorize_s3_action()
        found = self.backend.list_buckets(
            prefix=self._get_param("prefix"),
            bucket_region=self._get_param("bucket-region"),
            max_buckets=self._get_param("max-buckets"),
        )
        buckets = [{"Name": item.name, "CreationDate": item.creation_date_ISO8601} for item in found]
        self.data["Action"] = "ListBuckets"
        owner = {"ID": OWNER, "DisplayName": "webfile"}
        return self.serialized(ActionResult({"Owner": owner, "Buckets": buckets}))

    def _request_payment(self, request: Any, full_url: str) -> Any:
        name = self.parse_bucket_name_from_url(request, full_url)
        self._authenticate_and_authorize_s3_action(bucket_name=name)
        bucket = settled(cast("BucketService", self.backend).get_bucket(name))
        if request.method == "PUT":
            self.data["Action"] = "PutBucketRequestPayment"
            bucket.payer = xmltodict.parse(self.body)["RequestPaymentConfiguration"]["Payer"]
            return self.serialized(EmptyResult())
        self.data["Action"] = "GetBucketRequestPayment"
        return self.serialized(ActionResult({"Payer": bucket.payer}))

    def get_bucket_lifecycle(self) -> Any:
        """The rules as they were put; moto forgets sizes, and how many versions are kept."""
        self.data["Action"] = "GetBucketLifecycleConfiguration"
        rules = settled(self.backend.get_bucket(self.bucket_name)).lifecycle_given
        if not self.backend.get_bucket_lifecycle(self.bucket_name):
            raise NoSuchLifecycleConfiguration(bucket_name=self.bucket_name)
        return self.serialized(
            ActionResult(
                {
                    "Rules": [_rule(rule) for rule in rules],
                    "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
                }
            )
        )

    def _notification_config_from_body(self) -> dict[str, Any]:
        configuration = notification_configuration(self.body)
        if configuration and self.headers.get("x-amz-skip-destination-validation", "").lower() == "true":
            configuration[SKIP_VALIDATION] = True
        return configuration

    def get_bucket_notification(self) -> Any:
        """Who is told of what; moto forgets that EventBridge is."""
        self.data["Action"] = "GetBucketNotificationConfiguration"
        found = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if not found:
            return self.serialized(EmptyResult())
        bus: dict[str, Any] = {} if found.event_bridge is None else {"EventBridgeConfiguration": {}}
        return self.serialized(
            ActionResult(
                {
                    "TopicConfigurations": [_told(rule, "TopicArn") for rule in found.topic],
                    "QueueConfigurations": [_told(rule, "QueueArn") for rule in found.queue],
                    "LambdaFunctionConfigurations": [
                        _told(rule, "LambdaFunctionArn") for rule in found.cloud_function
                    ],
                    **bus,
                }
            )
        )


def _rule(given: Mapping[str, Any]) -> dict[str, Any]:
    """A rule of a lifecycle in the words of the answer: lists have names of their own there."""
    rule: dict[str, Any] = {}
    for name, value in given.items():
        if name in ("Transition", "NoncurrentVersionTransition"):
            rule[_PLURALS[name]] = value if isinstance(value, list) else [value]
        elif name == "Filter":
            rule[name] = _filter(value or {})
        else:
            rule[name] = "" if value is None else value
    return rule


def _filter(given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: "" if value is None else value for name, value in given.items()}
    if isinstance(found.get("And"), Mapping):
        both = dict(found["And"])
        if "Tag" in both:
            tags = both.pop("Tag")
            both[_PLURALS["Tag"]] = tags if isinstance(tags, list) else [tags]
        found["And"] = both
    return found


def _told(rule: Notification, arn_name: str) -> dict[str, Any]:
    described: dict[str, Any] = {"Id": rule.id, arn_name: rule.arn, "Events": rule.events}
    if rule.filters:
        # However a name was spelled when it was put.
        filters = [
            {"Name": part["Name"].capitalize(), "Value": part["Value"]}
            for part in rule.filters["S3Key"]["FilterRule"]
        ]
        described["Filter"] = {"Key": {"FilterRules": filters}}
    return described
