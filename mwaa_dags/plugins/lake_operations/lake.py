"""Where the lake is. All of it comes from the environment, so that reading a DAG's file asks nobody."""

from __future__ import annotations

import os
from dataclasses import dataclass

AWS_CONNECTION = "aws_default"
"""Airflow's own role."""

DBT_CONNECTION = "lake_dbt"
"""dbt's role, which reads raw and owns the marts; startup.sh makes the connection."""


class LakeNotConfigured(Exception):
    """A variable that startup.sh sets is missing."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The environment has no {name}: startup.sh makes it of the option lake.{name.lower()}"
        )


@dataclass(frozen=True)
class Lake:
    """The names of what the DAGs work with, as the stack exports them."""

    landing_bucket: str
    raw_bucket: str
    marts_bucket: str
    raw_database: str
    marts_database: str
    dbt_workgroup: str
    batch_load_state_machine_arn: str
    compact_raw_job: str
    landing_crawler: str
    file_sources: tuple[str, ...]
    daily_sources: tuple[str, ...]
    pipelines_namespace: str
    dbt_executable: str
    dbt_project: str
    dbt_manifest: str

    @classmethod
    def from_environment(cls) -> Lake:
        """Read the variables that startup.sh has set.

        Raises:
            LakeNotConfigured: One is missing.
        """
        try:
            return cls(
                landing_bucket=os.environ["LAKE_LANDING_BUCKET"],
                raw_bucket=os.environ["LAKE_RAW_BUCKET"],
                marts_bucket=os.environ["LAKE_MARTS_BUCKET"],
                raw_database=os.environ["LAKE_RAW_DATABASE"],
                marts_database=os.environ["LAKE_MARTS_DATABASE"],
                dbt_workgroup=os.environ["LAKE_DBT_WORKGROUP"],
                batch_load_state_machine_arn=os.environ["LAKE_BATCH_LOAD_STATE_MACHINE_ARN"],
                compact_raw_job=os.environ["LAKE_COMPACT_RAW_JOB"],
                landing_crawler=os.environ["LAKE_LANDING_CRAWLER"],
                file_sources=tuple(os.environ["LAKE_FILE_SOURCES"].split(",")),
                daily_sources=tuple(os.environ["LAKE_DAILY_SOURCES"].split(",")),
                pipelines_namespace=os.environ["LAKE_PIPELINES_NAMESPACE"],
                dbt_executable=os.environ["LAKE_DBT_EXECUTABLE"],
                dbt_project=os.environ["LAKE_DBT_PROJECT"],
                dbt_manifest=os.environ["LAKE_DBT_MANIFEST"],
            )
        except KeyError as error:
            raise LakeNotConfigured(str(error.args[0])) from error
