"""Iceberg tables with several writers at once, in Athena and over HTTP: no commit is lost."""

from __future__ import annotations

import threading
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.exceptions import CommitFailedException

from athena.athena_client import Lake
from athena.pyiceberg_client import open_with_pyiceberg


@pytest.fixture
def counts(lake: Lake) -> Lake:
    lake.run(
        f"CREATE TABLE counts (writer int, n int) LOCATION '{lake.uri('counts')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    return lake


def rows(writer: int, n: int) -> pa.Table:
    return pa.table({"writer": pa.array([writer], pa.int32()), "n": pa.array([n], pa.int32())})


def test_commit_upon_an_old_version_fails_in_pyiceberg(cloud: Any, counts: Lake) -> None:
    table = open_with_pyiceberg(cloud, counts, "counts")
    table.transaction().set_properties({"commit.retry.num-retries": "0"}).commit_transaction()
    transaction = table.transaction()
    transaction.append(rows(0, 1))
    counts.run("INSERT INTO counts VALUES (1, 1)")
    with pytest.raises(CommitFailedException):
        transaction.commit_transaction()
    assert counts.rows("SELECT writer FROM counts") == [("1",)]


def test_append_of_pyiceberg_is_repeated_upon_the_new_version(cloud: Any, counts: Lake) -> None:
    transaction = open_with_pyiceberg(cloud, counts, "counts").transaction()
    transaction.append(rows(0, 1))
    counts.run("INSERT INTO counts VALUES (1, 1)")
    transaction.commit_transaction()
    assert counts.rows("SELECT writer FROM counts ORDER BY writer") == [("0",), ("1",)]


def test_commits_of_athena_and_pyiceberg_at_once_are_all_told(cloud: Any, counts: Lake) -> None:
    told: list[tuple[int, int]] = []
    start = threading.Barrier(4)

    def with_pyiceberg(writer: int) -> None:
        start.wait()
        for n in range(4):
            try:
                open_with_pyiceberg(cloud, counts, "counts").append(rows(writer, n))
                told.append((writer, n))
            except CommitFailedException:
                pass

    def with_athena(writer: int) -> None:
        start.wait()
        for n in range(4):
            status = counts.wait(counts.start(f"INSERT INTO counts VALUES ({writer}, {n})"))["Status"]
            if status["State"] == "SUCCEEDED":
                told.append((writer, n))
            else:
                assert status["AthenaError"]["ErrorMessage"].startswith("ICEBERG_COMMIT_ERROR")

    threads = [threading.Thread(target=with_pyiceberg, args=(writer,)) for writer in (0, 1)]
    threads += [threading.Thread(target=with_athena, args=(writer,)) for writer in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = [(int(str(w)), int(str(n))) for w, n in counts.rows("SELECT writer, n FROM counts")]
    assert sorted(stored) == sorted(told)
    assert told


def test_table_renamed_by_several_at_once_has_one_new_name(counts: Lake) -> None:
    counts.run("INSERT INTO counts VALUES (1, 1)")
    started = {
        name: counts.start(f"ALTER TABLE counts RENAME TO {name}")
        for name in (f"renamed{n}" for n in range(8))
    }
    ended = {name: counts.wait(query)["Status"] for name, query in started.items()}
    [winner] = [name for name, status in ended.items() if status["State"] == "SUCCEEDED"]
    lost = [status["AthenaError"]["ErrorMessage"] for name, status in ended.items() if name != winner]
    missing = f"TABLE_NOT_FOUND: Table 'awsdatacatalog.{counts.database}.counts' does not exist"
    assert set(lost) == {missing}
    assert counts.rows("SHOW TABLES") == [(winner,)]
    assert counts.rows(f"SELECT writer FROM {winner}") == [("1",)]
