"""Where the engine finds each service: by the stack's settings, or by whatever goes before them."""

from __future__ import annotations

import json

import pytest

from millpond.deploy.exceptions import CloudError, ProjectError
from millpond.deploy.project import StackSettings
from millpond.deploy.providers.aws.settings import AwsSettings

ONE, OTHER = "http://127.0.0.1:1", "http://127.0.0.1:2"


def settings(**endpoints: str) -> StackSettings:
    config = {"aws:endpoints": json.dumps([endpoints])} if endpoints else {}
    return StackSettings("test", config)


def test_each_service_has_the_endpoint_of_the_stacks_settings():
    aws = AwsSettings.of(settings(s3=ONE, glue=OTHER, cloudwatchlogs=OTHER))
    assert [aws.endpoint_of(service) for service in ("s3", "glue", "logs")] == [ONE, OTHER, OTHER]
    with pytest.raises(CloudError, match="no endpoint for the service 'athena'"):
        aws.endpoint_of("athena")


def test_a_given_endpoint_goes_before_all_of_the_settings():
    aws = AwsSettings.of(settings(s3=OTHER, glue=OTHER), ONE)
    assert [aws.endpoint_of(service) for service in ("s3", "glue", "athena")] == [ONE] * 3


def test_a_given_endpoint_may_leave_out_single_services():
    aws = AwsSettings.of(settings(s3=OTHER), ONE, {"glue": OTHER})
    assert [aws.endpoint_of(service) for service in ("s3", "glue")] == [ONE, OTHER]


def test_no_endpoint_at_all_is_no_way_to_aws():
    with pytest.raises(ProjectError, match="names no endpoint"):
        AwsSettings.of(settings())
