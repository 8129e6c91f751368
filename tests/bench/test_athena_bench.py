"""What queries cost: round trips, TPC-H and TPC-DS, CTAS, many at once, and the server that waits."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import psutil
import pytest

from athena.athena_client import Lake
from athena.dbt_project import DbtProject
from athena.tpc import TPCDS, TPCH, Benchmark, Tables, new_lake
from bench.conftest import Bench
from millpond.server import process
from millpond.server.settings import ServerSettings
from millpond.testing import RunningCloud

pytestmark = pytest.mark.bench

_POLL_SECONDS = 0.005


@contextlib.contextmanager
def running_server(folder: Path) -> Iterator[process.RunningServer]:
    """A local cloud in a process of its own, as users run it; it ends with this one, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = ServerSettings(folder, port=0)
    command = process.serve_command(settings, "--end-with-stdin")
    with process.log_file(folder).open("w") as log:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield process.wait_until_ready(server, settings)
    finally:
        server.terminate()
        server.communicate()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.RunningServer]:
    """It shares no interpreter with its client."""
    with running_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def lake(server: process.RunningServer) -> Lake:
    return new_lake(RunningCloud(server.endpoint_url))


def query(lake: Lake, sql: str) -> None:
    """From the start to the results, asking every 5 ms whether it is done."""
    query_id = lake.start(sql)
    while True:
        status = lake.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]["Status"]
        if status["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(_POLL_SECONDS)
    assert status["State"] == "SUCCEEDED", status
    lake.athena.get_query_results(QueryExecutionId=query_id)


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def put_rows(lake: Lake, name: str, rows: int, folder: Path) -> Path:
    """A table of numbers and texts, from one Parquet file that is returned."""
    file = folder / f"{name}.parquet"
    duckdb.execute(
        "COPY (SELECT range AS id, CAST(range % 100 AS INTEGER) AS k, random() AS v, "
        f"'text ' || range % 997 AS s FROM range({rows})) TO '{file}' (FORMAT parquet)"
    )
    lake.s3.upload_file(str(file), lake.bucket, f"{name}/rows.parquet")
    lake.run(
        f"CREATE EXTERNAL TABLE {name} (id bigint, k int, v double, s string) STORED AS PARQUET "
        f"LOCATION '{lake.uri(name)}/'"
    )
    return file


def test_server_that_waits(bench: Bench, tmp_path: Path) -> None:
    taken, memory = [], []
    for number in range(3):
        began = time.perf_counter()
        with running_server(tmp_path / str(number)) as server:
            taken.append(time.perf_counter() - began)
            time.sleep(2)
            memory.append(psutil.Process(server.pid).memory_info().rss / 2**20)
    bench.line("Start-up, until requests are answered", f"median {statistics.median(taken):8.2f} s", "1.5 s")
    bench.line("Memory of the idle server", f"{max(memory):8.0f} MiB", "160 MiB")


def test_round_trips(lake: Lake, bench: Bench, tmp_path: Path) -> None:
    put_rows(lake, "hundred", 100, tmp_path)
    put_rows(lake, "million", 1_000_000, tmp_path)
    for name, sql, target in (
        ("SELECT 1", "SELECT 1", 15),
        ("count(*), 100 rows", "SELECT count(*) FROM hundred", 15),
        ("count(*), 1,000,000 rows", "SELECT count(*) FROM million", 20),
        ("group by, 1,000,000 rows", "SELECT k, count(*), sum(v) FROM million GROUP BY k", 35),
    ):
        bench.milliseconds(f"Athena {name}", lambda _, sql=sql: query(lake, sql), 100, target)


@pytest.mark.parametrize("benchmark", [TPCH, TPCDS], ids=lambda benchmark: benchmark.name)
def test_benchmark(server: process.RunningServer, bench: Bench, tmp_path: Path, benchmark: Benchmark) -> None:
    benchmark.write_tables(tmp_path, scale=1)
    tables = Tables.put(tmp_path, new_lake(RunningCloud(server.endpoint_url)))
    tables.duckdb.execute("SET threads = 2")
    ours, theirs = [], []
    for number in benchmark.queries:
        tables.check(number)
        rounds = [
            (
                seconds(lambda number=number: query(tables.lake, number.trino)),
                seconds(lambda number=number: tables.duckdb.execute(number.duckdb).fetchall()),
            )
            for _ in range(3)
        ]
        ours.append(statistics.median(taken for taken, _ in rounds))
        theirs.append(statistics.median(taken for _, taken in rounds))
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    bench.line(
        f"{benchmark.name} at SF 1, {len(ours)} queries, all answers right",
        f"{sum(ours):8.2f} s, DuckDB alone {sum(theirs):.2f} s: {sum(ours) / sum(theirs):.2f} times",
        "1.25 times" if benchmark is TPCH else "-",
    )
    worst = sorted(range(len(ratios)), key=ratios.__getitem__)[-3:]
    for number in reversed(worst):
        bench.line(
            f"    query {benchmark.queries[number].number}",
            f"{ours[number] * 1000:8.0f} ms, DuckDB alone {theirs[number] * 1000:.0f} ms: "
            f"{ratios[number]:.2f} times",
            "-",
        )


def test_ctas_of_ten_million_rows(lake: Lake, bench: Bench, tmp_path: Path) -> None:
    file = put_rows(lake, "many", 10_000_000, tmp_path)
    connection = duckdb.connect(config={"threads": 2})
    for codec in ("SNAPPY", "GZIP"):
        copy = f"COPY (FROM '{file}') TO '{tmp_path}/copy.parquet' (FORMAT parquet, COMPRESSION {codec})"
        ours, theirs = [], []
        for number in range(3):
            location = lake.uri(f"ctas/{codec}/{number}/")
            statement = (
                f"CREATE TABLE {codec}_{number} WITH (format = 'PARQUET', write_compression = '{codec}', "
                f"external_location = '{location}') AS SELECT * FROM many"
            )
            ours.append(seconds(lambda statement=statement: lake.run(statement)))
            theirs.append(seconds(lambda copy=copy: connection.execute(copy)))
        mine, other = statistics.median(ours), statistics.median(theirs)
        bench.line(
            f"CTAS of 10,000,000 rows, {codec}",
            f"{mine:8.2f} s, DuckDB's COPY {other:.2f} s: {mine / other:.2f} times",
            "1.5 times",
        )


def dbt_models() -> dict[str, str]:
    """50 models in three layers: 10 views, 20 tables made of these, 20 tables made of two tables each."""
    models = {
        f"models/stg_{n}.sql": f"SELECT id, k, v FROM {{{{ target.schema }}}}.sold WHERE k % 10 = {n}"
        for n in range(10)
    }
    for n in range(20):
        models[f"models/int_{n}.sql"] = (
            "{{ config(materialized='table') }} SELECT k, count(*) AS sold, sum(v) AS value "
            f"FROM {{{{ ref('stg_{n % 10}') }}}} WHERE id % 3 = {n // 10} GROUP BY k"
        )
    for n in range(20):
        models[f"models/fct_{n}.sql"] = (
            "{{ config(materialized='table') }} SELECT a.k, a.sold + b.sold AS sold "
            f"FROM {{{{ ref('int_{n}') }}}} AS a JOIN {{{{ ref('int_{(n + 10) % 20}') }}}} AS b ON a.k = b.k"
        )
    return models


def test_dbt_build_of_fifty_models(
    lake: Lake, server: process.RunningServer, bench: Bench, tmp_path: Path
) -> None:
    put_rows(lake, "sold", 100_000, tmp_path)
    models = dbt_models()
    builds, starts = [], []
    for number in range(2):
        projects = [DbtProject(tmp_path / f"{number}{name}", lake, server.endpoint_url) for name in "ab"]
        for project in projects:
            project.write(models)
        # Selecting nothing, dbt starts and parses all the same.
        starts.append(seconds(lambda project=projects[0]: project.run("build", "--select", "tag:none")))
        began = time.perf_counter()
        results = projects[1].run("build").results
        builds.append(time.perf_counter() - began)
        assert [result["status"] for result in results.values()] == ["success"] * len(models)
    build, start = min(builds), min(starts)
    bench.line(
        "dbt build of 50 models, 4 threads",
        f"{build:8.2f} s, dbt alone {start:.2f} s: {(build - start) / len(models):.2f} s per model",
        "0.3 s per model",
    )


def test_twenty_queries_at_once(
    lake: Lake, server: process.RunningServer, bench: Bench, tmp_path: Path
) -> None:
    put_rows(lake, "crowd", 1_000_000, tmp_path)
    statements = [f"SELECT k, count(*), sum(v) FROM crowd WHERE id % 20 <> {n} GROUP BY k" for n in range(20)]

    def run(statement: str) -> None:
        query(lake, statement)

    one_by_one = seconds(lambda: [run(statement) for statement in statements])
    with ThreadPoolExecutor(20) as clients:
        at_once = seconds(lambda: list(clients.map(run, statements)))
    bench.line(
        "20 queries at once",
        f"{20 / at_once:8.1f} /s, one by one {20 / one_by_one:.1f} /s",
        "no error; as fast as one by one",
    )
    memory = psutil.Process(server.pid).memory_info().rss / 2**20
    bench.line("Memory of the server after all of these", f"{memory:8.0f} MiB", "1024 MiB")
