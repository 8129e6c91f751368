"""A query through the Athena API, from its start to its last row."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError as BotoClientError
from botocore.exceptions import EndpointConnectionError

from millpond.client.endpoint import Endpoint
from millpond.client.exceptions import EndpointUnreachable, QueryFailed

_POLL_SECONDS = 0.02

DOLLARS_PER_TERABYTE = 5.0
"""What Athena asks in most regions for what a query scans: https://aws.amazon.com/athena/pricing/"""

_MEGABYTE = 1_000_000
_LEAST_BILLED_MEGABYTES = 10


@dataclass(frozen=True)
class QueryAnswer:
    """The result of one query.

    Attributes:
        columns: Names and Athena types, in order.
        rows: Every value as Athena's text for it, None for NULL.
        scanned_bytes: What the query read.
        milliseconds: From its start to its end, as Athena measured it.
        is_billed: Whether Athena asks money for such a statement: for queries and for what writes rows, not
            for definitions.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]
    scanned_bytes: int
    milliseconds: int
    is_billed: bool

    @property
    def billed_bytes(self) -> int:
        """What Athena would bill: whole megabytes, and ten of them at least."""
        if not self.is_billed:
            return 0
        return max(_LEAST_BILLED_MEGABYTES, -(-self.scanned_bytes // _MEGABYTE)) * _MEGABYTE

    @property
    def dollars(self) -> float:
        """What the query would cost on AWS."""
        return self.billed_bytes / 1e12 * DOLLARS_PER_TERABYTE

    def dictionaries(self) -> list[dict[str, str | None]]:
        """The rows by column name."""
        names = [name for name, _ in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


def run_query(endpoint: Endpoint, sql: str, database: str | None, workgroup: str | None) -> QueryAnswer:
    """Run a query and fetch its whole result.

    Raises:
        QueryFailed: Athena refuses it, or says that it failed or was cancelled.
        EndpointUnreachable: Nothing answers.
    """
    if not sql.strip():
        raise QueryFailed("The query is empty.")
    athena = endpoint.client("athena")
    request: dict[str, Any] = {"QueryString": sql}
    if database:
        request["QueryExecutionContext"] = {"Database": database}
    if workgroup:
        request["WorkGroup"] = workgroup
    try:
        execution_id = athena.start_query_execution(**request)["QueryExecutionId"]
    except EndpointConnectionError:
        raise EndpointUnreachable(endpoint.url) from None
    except BotoClientError as error:
        raise QueryFailed(error.response["Error"]["Message"]) from None
    execution = _wait(athena, execution_id)
    statistics = execution.get("Statistics", {})
    pages = list(athena.get_paginator("get_query_results").paginate(QueryExecutionId=execution_id))
    columns = tuple((c["Name"], c["Type"]) for c in pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"])
    rows = list(_rows(pages))
    is_query = execution.get("StatementType") == "DML" and execution.get("SubstatementType") != "EXPLAIN"
    scanned_bytes = statistics.get("DataScannedInBytes", 0)
    return QueryAnswer(
        columns,
        tuple(rows[1:] if is_query else rows),
        scanned_bytes,
        statistics.get("TotalExecutionTimeInMillis", 0),
        is_billed=is_query or scanned_bytes > 0,  # EXPLAIN ANALYZE scans, EXPLAIN does not
    )


def _wait(athena: Any, execution_id: str) -> dict[str, Any]:
    while True:
        execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=execution_id)[
            "QueryExecution"
        ]
        state = execution["Status"]["State"]
        if state == "SUCCEEDED":
            return execution
        if state in ("FAILED", "CANCELLED"):
            raise QueryFailed(execution["Status"].get("StateChangeReason", f"The query was {state.lower()}"))
        time.sleep(_POLL_SECONDS)


def _rows(pages: list[dict[str, Any]]) -> Iterator[tuple[str | None, ...]]:
    for page in pages:
        for row in page["ResultSet"]["Rows"]:
            yield tuple(value.get("VarCharValue") for value in row.get("Data", []))
