"""The lake and the DAGs that work on it, as the tests use them."""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from millpond.airflow import AirflowSettings
from millpond.client import Endpoint, run_query
from millpond.datagen import DatagenResult

PROJECT = Path(__file__).resolve().parents[2]
SOURCES = ("customers", "products", "sales")
_RUN_SECONDS = 900
_LOAD_SECONDS = 120


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

    def run(
        self, dag: str, day: str, *, only: str = "", endpoint_url: str = "", **variables: str
    ) -> dict[str, Any]:
        """Run a DAG for a day with `dag.test()`.

        Args:
            dag: The DAG.
            day: The day.
            only: A pattern of the tasks to run; the others count as done.
            endpoint_url: Where AWS answers, if not where the lake is.
            variables: More environment variables.

        Returns:
            The row that the run has left in `pipeline_runs`, and as `tries`, how often each task was tried.
        """
        begun = self.start(dag, day, only=only, endpoint_url=endpoint_url, **variables)
        return begun.result()

    def start(
        self, dag: str, day: str, *, only: str = "", endpoint_url: str = "", **variables: str
    ) -> BegunRun:
        """Begin what `run` does."""
        script = str(Path(__file__).with_name("run_dag.py"))
        # Lineage has a test of its own; here it would only take time.
        added = {"AIRFLOW__OPENLINEAGE__DISABLED": "True", **variables}
        if endpoint_url:
            added["AWS_ENDPOINT_URL"] = endpoint_url
        log = self.settings.home / f"{dag}-{uuid.uuid4().hex[:8]}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [str(self.settings.python), script, dag, json.dumps({"day": day}), only],
                env={**self.environment, **added},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return BegunRun(self, dag, process, log)

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

    def wait_until_loaded(self, source: str, day: str) -> None:
        """Wait for what landing's events start by themselves."""
        deadline = time.monotonic() + _LOAD_SECONDS
        while not self.loaded(source, day):
            assert time.monotonic() < deadline, f"{source} of {day} has not come to raw"
            time.sleep(0.5)

    def loaded(self, source: str, day: str) -> int:
        """How many rows of a day's file are in raw."""
        (row,) = self.query(
            f'SELECT count(*) AS n FROM "{self.outputs["raw_database"]}"."{source}" '
            f"WHERE _source_file LIKE '%/{source}/{day}%'"
        )
        return int(row["n"])


@dataclass(frozen=True)
class BegunRun:
    """A run in a process of its own."""

    pipelines: Pipelines
    dag: str
    process: subprocess.Popen[bytes]
    log: Path

    def result(self) -> dict[str, Any]:
        """Wait for its end; what `Pipelines.run` returns."""
        try:
            self.process.wait(_RUN_SECONDS)
        finally:
            self.process.kill()
        *_, last = self.log.read_text().splitlines()
        told = json.loads(last)
        (row,) = [row for row in self.pipelines.runs(self.dag) if row["run_id"] == told["run_id"]]
        return row | {"tries": told["tries"]}
