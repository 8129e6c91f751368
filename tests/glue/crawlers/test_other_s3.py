"""A crawler whose files lie in another S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.glue.crawled_lake import columns, make_role

from millpond.server import process
from millpond.server.settings import ServerSettings
from millpond.testing import RunningCloud


@pytest.fixture
def other(cloud: Any, tmp_path: Any) -> Iterator[RunningCloud]:
    """A second local cloud, over the S3 of the first."""
    running = process.start(ServerSettings(tmp_path, port=0, s3_endpoint_url=cloud.endpoint_url))
    try:
        yield RunningCloud(running.endpoint_url)
    finally:
        process.stop(tmp_path)


def test_crawler_reads_the_files_of_the_other_s3(cloud: Any, bucket: str, other: RunningCloud) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="in/day=1/a.csv", Body=b"id,name\n1,x\n")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    glue, role = other.client("glue"), make_role(other, [everything])
    glue.create_database(DatabaseInput={"Name": "lake"})
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/in/"}]}
    glue.create_crawler(Name="c", Role=role, DatabaseName="lake", Targets=targets)
    glue.start_crawler(Name="c")
    other.wait_for.condition(
        lambda: glue.get_crawler(Name="c")["Crawler"]["State"] == "READY", "the crawler is ready"
    )
    assert columns(glue.get_table(DatabaseName="lake", Name="in")["Table"]) == {
        "id": "bigint",
        "name": "string",
    }
    (partition,) = glue.get_partitions(DatabaseName="lake", TableName="in")["Partitions"]
    assert partition["Values"] == ["1"]
