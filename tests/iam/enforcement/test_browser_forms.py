"""Uploads by a browser's form: with the rights of who signed it, and only what he signed."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from iam.enforcement.conftest import allow


def upload_by_form(cloud, bucket: str, fields: dict[str, str], content: bytes) -> None:
    """What a browser sends when somebody submits a form with a file."""
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()
    ]
    parts.append(f'Content-Disposition: form-data; name="file"; filename="a"\r\n\r\n{content.decode()}')
    body = "".join(f"--edge\r\n{part}\r\n" for part in parts) + "--edge--\r\n"
    request = urllib.request.Request(  # noqa: S310 - the cloud's own endpoint
        f"{cloud.endpoint_url}/{bucket}",
        data=body.encode(),
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
    )
    urllib.request.urlopen(request).close()  # noqa: S310 - as above


def test_form_uploads_with_the_rights_of_who_signed_it(cloud, bucket: str, act_as) -> None:
    condition = {"StringEquals": {"s3:authType": "POST"}}
    role = act_as(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/raw/*", Condition=condition))
    s3 = role.client("s3")
    upload_by_form(cloud, bucket, s3.generate_presigned_post(bucket, "raw/a")["fields"], b"abc")
    assert cloud.client("s3").get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"abc"
    for other in (s3.generate_presigned_post(bucket, "marts/a")["fields"], {"key": "raw/b"}):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            upload_by_form(cloud, bucket, other, b"abc")
    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    with pytest.raises(ClientError, match="s3:PutObject"):
        s3.put_object(Bucket=bucket, Key="raw/a", Body=b"")


# What is signed, what is then sent otherwise, and what S3 says to it.
SIGNED: dict[str, Any] = {
    "Fields": {"Content-Type": "image/png"},
    "Conditions": [["starts-with", "$Content-Type", "image/"], ["content-length-range", 2, 5]],
}
BROKEN = {
    "another key": ({}, {"key": "raw/b"}, b"abc", "AccessDenied", "Policy Condition failed"),
    "another type": ({}, {"Content-Type": "text/html"}, b"abc", "AccessDenied", "$content-type"),
    "a field more": ({}, {"acl": "public-read"}, b"abc", "AccessDenied", "Extra input fields: acl"),
    "too late": ({"ExpiresIn": -1}, {}, b"abc", "AccessDenied", "Policy expired."),
    "too much": ({}, {}, b"abcdef", "EntityTooLarge", "exceeds the maximum"),
    "too little": ({}, {}, b"a", "EntityTooSmall", "smaller than the minimum"),
    "no policy": ({}, {"policy": ""}, b"abc", "AccessDenied", "no policy"),
    "not a policy": ({}, {"policy": "e30="}, b"abc", "InvalidPolicyDocument", "Invalid JSON"),
}


@pytest.mark.parametrize(("signed", "sent", "content", "code", "said"), BROKEN.values(), ids=BROKEN)
def test_form_uploads_only_what_was_signed(
    cloud, bucket: str, signed: dict[str, Any], sent: dict[str, str], content: bytes, code: str, said: str
) -> None:
    fields = cloud.client("s3").generate_presigned_post(bucket, "raw/a", **SIGNED, **signed)["fields"]
    with pytest.raises(urllib.error.HTTPError) as refused:
        upload_by_form(cloud, bucket, {**fields, **sent}, content)
    answer = refused.value.read().decode()
    assert f"<Code>{code}</Code>" in answer
    assert said in answer
    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_form_uploads_what_meets_all_conditions(cloud, bucket: str) -> None:
    fields = cloud.client("s3").generate_presigned_post(bucket, "raw/a", **SIGNED)["fields"]
    upload_by_form(cloud, bucket, {**fields, "x-ignore-shop": "1"}, b"abc")
    assert cloud.client("s3").get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"abc"
