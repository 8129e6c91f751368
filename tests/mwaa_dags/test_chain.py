"""The demo's day goes through the whole chain in a running Airflow, whose scheduler starts each DAG.

One demo is kept for all tests of this file: its lake, its Airflow, what both have left behind.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest

from millpond import airflow
from millpond.airflow import AirflowApi, DagRun, RunningAirflow
from millpond.client import Endpoint, run_query
from mwaa_dags.pictures import VIEWS, take_pictures
from mwaa_dags.pipelines import PROJECT

CHAIN = ("ingest_batch", "transform", "quality_and_publish", "maintain")
_MOST_BYTES = 300_000


@dataclass(frozen=True)
class KeptDemo:
    """A demo that is over, and what it has left running."""

    home: Path
    report: dict[str, Any]

    @cached_property
    def running(self) -> RunningAirflow:
        found = airflow.find(self.home)
        assert found, (self.home / "logs" / "supervisor.log").read_text()
        return found

    @cached_property
    def api(self) -> AirflowApi:
        return AirflowApi(self.running.url)

    def run_of(self, dag: str) -> DagRun:
        """The run of the demo's day; a run of yesterday may wait beside it for files that nobody brings."""
        (run,) = [run for run in self.api.runs(dag) if run.run_type != "scheduled"]
        return run

    def query(self, sql: str) -> list[dict[str, Any]]:
        outputs = self.report["outputs"]
        endpoint = Endpoint(self.report["endpoint_url"])
        return run_query(
            endpoint, sql, outputs["marts_database"], outputs["analyst_workgroup"]
        ).dictionaries()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptDemo]:
    if not os.environ.get("TEST_AIRFLOW"):
        pytest.skip("Airflow has an environment of its own: `make test-airflow` runs these tests")
    folder = tmp_path_factory.mktemp("demo")
    data = ["--data-dir", str(folder / "data")]
    project = ["--project", str(_project(folder / "project"))]
    shop = ["--days", "3", "--orders-per-day", "10"]
    millpond = [sys.executable, "-m", "millpond"]
    try:
        done = subprocess.run(
            [*millpond, "demo", "--airflow", "--keep", "--json", "--port", "0", *shop, *data, *project],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        yield KeptDemo(folder / "data" / "airflow" / "demo", json.loads(done.stdout))
    finally:
        home = ["--home", str(folder / "data" / "airflow" / "demo")]
        subprocess.run([*millpond, "airflow", "stop", *home], check=False, capture_output=True)
        subprocess.run([*millpond, "stop", *data], check=False, capture_output=True)


def test_each_dag_starts_when_the_one_before_has_made_its_asset(demo: KeptDemo) -> None:
    runs = {dag: demo.run_of(dag) for dag in CHAIN}
    assert {dag: run.run_type for dag, run in runs.items()} == {
        "ingest_batch": "manual",
        "transform": "asset_triggered",
        "quality_and_publish": "asset_triggered",
        "maintain": "asset_triggered",
    }
    assert {run.state for run in runs.values()} == {"success"}


def test_the_day_is_published_as_it_was_delivered(demo: KeptDemo) -> None:
    day = demo.report["day_run"]["day"]
    published = demo.query(
        "SELECT count(*) AS orders, sum(amount) AS amount "
        f"FROM published_fct_orders WHERE date(ordered_at) = date '{day}'"
    )
    raw = demo.report["outputs"]["raw_database"]
    delivered = demo.query(
        "SELECT count(DISTINCT invoice_no) AS orders, sum(quantity * unit_price) AS amount "
        f'FROM "{raw}"."sales" WHERE date(invoice_date) = date \'{day}\''
    )
    assert published == delivered
    assert int(published[0]["orders"]) > 0


def test_every_run_has_its_row_with_the_day_it_was_about(demo: KeptDemo) -> None:
    raw, day = demo.report["outputs"]["raw_database"], demo.report["day_run"]["day"]
    rows = demo.query(
        "SELECT pipeline, status, array_join(days, ',') AS days "
        f'FROM "{raw}"."pipeline_runs" ORDER BY ended_at, pipeline'
    )
    assert rows == [{"pipeline": dag, "status": "succeeded", "days": day} for dag in CHAIN]


def test_lineage_tells_from_which_table_of_raw_the_revenue_comes(demo: KeptDemo) -> None:
    lines = (demo.home / "lineage.jsonl").read_text().splitlines()
    events = [event for event in map(json.loads, lines) if event["eventType"] == "COMPLETE"]
    assert {event["job"]["name"] for event in events} >= set(CHAIN)  # Airflow's
    reads: dict[str, set[str]] = {}  # dbt's
    for event in events:
        for output in event.get("outputs", ()):
            sources = {given["name"].rpartition(".")[2] for given in event.get("inputs", ())}
            reads.setdefault(output["name"].rpartition(".")[2], set()).update(sources)
    found, new = set[str](), {"monthly_revenue"}
    while new:
        found |= new
        new = {source for table in new for source in reads.get(table, ())} - found
    assert {"fct_orders", "stg_shop__sales", "sales"} <= found


@pytest.mark.parametrize("dag", CHAIN)
def test_grid_and_graph_show_every_task_of_the_finished_run(demo: KeptDemo, dag: str, tmp_path: Path) -> None:
    """`AIRFLOW_PICTURES` names the folder to keep the pictures in; those of docs/airflow were made so."""
    folder, run = Path(os.environ.get("AIRFLOW_PICTURES", tmp_path)), demo.run_of(dag)
    pictures = {view: folder / f"{dag}-{view}.png" for view in VIEWS}
    seen = take_pictures(demo.api.page(run), pictures)
    tasks = {task.rpartition(".")[2] for task in demo.api.task_states(run)}
    for view, picture in pictures.items():
        assert {task for task in tasks if task not in seen[view]} == set()
        assert "failed" not in seen[view]
        assert 10_000 < picture.stat().st_size < _MOST_BYTES


def test_it_can_be_reached_from_this_machine_only(demo: KeptDemo) -> None:
    processes = psutil.Process(demo.running.pid).children(recursive=True)
    sockets = [socket for process in processes for socket in process.net_connections(kind="inet")]
    assert {socket.laddr.ip for socket in sockets if socket.status == psutil.CONN_LISTEN} == {"127.0.0.1"}


def test_no_process_outlives_the_supervisor(demo: KeptDemo) -> None:
    children = psutil.Process(demo.running.pid).children(recursive=True)
    assert len(children) >= len(("api-server", "scheduler", "dag-processor", "triggerer"))
    os.kill(demo.running.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []


def _project(folder: Path) -> Path:
    """The project's folder as the demo sees it, with a state of its own and Airflow's environment."""
    folder.mkdir()
    for entry in PROJECT.iterdir():
        if not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
    (folder / ".millpond").mkdir()
    (PROJECT / ".millpond" / "airflow").mkdir(parents=True, exist_ok=True)
    (folder / ".millpond" / "airflow").symlink_to(PROJECT / ".millpond" / "airflow")
    return folder
