"""S3 as clients see it, where objects as files could have changed something."""

from __future__ import annotations

import hashlib
import json

import pytest
from botocore.exceptions import ClientError

from millpond.s3 import S3Location


def test_an_object_is_read_back_as_it_was_written(cloud, bucket):
    s3 = cloud.client("s3")
    body = bytes(range(256)) * 40_000
    s3.put_object(Bucket=bucket, Key="a/b.bin", Body=body)
    answer = s3.get_object(Bucket=bucket, Key="a/b.bin")
    assert answer["Body"].read() == body
    assert answer["ETag"] == f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


def test_a_range_of_an_object_is_read(cloud, bucket):
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    assert s3.get_object(Bucket=bucket, Key="k", Range="bytes=2-4")["Body"].read() == b"234"


def test_metadata_keys_keep_their_underscores(cloud, bucket):
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="ü &+/k", Body=b"", Metadata={"a_b": "1", "a-c": "2"})
    assert s3.head_object(Bucket=bucket, Key="ü &+/k")["Metadata"] == {"a_b": "1", "a-c": "2"}


def test_a_multipart_upload_becomes_one_object(cloud, bucket):
    s3 = cloud.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big")["UploadId"]
    parts = []
    for number, content in enumerate((b"a" * 5 * 2**20, b"b"), start=1):
        etag = s3.upload_part(Bucket=bucket, Key="big", UploadId=upload, PartNumber=number, Body=content)[
            "ETag"
        ]
        parts.append({"PartNumber": number, "ETag": etag})
    s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.head_object(Bucket=bucket, Key="big")["ContentLength"] == 5 * 2**20 + 1


def test_versions_of_an_object_keep_their_own_content(cloud, bucket):
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_a_conditional_put_refuses_to_overwrite(cloud, bucket):
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="claim", Body=b"mine", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="claim", Body=b"yours", IfNoneMatch="*")
    assert error.value.response["Error"]["Code"] == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="claim")["Body"].read() == b"mine"


def test_a_held_object_can_be_read_after_it_was_replaced(cloud, bucket):
    s3, storage = cloud.client("s3"), cloud.cloud.services.storage
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    held = storage.get(S3Location(bucket, "k"))
    s3.put_object(Bucket=bucket, Key="k", Body=b"new")
    assert held.path.read_bytes() == b"old"
    assert storage.read(S3Location(bucket, "k")) == b"new"


def test_the_file_of_a_deleted_object_goes_away(cloud, bucket):
    s3, storage = cloud.client("s3"), cloud.cloud.services.storage
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    path = storage.get(S3Location(bucket, "k")).path
    s3.delete_object(Bucket=bucket, Key="k")
    assert not path.exists()


def test_a_file_put_by_a_service_is_an_object_like_any_other(cloud, bucket):
    storage = cloud.cloud.services.storage
    staged = storage.new_staging_path(".parquet")
    staged.write_bytes(b"columns")
    storage.put(S3Location(bucket, "t/part-0"), staged)
    assert cloud.client("s3").get_object(Bucket=bucket, Key="t/part-0")["Body"].read() == b"columns"
    assert not staged.exists()


def test_a_policy_that_denies_under_a_condition_does_not_deny_everything(cloud, bucket):
    s3 = cloud.client("s3")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"
