"""Files that a test puts, crawlers over them, and what these write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


def make_role(cloud: Any, statements: list[Mapping[str, Any]]) -> str:
    """A role that Glue may assume."""
    iam, name = cloud.client("iam"), cloud.unique_name("crawler-role")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]})
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=name, PolicyName="crawl", PolicyDocument=policy)
    return arn


@dataclass(frozen=True)
class CrawledLake:
    """A bucket, a database, and crawlers that run to their end."""

    cloud: Any
    bucket: str
    database: str
    role: str
    workgroup: str

    def put(self, key: str, body: bytes | str) -> None:
        self.cloud.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def put_slow_files(self, prefix: str) -> None:
        """Files that take a crawl longer than a few requests."""
        for number in range(60):
            # No two records have the same shape, so that each is looked at.
            lines = (f'{{"id": 1, "name_{number}_{line}": ["a", "b"]}}\n' for line in range(2_000))
            self.put(f"{prefix}p={number}/1.json", "".join(lines))

    def define(self, *paths: str, name: str | None = None, **options: Any) -> str:
        """A crawler over paths of the bucket."""
        name = name or self.cloud.unique_name("crawler")
        targets = {"S3Targets": [{"Path": f"s3://{self.bucket}/{path}"} for path in paths]}
        given = {"Role": self.role, "DatabaseName": self.database, "Targets": targets, **options}
        if isinstance(given.get("Configuration"), dict):
            given["Configuration"] = json.dumps({"Version": 1.0, **given["Configuration"]})
        self.cloud.client("glue").create_crawler(Name=name, **given)
        return name

    def run(self, name: str, status: str = "SUCCEEDED") -> dict[str, Any]:
        """Start a crawler and wait for its end."""
        glue = self.cloud.client("glue")
        glue.start_crawler(Name=name)

        def ended() -> dict[str, Any] | None:
            crawler = glue.get_crawler(Name=name)["Crawler"]
            return crawler if crawler["State"] == "READY" else None

        crawler: dict[str, Any] = self.cloud.wait_for.condition(ended, f"crawler {name} is ready")
        assert crawler["LastCrawl"]["Status"] == status, crawler["LastCrawl"]
        return crawler

    def crawl(self, *paths: str, **options: Any) -> dict[str, dict[str, Any]]:
        """The tables that a new crawler makes of paths, by name."""
        self.run(self.define(*paths, **options))
        return self.tables()

    def tables(self) -> dict[str, dict[str, Any]]:
        tables = self.cloud.client("glue").get_tables(DatabaseName=self.database)["TableList"]
        return {table["Name"]: table for table in tables}

    def partitions(self, table: str) -> list[dict[str, Any]]:
        return list(
            self.cloud.client("glue").get_partitions(DatabaseName=self.database, TableName=table)[
                "Partitions"
            ]
        )

    def log(self, crawler: str) -> list[str]:
        """The lines of a crawler's log, without the crawl's id."""
        events = self.cloud.client("logs").get_log_events(
            logGroupName="/aws-glue/crawlers", logStreamName=crawler, startFromHead=True
        )["events"]
        return [event["message"].partition("] ")[2] for event in events]

    def query(self, sql: str) -> list[Any]:
        return list(self.cloud.query(sql, self.database, self.workgroup).rows)


def columns(table: dict[str, Any]) -> dict[str, str]:
    """A table's columns and their types."""
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
