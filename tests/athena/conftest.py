"""A lake of its own for each test: a database and a bucket on the shared local cloud."""

from __future__ import annotations

from typing import Any

import pytest

from athena.athena_client import Lake


@pytest.fixture
def lake(cloud: Any, bucket: str) -> Lake:
    database = cloud.unique_name("db").replace("-", "_")
    glue = cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": database})
    return Lake(cloud.client("athena"), cloud.client("s3"), glue, bucket, database)
