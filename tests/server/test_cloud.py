"""The endpoint itself: health, refusals, and what happens when it cannot start."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from millpond.server.cloud import LocalCloud
from millpond.server.exceptions import DataDirectoryInUse, PortTaken
from millpond.server.settings import ServerSettings


def test_health_tells_each_service(cloud):
    with urllib.request.urlopen(f"{cloud.endpoint_url}/_millpond/health") as answer:  # noqa: S310 - loopback
        health = json.load(answer)
    assert health["status"] == "running"
    assert health["services"]["s3"] == "available"


def test_an_unknown_page_of_its_own_is_not_found(cloud):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{cloud.endpoint_url}/_millpond/nothing")  # noqa: S310 - loopback


def test_a_request_of_a_length_below_zero_is_refused_at_once(cloud):
    connection = http.client.HTTPConnection(cloud.endpoint_url.removeprefix("http://"), timeout=10)
    connection.request("PUT", "/bucket/key", headers={"Content-Length": "-1"})
    assert connection.getresponse().status == 400
    connection.close()


@pytest.mark.parametrize(
    ("service", "call", "arguments"),
    [
        ("athena", "list_application_dpu_sizes", {}),
        ("sqs", "list_message_move_tasks", {"SourceArn": "arn:aws:sqs:us-east-1:000000000000:q"}),
    ],
)
def test_an_operation_that_is_missing_is_refused_by_name_without_retries(cloud, service, call, arguments):
    with pytest.raises(ClientError) as error:
        getattr(cloud.client(service), call)(**arguments)
    assert error.value.response["Error"]["Code"] in ("NotImplemented", "UnknownOperationException")
    assert service in error.value.response["Error"]["Message"].lower()
    assert error.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_taken_port_is_named(cloud, tmp_path):
    port = cloud.cloud.settings.port
    with pytest.raises(PortTaken, match=str(port)):
        LocalCloud(ServerSettings(data_dir=tmp_path, port=port)).start()


def test_a_data_directory_serves_one_cloud_at_a_time(cloud):
    settings = ServerSettings(data_dir=cloud.cloud.settings.data_dir, port=0)
    with pytest.raises(DataDirectoryInUse, match="millpond stop"):
        LocalCloud(settings).start()
