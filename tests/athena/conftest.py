"""A lake of its own for each test: a database and a bucket, on the shared local cloud or under `mock_aws`.

The suites run against both targets: against the local cloud's endpoint as they are, and against moto's
`mock_aws` in this process where MILLPOND_ATHENA_TARGET says so (`test_in_process.py` sets it).
"""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from athena.athena_client import Lake

IN_PROCESS = os.environ.get("MILLPOND_ATHENA_TARGET") == "mock_aws"


@pytest.fixture
def lake(request: pytest.FixtureRequest) -> Lake:
    if IN_PROCESS:
        return new_lake(request.getfixturevalue("mocked_client"), f"bucket-{uuid.uuid4().hex[:12]}")
    cloud = request.getfixturevalue("cloud")
    return new_lake(cloud.client, cloud.unique_name("bucket"))


@pytest.fixture(scope="session")
def mocked_client(moto_services: None) -> Iterator[Any]:
    """Gives clients under one `mock_aws` for all tests, each made once: making one takes long."""
    with mock_aws():
        yield functools.cache(functools.partial(boto3.client, region_name="us-east-1"))


def new_lake(client: Any, bucket: str) -> Lake:
    database = f"db_{uuid.uuid4().hex[:12]}"
    glue, s3 = client("glue"), client("s3")
    s3.create_bucket(Bucket=bucket)
    glue.create_database(DatabaseInput={"Name": database})
    return Lake(client("athena"), s3, glue, bucket, database)


if IN_PROCESS:

    @pytest.fixture
    def cloud() -> None:
        pytest.skip("needs an endpoint")
