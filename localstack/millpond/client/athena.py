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


@dataclass(frozen=True)
class QueryAnswer:
    """The result of one query.

    Attributes:
        columns: Names and Athena types, in order.
        rows: Every value as Athena's text for it, None for NULL.
        scanned_bytes: What the query read.
        milliseconds: From its start to its end, as Athena measured it.
    """

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str | None, ...], ...]
    scanned_bytes: int
    milliseconds: int

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
    has_header = execution.get("StatementType") == "DML" and execution.get("SubstatementType") != "EXPLAIN"
    return QueryAnswer(
        columns,
        tuple(rows[1:] if has_header else rows),
        statistics.get("DataScannedInBytes", 0),
        statistics.get("TotalExecutionTimeInMillis", 0),
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
