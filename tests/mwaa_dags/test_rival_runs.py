"""Runs that meet: two of one day at once, and thirty days one after the other."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

from millpond.datagen import DatagenSettings, generate
from mwaa_dags.pipelines import PROJECT, Pipelines

DAYS, MOST_AT_ONCE = 30, 2


def test_two_runs_of_one_day_at_once_load_it_once(pipelines: Pipelines) -> None:
    day = pipelines.days[1]
    pipelines.drop(day)
    first, second = (pipelines.start("ingest_batch", day) for _ in range(2))
    runs = [first.result(), second.result()]
    assert {run["status"] for run in runs} == {"succeeded"}
    assert len({run["row_count"] for run in runs}) == 1
    (row,) = pipelines.query(
        "SELECT count(*) AS n, count(DISTINCT (_content_hash, _line_number)) AS different "
        f'FROM "{pipelines.outputs["raw_database"]}"."sales" WHERE _source_file LIKE \'%/sales/{day}%\''
    )
    assert int(row["n"]) == int(row["different"]) > 0


def test_a_backfill_of_thirty_days_goes_in_order_and_loads_every_line_once(
    pipelines: Pipelines, tmp_path: Path
) -> None:
    files = generate(DatagenSettings(tmp_path / "shop", days=DAYS, orders_per_day=40)).source("sales").files
    s3, landing, raw = (
        pipelines.endpoint.client("s3"),
        pipelines.outputs["landing_bucket"],
        pipelines.outputs["raw_database"],
    )
    # A year that no other test has.
    delivered = {f"2019{file.name[4:10]}": gzip.decompress(file.read_bytes()) for file in files}
    for day, content in delivered.items():
        s3.put_object(Bucket=landing, Key=f"sales/{day}.csv.gz", Body=gzip.compress(content))
    days = sorted(delivered)
    assert len(days) == DAYS

    backfill(pipelines, days[0], days[-1])

    runs = pipelines.query(
        "SELECT days[1] AS day, status, message, started_at, ended_at "
        f"FROM \"{raw}\".\"pipeline_runs\" WHERE pipeline = 'ingest_batch' AND run_id LIKE 'backfill%' "
        "ORDER BY started_at, days[1]"
    )
    assert [(run["day"], run["status"]) for run in runs] == [(day, "succeeded") for day in days]
    for run in runs:
        beside = [other for other in runs if other["started_at"] < run["ended_at"] <= other["ended_at"]]
        assert len(beside) <= MOST_AT_ONCE
    loaded = pipelines.query(
        "SELECT substr(source_file, -17, 10) AS day, sum(lines) AS lines, sum(loaded) AS loaded, "
        f'sum(quarantined) AS quarantined FROM "{raw}"."ingestion_log" '
        "WHERE source_file LIKE '%/sales/2019-%' GROUP BY 1 ORDER BY 1"
    )
    assert {row["day"]: int(row["lines"]) for row in loaded} == {
        day: content.count(b"\n") - 1 for day, content in delivered.items()
    }
    assert {row["day"]: pipelines.loaded("sales", row["day"]) for row in loaded[:: DAYS // 3]} == {
        row["day"]: int(row["loaded"]) for row in loaded[:: DAYS // 3]
    }


def backfill(pipelines: Pipelines, first: str, last: str) -> None:
    script = str(Path(__file__).with_name("backfill_dag.py"))
    with (pipelines.settings.home / "backfill.log").open("w") as log:
        subprocess.run(
            [str(pipelines.settings.python), script, "ingest_batch", first, last, str(MOST_AT_ONCE)],
            env={
                **pipelines.environment,
                "AIRFLOW__OPENLINEAGE__DISABLED": "True",
                # Nothing starts by itself beside it: neither yesterday's run, nor what follows upon assets.
                "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
            },
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=900,
            check=True,
        )
