"""Holds the marts against raw, and shows them to readers only if they agree.

Readers ask views named `published_*`. Each run copies the marts into tables of its own and switches all
views to them at the end: whoever reads sees the marts of one run, and of one that was found right.
"""

from __future__ import annotations

import datetime
import hashlib
from decimal import Decimal
from typing import Any

from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
from airflow.sdk import DAG, task

from lake_operations.days import MARTS, PUBLISHED, days_of
from lake_operations.defaults import dag_arguments
from lake_operations.failures import DataProblem, retried_by_kind
from lake_operations.lake import DBT_CONNECTION, Lake
from lake_operations.queries import ask
from lake_operations.reports import record_run

LAKE = Lake.from_environment()
MARTS_OF_READERS = ("monthly_revenue", "fct_orders")

with DAG(
    **dag_arguments("quality_and_publish", deadline=datetime.timedelta(hours=1)),
    description="Check the marts, then switch readers to them",
    schedule=[MARTS],
    doc_md=__doc__,
) as dag:

    @task
    def choose_days(**context: Any) -> list[str]:
        """The days that the marts were built for."""
        return days_of(context)

    @task
    @retried_by_kind
    def check_days(days: list[str]) -> dict[str, int]:
        """Every line of the days' sales that was taken in is in the marts.

        Raises:
            DataProblem: Lines are missing, or there are more than were delivered.
        """
        rows: dict[str, int] = {}
        for day in days:
            files = f"'s3://{LAKE.landing_bucket}/sales/{day}%'"
            ((delivered,),) = ask(
                LAKE,
                "SELECT sum(loaded) FROM (SELECT source_file, max_by(loaded, delivered_at) AS loaded "
                f'FROM "{LAKE.raw_database}"."ingestion_log" '
                f"WHERE status = 'loaded' AND source_file LIKE {files} GROUP BY source_file)",
            )
            ((built,),) = ask(LAKE, f"SELECT count(*) FROM fct_order_lines WHERE _source_file LIKE {files}")
            if int(delivered or 0) != int(built or 0):
                raise DataProblem(f"{day}: {delivered} lines of sales were taken in, the marts have {built}")
            rows[day] = int(built or 0)
        return rows

    @task
    @retried_by_kind
    def check_revenue() -> str:
        """The revenue of all months is that of all lines; each month is rounded to cents once.

        Raises:
            DataProblem: It is not.
        """
        ((lines, months, count),) = ask(
            LAKE,
            "SELECT (SELECT sum(line_amount) FROM fct_order_lines), "
            "(SELECT sum(net_revenue) FROM monthly_revenue), (SELECT count(*) FROM monthly_revenue)",
        )
        of_lines, of_months = Decimal(lines or 0), Decimal(months or 0)
        if abs(of_lines - of_months) > Decimal("0.005") * int(count or 0):
            raise DataProblem(f"Revenue of the lines is {of_lines}, that of the months {of_months}")
        return str(of_months)

    @task
    @retried_by_kind
    def copy_mart(mart: str, **context: Any) -> str:
        """Copy a mart into a table of this run; another attempt begins anew."""
        copy = f"{mart}__{_version(context)}"
        place = f"s3://{LAKE.marts_bucket}/published/{copy}/{context['ti'].try_number}/"
        ask(LAKE, f"DROP TABLE IF EXISTS `{LAKE.marts_database}`.`{copy}`")
        ask(
            LAKE,
            f"CREATE TABLE \"{copy}\" WITH (table_type = 'ICEBERG', is_external = false, "
            f"location = '{place}', format = 'PARQUET') AS SELECT * FROM \"{mart}\"",
        )
        return copy

    @task(outlets=[PUBLISHED])
    @retried_by_kind
    def publish(copies: list[str], days: list[str], outlet_events: Any = None) -> list[str]:
        """Switch the views of readers to this run's copies, then forget those before."""
        for copy in copies:
            mart = copy.partition("__")[0]
            ask(LAKE, f'CREATE OR REPLACE VIEW "published_{mart}" AS SELECT * FROM "{copy}"')
        glue = GlueCatalogHook(DBT_CONNECTION).get_conn()
        pages = glue.get_paginator("get_tables").paginate(DatabaseName=LAKE.marts_database)
        tables = [table["Name"] for page in pages for table in page["TableList"]]
        for table in tables:
            if table.partition("__")[0] in MARTS_OF_READERS and "__v" in table and table not in copies:
                ask(LAKE, f"DROP TABLE IF EXISTS `{LAKE.marts_database}`.`{table}`")
        outlet_events[PUBLISHED].extra = {"days": days}
        return list(copies)

    def _version(context: Any) -> str:
        return "v" + hashlib.sha256(context["run_id"].encode()).hexdigest()[:12]

    days = choose_days()
    rows = check_days(days)
    revenue = check_revenue()
    copies = copy_mart.expand(mart=list(MARTS_OF_READERS))
    published = publish(copies, days)
    [rows, revenue] >> copies
    days >> revenue
    published >> record_run(rows, days=days).as_teardown()
