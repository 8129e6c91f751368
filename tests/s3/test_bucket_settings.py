"""What was put is what is read; a setting that is not there is refused, and never touches the bucket."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


def test_notification_to_eventbridge_is_read_back(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket=bucket)
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert found["EventBridgeConfiguration"] == {}


@pytest.mark.parametrize(
    "rule",
    [
        {"Filter": {"Prefix": ""}, "Expiration": {"Days": 3}},
        {"Filter": {"ObjectSizeGreaterThan": 500}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        {
            "Filter": {
                "And": {"Prefix": "p/", "ObjectSizeLessThan": 5, "Tags": [{"Key": "k", "Value": "v"}]}
            },
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
        },
        {
            "Filter": {"Tag": {"Key": "k", "Value": "v"}},
            "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}],
            "NoncurrentVersionTransitions": [{"NoncurrentDays": 1, "StorageClass": "STANDARD_IA"}],
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
    ],
    ids=["prefix", "size", "and", "transitions"],
)
def test_lifecycle_rule_is_read_as_it_was_put(cloud: Any, bucket: str, rule: dict[str, Any]) -> None:
    s3 = cloud.client("s3")
    whole = {"ID": "rule", "Status": "Enabled", **rule}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [whole]})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [whole]


def test_deleted_lifecycle_is_gone(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    rule = {"ID": "rule", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_bucket_is_encrypted_with_the_keys_of_s3_unless_told_otherwise(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    own_keys = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    kms = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    assert _encryption(s3, bucket) == own_keys
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [kms]})
    assert _encryption(s3, bucket) == kms
    s3.delete_bucket_encryption(Bucket=bucket)
    assert _encryption(s3, bucket) == own_keys


def _encryption(s3: Any, bucket: str) -> dict[str, Any]:
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return rule


def test_who_pays_for_requests_is_the_owner_until_it_is_the_requester(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_deleting_an_unsupported_setting_does_not_delete_the_bucket(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    with pytest.raises(ClientError, match="metrics"):
        s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="all")
    s3.head_bucket(Bucket=bucket)


def test_putting_an_unsupported_setting_does_not_make_a_bucket(cloud: Any) -> None:
    s3, name = cloud.client("s3"), cloud.unique_name("bucket")
    with pytest.raises(ClientError, match="metrics"):
        s3.put_bucket_metrics_configuration(Bucket=name, Id="all", MetricsConfiguration={"Id": "all"})
    with pytest.raises(ClientError, match="404"):
        s3.head_bucket(Bucket=name)


def test_owner_of_the_buckets_is_who_has_the_grants(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    owner = s3.list_buckets()["Owner"]["ID"]
    acl = s3.get_bucket_acl(Bucket=bucket)
    assert {owner} == {acl["Owner"]["ID"], *(grant["Grantee"]["ID"] for grant in acl["Grants"])}


def test_replication_is_refused_for_nothing_would_be_copied(cloud: Any, bucket: str) -> None:
    s3 = cloud.client("s3")
    rule = {"Status": "Enabled", "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"}}
    role = "arn:aws:iam::000000000000:role/copy"
    with pytest.raises(ClientError, match="'replication' is not supported locally"):
        s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": role, "Rules": [rule]})
    with pytest.raises(ClientError, match="ReplicationConfigurationNotFoundError"):
        s3.get_bucket_replication(Bucket=bucket)
