"""Athena as a user calls it, for the tests: start a query, wait, read its rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any


class QueryFailedError(AssertionError):
    """The query did not succeed; `execution` is what GetQueryExecution says."""

    def __init__(self, execution: dict[str, Any]) -> None:
        super().__init__(execution["Status"].get("StateChangeReason", execution["Status"]["State"]))
        self.execution = execution


@dataclass(frozen=True)
class Finished:
    """A query that succeeded, with its first page."""

    execution: dict[str, Any]
    results: dict[str, Any]

    @property
    def rows(self) -> list[tuple[str | None, ...]]:
        """The rows of the first page, without the header of a SELECT."""
        rows = [
            tuple(value.get("VarCharValue") for value in row["Data"])
            for row in self.results["ResultSet"]["Rows"]
        ]
        return rows[1:] if self.execution["SubstatementType"] in ("SELECT", "EXECUTE") else rows

    @property
    def columns(self) -> dict[str, str]:
        return {c["Name"]: c["Type"] for c in self.results["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]}


@dataclass(frozen=True)
class Lake:
    """A database with a bucket of its own."""

    athena: Any
    s3: Any
    glue: Any
    bucket: str
    database: str

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def start(self, sql: str, **request: Any) -> str:
        request.setdefault("ResultConfiguration", {"OutputLocation": self.uri("results/")})
        started = self.athena.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": self.database}, **request
        )
        return str(started["QueryExecutionId"])

    def wait(self, query_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            execution = self.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
            if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
                return dict(execution)
            time.sleep(0.01)
        raise TimeoutError(query_id)

    def run(self, sql: str, **request: Any) -> Finished:
        query_id = self.start(sql, **request)
        execution = self.wait(query_id)
        if execution["Status"]["State"] != "SUCCEEDED":
            raise QueryFailedError(execution)
        return Finished(execution, self.athena.get_query_results(QueryExecutionId=query_id))

    def rows(self, sql: str) -> list[tuple[str | None, ...]]:
        return self.run(sql).rows

    def error(self, sql: str) -> str:
        """The reason why a statement fails."""
        execution = self.wait(self.start(sql))
        assert execution["Status"]["State"] == "FAILED", execution["Status"]
        return str(execution["Status"]["AthenaError"]["ErrorMessage"])

    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def keys(self, prefix: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", [])]

    def body(self, uri: str) -> str:
        key = uri.removeprefix(f"s3://{self.bucket}/")
        return str(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read().decode())
