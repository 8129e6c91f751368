"""Builds the marts: a task for each of dbt's models, with its tests."""

from __future__ import annotations

import datetime
from typing import Any

from airflow.sdk import DAG, task
from cosmos import DbtTaskGroup, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import ExecutionMode, InvocationMode, LoadMode, TestBehavior

from lake_operations.days import MARTS, RAW, days_of
from lake_operations.dbt_results import raise_by_kind
from lake_operations.defaults import dag_arguments
from lake_operations.failures import retried_by_kind
from lake_operations.lake import Lake
from lake_operations.queries import ask
from lake_operations.reports import record_run

LAKE = Lake.from_environment()

with DAG(
    **dag_arguments("transform", deadline=datetime.timedelta(hours=2)),
    description="dbt: from raw to marts",
    schedule=[RAW],
    doc_md=__doc__,
) as dag:

    @task
    def choose_days(**context: Any) -> list[str]:
        """The days whose arrival started the run; dbt itself sees what is new."""
        return days_of(context)

    @task(outlets=[MARTS])
    @retried_by_kind
    def count_marts(days: list[str], outlet_events: Any = None) -> dict[str, int]:
        """How many rows the facts have now."""
        tables = ("fct_order_lines", "fct_orders")
        counts = [ask(LAKE, f'SELECT count(*) FROM "{LAKE.marts_database}"."{table}"') for table in tables]
        outlet_events[MARTS].extra = {"days": days}
        return {table: int(count[0][0] or 0) for table, count in zip(tables, counts, strict=True)}

    dbt = DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            dbt_project_path=LAKE.dbt_project,
            manifest_path=LAKE.dbt_manifest,
            install_dbt_deps=False,
        ),
        profile_config=ProfileConfig(
            profile_name="lake", target_name="lake", profiles_yml_filepath=f"{LAKE.dbt_project}/profiles.yml"
        ),
        # dbt cannot be installed beside Airflow: it is called, and never imported.
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.LOCAL,
            invocation_mode=InvocationMode.SUBPROCESS,
            dbt_executable_path=LAKE.dbt_executable,
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            test_behavior=TestBehavior.BUILD,
            # A test over several models waits for all of them.
            should_detach_multiple_parents_tests=True,
            emit_datasets=False,
        ),
        operator_args={"install_deps": False, "append_env": True, "callback": raise_by_kind},
    )
    days = choose_days()
    counted = count_marts(days)
    days >> dbt >> counted >> record_run(counted, days=days).as_teardown()
