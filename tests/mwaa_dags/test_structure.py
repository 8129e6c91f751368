"""What Airflow reads in the folder of the DAGs: no errors, quickly, and chained as they should be."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mwaa_dags.pipelines import PROJECT, Pipelines

CHAIN = {"ingest_batch": "lake-raw", "transform": "lake-marts", "quality_and_publish": "lake-published"}
PARSE_BUDGET_SECONDS = 1.0
MARTS = ("fct_order_lines", "fct_orders", "monthly_revenue", "dim_customers", "dim_products")


@pytest.fixture(scope="module")
def described(pipelines: Pipelines) -> dict[str, Any]:
    script = Path(__file__).with_name("describe_dags.py")
    done = subprocess.run(
        [str(pipelines.settings.python), str(script)],
        # Whoever called AWS while a file is read would fail here.
        env={**pipelines.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=True,
    )
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("DAGS ")]
    content: dict[str, Any] = json.loads(line.removeprefix("DAGS "))
    return content


def test_every_file_is_read_without_errors(described: dict[str, Any]) -> None:
    assert described["errors"] == {}
    assert sorted(described["dags"]) == ["ingest_batch", "maintain", "quality_and_publish", "transform"]


def test_every_file_is_read_within_a_second_of_processor_time(described: dict[str, Any]) -> None:
    assert {file: s for file, s in described["seconds"].items() if s > PARSE_BUDGET_SECONDS} == {}


def test_each_dag_starts_when_the_one_before_it_has_made_its_asset(described: dict[str, Any]) -> None:
    starts = {name: dag["starts_after"] for name, dag in described["dags"].items()}
    made = {
        name: [outlet for task in dag["tasks"].values() for outlet in task["outlets"]]
        for name, dag in described["dags"].items()
    }
    assert starts["transform"] == made["ingest_batch"] == ["lake-raw"]
    assert starts["quality_and_publish"] == made["transform"] == ["lake-marts"]
    assert starts["maintain"] == made["quality_and_publish"] == ["lake-published"]


def test_every_model_of_dbt_is_a_task_below_those_that_it_reads(described: dict[str, Any]) -> None:
    edges = {(above, below) for above, below in described["dags"]["transform"]["edges"]}
    assert ("dbt.fct_orders_model_build", "dbt.monthly_revenue_model_build") in edges
    built = {task for task in described["dags"]["transform"]["tasks"] if task.endswith("_build")}
    assert {f"dbt.{mart}_model_build" for mart in MARTS} <= built


@pytest.mark.parametrize("dag", [*CHAIN, "maintain"])
def test_every_task_is_tried_again_and_tells_of_its_failure(described: dict[str, Any], dag: str) -> None:
    tasks = described["dags"][dag]["tasks"]
    assert [name for name, task in tasks.items() if not (task["retries"] and task["reports_failures"])] == []
    first_wait_and_growth = [20.0, 2]
    assert [name for name, task in tasks.items() if task["waits"] != first_wait_and_growth] == []


@pytest.mark.parametrize("dag", [*CHAIN, "maintain"])
def test_every_dag_runs_alone_for_a_day_with_a_deadline(described: dict[str, Any], dag: str) -> None:
    content = described["dags"][dag]
    # A day that waits for its files does not keep another one waiting.
    runs_at_once = 2 if dag == "ingest_batch" else 1
    assert (content["max_active_runs"], content["deadlines"], content["params"]) == (runs_at_once, 1, ["day"])


@pytest.mark.parametrize("category", ["data", "permission", "throttling", "infrastructure", "code"])
def test_every_kind_of_failure_has_a_runbook_page(category: str) -> None:
    assert (PROJECT / "docs" / "runbooks" / f"{category}.md").read_text().startswith("# ")
