"""The lake and the DAGs that work on it, as the tests use them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from millpond.airflow import AirflowSettings
from millpond.client import Endpoint, run_query
from millpond.datagen import DatagenResult

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = ("customers", "products", "sales")
_RUN_SECONDS = 420


@dataclass(frozen=True)
class Pipelines:
    """The lake, and the DAGs that work on it."""

    endpoint: Endpoint
    outputs: Mapping[str, Any]
    settings: AirflowSettings
    environment: Mapping[str, str]
    shop: DatagenResult
    days: Sequence[str]

    def drop(self, day: str, sources: Sequence[str] = SOURCES) -> None:
        """Deliver a day's files, as the shop does."""
        s3 = self.endpoint.client("s3")
        for name in sources:
            for file in self.shop.source(name).files:
                if file.name.startswith(day):
                    s3.upload_file(str(file), self.outputs["landing_bucket"], f"{name}/{file.name}")

    def run(self, dag: str, day: str, **variables: str) -> dict[str, Any]:
        """Run a DAG for a day with `dag.test()`; returns the row that the run has left in `pipeline_runs`."""
        script = Path(__file__).with_name("run_dag.py")
        known = {row["run_id"] for row in self.runs(dag)}
        with (self.settings.home / f"{dag}.log").open("w") as log:
            subprocess.run(
                [str(self.settings.python), str(script), dag, json.dumps({"day": day})],
                env={**self.environment, **variables},
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=_RUN_SECONDS,
                check=False,
            )
        (row,) = [row for row in self.runs(dag) if row["run_id"] not in known]
        return row

    def runs(self, dag: str) -> list[dict[str, Any]]:
        """What the table says of a pipeline's runs, the first one first."""
        return self.query(
            "SELECT run_id, status, category, message, row_count, "
            "array_join(failed_tasks, ',') AS failed_tasks "
            f'FROM "{self.outputs["raw_database"]}"."pipeline_runs" '
            f"WHERE pipeline = '{dag}' ORDER BY started_at"
        )

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Ask Athena, as the account's administrator."""
        answer = run_query(
            self.endpoint, sql, self.outputs["marts_database"], self.outputs["analyst_workgroup"]
        )
        return answer.dictionaries()

    def loaded(self, source: str, day: str) -> int:
        """How many rows of a day's file are in raw."""
        (row,) = self.query(
            f'SELECT count(*) AS n FROM "{self.outputs["raw_database"]}"."{source}" '
            f"WHERE _source_file LIKE '%/{source}/{day}%'"
        )
        return int(row["n"])
