"""A crawler over files that a test puts."""

from __future__ import annotations

from typing import Any

import pytest
from tests.glue.crawlers.crawled_lake import CrawledLake, make_role


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
