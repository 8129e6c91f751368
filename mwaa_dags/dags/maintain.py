"""Keeps the tables fast and small: compacts small files, forgets what no reader can ask for any more.

Results of queries and old versions of objects expire by the rules of their buckets.
"""

from __future__ import annotations

import datetime
from typing import Any

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.sdk import DAG, task

from lake_operations.days import PUBLISHED, days_of
from lake_operations.defaults import dag_arguments
from lake_operations.failures import RetriedByKind, retried_by_kind
from lake_operations.lake import AWS_CONNECTION, DBT_CONNECTION, Lake
from lake_operations.queries import QueryFailed, ask
from lake_operations.reports import record_run

LAKE = Lake.from_environment()
MORE_TO_DO = "MORE_RUNS_NEEDED"
"""https://docs.aws.amazon.com/athena/latest/ug/vacuum-statement.html: part of the error's name."""
MOST_ROUNDS = 20


class CompactRaw(RetriedByKind, GlueJobOperator):
    """Compacts without a worker."""


with DAG(
    **dag_arguments("maintain", deadline=datetime.timedelta(hours=4)),
    description="Compact, and expire what is old",
    # After readers have their day, and before the next one comes: nobody else writes the tables then.
    schedule=[PUBLISHED],
    doc_md=__doc__,
) as dag:

    @task
    def choose_days(**context: Any) -> list[str]:
        """The day of the run, for its record."""
        return days_of(context)

    @task
    @retried_by_kind
    def list_tables() -> list[str]:
        """The Iceberg tables of the marts, but for those of one run, which are gone with the next.

        Copies for readers, and what dbt builds a table in, have two underscores in their names.
        """
        glue = GlueCatalogHook(DBT_CONNECTION).get_conn()
        pages = glue.get_paginator("get_tables").paginate(DatabaseName=LAKE.marts_database)
        return sorted(
            table["Name"]
            for page in pages
            for table in page["TableList"]
            if table.get("Parameters", {}).get("table_type", "").upper() == "ICEBERG"
            and "__" not in table["Name"]
        )

    @task(max_active_tis_per_dagrun=2, map_index_template="{{ task.op_kwargs['table'] }}")
    @retried_by_kind
    def compact_mart(table: str) -> None:
        """Rewrite a table's small files into large ones, then forget old snapshots and their files."""
        for statement in (f"OPTIMIZE {table} REWRITE DATA USING BIN_PACK", f"VACUUM {table}"):
            _run_to_its_end(statement)

    def _run_to_its_end(statement: str) -> None:
        """Athena stops what takes too long in the middle, keeps what is done, and says that more is to do."""
        for _ in range(MOST_ROUNDS):
            try:
                ask(LAKE, statement)
            except QueryFailed as failure:
                if MORE_TO_DO not in str(failure):
                    raise
            else:
                return
        raise QueryFailed(f"{statement}: not done after {MOST_ROUNDS} rounds")

    compact_raw = CompactRaw(
        task_id="compact_raw",
        job_name=LAKE.compact_raw_job,
        aws_conn_id=AWS_CONNECTION,
        verbose=False,
        job_poll_interval=5,
    )
    days = choose_days()
    tables = list_tables()
    compacted = compact_mart.expand(table=tables)
    [compact_raw, compacted] >> record_run(days=days).as_teardown()
