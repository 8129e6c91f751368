"""A database of its own for each test, and crawlers over files that the test puts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.glue.crawled_lake import CrawledLake, make_role


@pytest.fixture
def glue(cloud: Any) -> Any:
    return cloud.client("glue")


@pytest.fixture
def database(cloud: Any, glue: Any) -> str:
    name = str(cloud.unique_name("db")).replace("-", "_")
    glue.create_database(DatabaseInput={"Name": name})
    return name


@pytest.fixture(scope="session")
def crawler_role(cloud: Any) -> str:
    """A role that may read all objects, write the catalog and its logs."""
    allowed = {"Effect": "Allow", "Action": ["s3:*", "glue:*", "logs:*"], "Resource": "*"}
    return make_role(cloud, [allowed])


@pytest.fixture(scope="session")
def workgroup(cloud: Any) -> str:
    """A workgroup whose results have a place."""
    name = cloud.unique_name("results")
    cloud.client("s3").create_bucket(Bucket=name)
    place = {"ResultConfiguration": {"OutputLocation": f"s3://{name}/"}}
    cloud.client("athena").create_work_group(Name=name, Configuration=place)
    return str(name)


@pytest.fixture
def lake(cloud: Any, bucket: str, database: str, crawler_role: str, workgroup: str) -> CrawledLake:
    return CrawledLake(cloud, bucket, database, crawler_role, workgroup)
