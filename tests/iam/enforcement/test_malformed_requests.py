"""Requests that no client of AWS makes: refused in the service's shape, never passed, never a failure."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlparse
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

SCOPE = "AWS4-HMAC-SHA256 Credential={}, SignedHeaders=host, Signature=0"
ROOT = "test/20261101/us-east-1/{}/aws4_request"
JSON = {"Content-Type": "application/x-amz-json-1.1"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def send(
    cloud: Any, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, dict[str, str], str]:
    """The status, headers and body of the answer."""
    address = urlparse(cloud.endpoint_url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def code_of(text: str) -> str:
    """The code of an error, in JSON or XML."""
    if text.startswith("{"):
        return str(json.loads(text)["__type"])
    document = ElementTree.fromstring(text)  # noqa: S314 - the cloud's own answer
    found = next(each.text for each in document.iter() if each.tag.endswith("Code"))
    return str(found)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<a",
        "<Delete/>",
        "<Delete>a</Delete>",
        "<Delete><Object/></Delete>",
        "<Delete><Object>a</Object></Delete>",
        "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>",
        "<Delete><Object><Key><a/></Key></Object></Delete>",
    ],
)
def test_deletion_of_nothing_in_particular_is_refused(cloud, bucket: str, body: str) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    headers = {"Authorization": SCOPE.format(ROOT.format("s3")), "Content-Type": "application/xml"}
    status, _, answer = send(cloud, "POST", f"/{bucket}?delete", headers, body.encode())
    assert (status, code_of(answer)) == (400, "MalformedXML")
    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1


@pytest.fixture
def powerless(act_as) -> Any:
    """The credentials of a role that may do nothing."""
    return act_as().session.get_credentials()


# Headers of somebody who is nobody.
HEADERS = {
    "empty": "",
    "no scheme": "test",
    "basic": "Basic dGVzdDp0ZXN0",
    "no credential": "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0",
    "short scope": SCOPE.format("test/20261101/us-east-1"),
    "unknown key": SCOPE.format("AKIAUNKNOWN/20261101/us-east-1/s3/aws4_request"),
    "unknown key of version 2": "AWS AKIAUNKNOWN:signature",
    "key with a path": SCOPE.format("../test/20261101/us-east-1/s3/aws4_request"),
    "two credentials": SCOPE.format("AKIAUNKNOWN/20261101/us-east-1/s3/aws4_request, Credential=" + ROOT),
    "huge": SCOPE.format("A" * 60_000),
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_header_that_names_nobody_lets_nobody_in(cloud, bucket: str, header: str) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"secret")
    status, _, text = send(cloud, "GET", f"/{bucket}/a", {"Authorization": header})
    assert 400 <= status < 500
    assert "secret" not in text
    assert code_of(text) in ("AccessDenied", "InvalidAccessKeyId")


@pytest.mark.parametrize("service", ["athena", "glue", "kms", "sqs", "dynamodb", "states", "logs"])
@pytest.mark.parametrize("target", ["", "Nonsense", "Nonsense.Nonsense", "AWSGlue.", ".", "x" * 5000])
def test_unknown_target_is_a_client_error_in_json(cloud, service: str, target: str) -> None:
    headers = {**JSON, "Authorization": SCOPE.format(ROOT.format(service)), "X-Amz-Target": target}
    status, answered, text = send(cloud, "POST", "/", headers, b"{}")
    assert 400 <= status < 500, text
    assert "json" in answered["content-type"]
    assert json.loads(text)["__type"]


@pytest.mark.parametrize("service", ["iam", "sts", "sns", "ec2"])
@pytest.mark.parametrize(
    "body", [b"", b"Action=", b"Action=Nonsense", b"Action=%FF%FE", b"&&&=", b"\xff\xfe"]
)
def test_unknown_action_is_a_client_error_in_xml(cloud, service: str, body: bytes) -> None:
    headers = {**FORM, "Authorization": SCOPE.format(ROOT.format(service))}
    status, answered, text = send(cloud, "POST", "/", headers, body)
    assert 400 <= status < 500, text
    assert "xml" in answered["content-type"]
    assert code_of(text)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"1", b'"a"', b"{", b"\xff\xfe", b"\0" * 100])
@pytest.mark.parametrize(
    "target", ["AWSGlue.GetTable", "AmazonAthena.GetQueryExecution", "TrentService.Encrypt"]
)
def test_body_that_is_no_object_is_a_client_error(cloud, body: bytes, target: str) -> None:
    service = {"AWSGlue": "glue", "AmazonAthena": "athena", "TrentService": "kms"}[target.partition(".")[0]]
    headers = {**JSON, "Authorization": SCOPE.format(ROOT.format(service)), "X-Amz-Target": target}
    status, _, text = send(cloud, "POST", "/", headers, body)
    assert 400 <= status < 500, text
    assert json.loads(text)["__type"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Amz-Target": "AWSGlue.GetTables"},
        {**FORM, "X-Amz-Target": "AWSGlue.GetTables"},
        {"X-Amz-Target": "AWSGlue.GetTables", "Content-Encoding": "gzip"},
        {"X-Amz-Target": "AWSGlue.GetTables", "Content-Length": "-1"},
        {"X-Amz-Target": "AWSGlue.GetTables", "Content-Length": "many"},
    ],
    ids=["target", "form", "gzip", "negative length", "no length"],
)
def test_rights_are_not_had_by_another_protocol(cloud, act_as, headers: dict[str, str]) -> None:
    keys = act_as().session.get_credentials()
    scope = f"{keys.access_key}/20261101/us-east-1/glue/aws4_request"
    signed = {"Authorization": SCOPE.format(scope), "X-Amz-Security-Token": keys.token}
    status, _, text = send(cloud, "POST", "/", {**signed, **headers}, b'{"DatabaseName": "a"}')
    assert 400 <= status < 500, text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    header=some.text(some.characters(min_codepoint=32, max_codepoint=126), max_size=80),
    method=some.sampled_from(("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH")),
    target=some.text(some.characters(min_codepoint=33, max_codepoint=126), max_size=30),
    query=some.text(some.sampled_from("aX-=&%?/+.z"), max_size=40),
    kind=some.sampled_from((JSON, FORM, {"Content-Type": "multipart/form-data"}, {})),
    body=some.binary(max_size=60),
)
def test_nobody_gets_in_whatever_he_sends(
    cloud, bucket: str, header: str, method: str, target: str, query: str, kind: dict[str, str], body: bytes
) -> None:
    headers = {**kind, "Authorization": header, **({"X-Amz-Target": target} if target else {})}
    status, _, text = send(cloud, method, f"/{bucket}/a?{query}", headers, body)
    assert 400 <= status < 500, text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    service=some.sampled_from(("s3", "lambda", "scheduler", "glue", "iam", "apigateway", "nonsense", "%2e")),
    method=some.sampled_from(("GET", "PUT", "POST", "DELETE", "PATCH")),
    path=some.text(some.sampled_from("ab/%20.:2015-03-31functions"), max_size=40),
    kind=some.sampled_from((JSON, FORM, {"Content-Type": "multipart/form-data; boundary=a"}, {})),
    body=some.binary(max_size=60),
)
def test_role_without_rights_gets_nothing_done(
    cloud, powerless: Any, service: str, method: str, path: str, kind: dict[str, str], body: bytes
) -> None:
    scope = SCOPE.format(f"{powerless.access_key}/20261101/us-east-1/{service}/aws4_request")
    headers = {**kind, "Authorization": scope, "X-Amz-Security-Token": powerless.token}
    status, _, text = send(cloud, method, f"/{path}", headers, body)
    assert 400 <= status < 500, text
