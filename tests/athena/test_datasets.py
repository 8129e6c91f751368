"""Datasets as data engineers write them: awswrangler's modes, Iceberg, caches; PyAthena's cursors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import awswrangler as wr
import boto3
import pandas as pd
import pytest
from pyathena import connect
from pyathena.async_cursor import AsyncCursor
from pyathena.cursor import DictCursor
from pyathena.pandas.cursor import PandasCursor

from athena.athena_client import Lake


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.DataFrame({"id": [1, 2, 3], "v": ["a", "b", None], "p": ["x", "y", "x"]})


@pytest.fixture
def desk(lake: Lake, cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    """A lake for clients that know the endpoint by their environment, and ask often."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    # Without a default session awswrangler makes one for each client, which takes half a second.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session())
    wr.config.athena_query_wait_polling_delay = 0.01
    yield lake
    wr.config.reset("athena_query_wait_polling_delay")


def read(lake: Lake, sql: str, **options: Any) -> list[tuple[Any, ...]]:
    options.setdefault("ctas_approach", False)
    found = wr.athena.read_sql_query(sql, database=lake.database, s3_output=lake.uri("o/"), **options)
    return list(found.itertuples(index=False, name=None))


def write(lake: Lake, frame: pd.DataFrame, mode: str, **options: Any) -> None:
    wr.s3.to_parquet(
        frame,
        path=lake.uri("t/"),
        dataset=True,
        database=lake.database,
        table="t",
        partition_cols=["p"],
        mode=mode,
        **options,
    )


def test_parquet_dataset_is_overwritten_appended_to_and_replaced_by_partition(
    desk: Lake, frame: pd.DataFrame
) -> None:
    counts = "SELECT p, count(*) FROM t GROUP BY p ORDER BY p"
    write(desk, frame, "overwrite")
    write(desk, frame, "append")
    assert read(desk, counts) == [("x", 4), ("y", 2)]
    write(desk, frame[frame.p == "x"], "overwrite_partitions")
    assert read(desk, counts) == [("x", 2), ("y", 2)]
    write(desk, frame.assign(extra=1.5), "append", schema_evolution=True)
    assert read(desk, "SELECT count(extra), count(*) FROM t") == [(3, 7)]


def test_projected_dataset_is_read_without_partitions(desk: Lake, frame: pd.DataFrame) -> None:
    settings = {"projection_types": {"p": "enum"}, "projection_values": {"p": "x,y"}}
    write(desk, frame, "overwrite", athena_partition_projection_settings=settings)
    assert desk.rows("SHOW TBLPROPERTIES t ('projection.enabled')") == [("true",)]
    assert read(desk, "SELECT p, count(*) FROM t GROUP BY p ORDER BY p") == [("x", 2), ("y", 1)]


def iceberg_options(lake: Lake) -> dict[str, Any]:
    """What awswrangler is told of the Iceberg table `i`."""
    return {
        "database": lake.database,
        "table": "i",
        "temp_path": lake.uri("tmp/"),
        "s3_output": lake.uri("o/"),
        "keep_files": False,
    }


def test_iceberg_table_is_created_merged_into_and_evolved(desk: Lake, frame: pd.DataFrame) -> None:
    common = iceberg_options(desk)
    wr.athena.to_iceberg(frame, table_location=desk.uri("i/"), partition_cols=["p"], **common)
    wr.athena.to_iceberg(frame.assign(v="new")[:2], merge_cols=["id"], **common)
    wr.athena.to_iceberg(frame.assign(id=9, z=1)[:1], schema_evolution=True, **common)
    assert desk.rows("SELECT id, v, z FROM i WHERE id <> 3 ORDER BY id") == [
        ("1", "new", None),
        ("2", "new", None),
        ("9", "a", "1"),
    ]


def test_rows_of_an_iceberg_table_are_deleted_and_its_partitions_overwritten(
    desk: Lake, frame: pd.DataFrame
) -> None:
    common = iceberg_options(desk)
    wr.athena.to_iceberg(frame, table_location=desk.uri("i/"), partition_cols=["p"], **common)
    wr.athena.delete_from_iceberg_table(frame[:1], merge_cols=["id"], **common)
    assert desk.rows("SELECT id FROM i ORDER BY id") == [("2",), ("3",)]
    replaced = frame[:1].assign(id=7)
    wr.athena.to_iceberg(replaced, mode="overwrite_partitions", partition_cols=["p"], **common)
    assert desk.rows("SELECT id, p FROM i ORDER BY id") == [("2", "y"), ("7", "x")]


def test_table_is_read_whole_in_chunks_and_from_the_cache(desk: Lake, frame: pd.DataFrame) -> None:
    write(desk, frame, "overwrite")
    whole = wr.athena.read_sql_table("t", database=desk.database, s3_output=desk.uri("o/"))
    assert sorted(whole.id) == [1, 2, 3]
    chunks = wr.athena.read_sql_query(
        "SELECT * FROM t", desk.database, s3_output=desk.uri("o/"), ctas_approach=False, chunksize=2
    )
    assert [len(chunk) for chunk in chunks] == [2, 1]
    cached = [
        wr.athena.read_sql_query(
            "SELECT count(*) AS c FROM t",
            desk.database,
            s3_output=desk.uri("o/"),
            ctas_approach=False,
            athena_cache_settings={"max_cache_seconds": 900},
        ).query_metadata["QueryExecutionId"]
        for _ in range(2)
    ]
    assert cached[0] == cached[1]


def test_utilities_of_awswrangler_name_the_database_in_backquotes(desk: Lake, frame: pd.DataFrame) -> None:
    write(desk, frame, "overwrite")
    where = {"database": desk.database, "s3_output": desk.uri("o/")}
    assert wr.athena.repair_table("t", **where) == "SUCCEEDED"
    assert list(wr.athena.describe_table("t", **where)["Column Name"])[:2] == ["id", "v"]
    assert "`p` string" in wr.athena.show_create_table("t", **where)


def pyathena(lake: Lake, **options: Any) -> Any:
    return connect(
        s3_staging_dir=lake.uri("pa/"),
        region_name="us-east-1",
        schema_name=lake.database,
        poll_interval=0.01,
        **options,
    )


def test_cursors_of_pyathena_fetch_rows_in_their_ways(desk: Lake) -> None:
    assert pyathena(desk).cursor(DictCursor).execute("SELECT 1 AS a").fetchone() == {"a": 1}
    assert pyathena(desk).cursor().execute("SELECT %(a)s AS x", {"a": "it's"}).fetchall() == [("it's",)]
    _, future = pyathena(desk, cursor_class=AsyncCursor).cursor().execute("SELECT 1")
    assert future.result().fetchall() == [(1,)]
    frame = pyathena(desk).cursor(PandasCursor, unload=True).execute("SELECT 1 AS a, 'x' AS b").as_pandas()
    assert frame.to_dict("records") == [{"a": 1, "b": "x"}]
