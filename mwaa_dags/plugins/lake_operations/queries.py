"""Questions to Athena, asked as dbt: it reads raw and owns the marts."""

from __future__ import annotations

from airflow.providers.amazon.aws.hooks.athena import AthenaHook

from lake_operations.lake import DBT_CONNECTION, Lake

_POLL_SECONDS = 1
_PATIENCE_SECONDS = 1800


class QueryFailed(Exception):
    """Athena says why."""


def ask(lake: Lake, sql: str) -> list[tuple[str | None, ...]]:
    """Run a statement to its end.

    Returns:
        The rows of its result, as texts.

    Raises:
        QueryFailed: It failed; the message is Athena's.
    """
    hook = AthenaHook(aws_conn_id=DBT_CONNECTION)
    query = hook.run_query(sql, {"Database": lake.marts_database}, {}, None, lake.dbt_workgroup)
    state = hook.poll_query_status(query, _PATIENCE_SECONDS // _POLL_SECONDS, _POLL_SECONDS)
    if state != "SUCCEEDED":
        hook.stop_query(query) if state in hook.INTERMEDIATE_STATES else None
        raise QueryFailed(f"{state}: {hook.get_state_change_reason(query)}")
    pages = hook.get_query_results_paginator(query)
    rows = [row["Data"] for page in pages or () for row in page["ResultSet"]["Rows"]]
    # The first row of a SELECT's result names the columns.
    return [tuple(value.get("VarCharValue") for value in row) for row in rows[1:]]
