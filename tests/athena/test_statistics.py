"""What a query read, as Athena bills it, and what a plan tells."""

from __future__ import annotations

import io
import json
import random

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from athena.athena_client import Lake, QueryFailedError


def scanned(lake: Lake, sql: str) -> int:
    return int(lake.run(sql).execution["Statistics"]["DataScannedInBytes"])


@pytest.fixture
def wide(lake: Lake) -> Lake:
    """A Parquet table with a small and a large column."""
    random.seed(1)
    texts = [random.randbytes(50).hex() for _ in range(1000)]
    buffer = io.BytesIO()
    parquet.write_table(pa.table({"N": pa.array(range(1000)), "text": texts}), buffer)
    lake.put("wide/f.parquet", buffer.getvalue())
    lake.run(
        f"CREATE EXTERNAL TABLE wide (n bigint, text string) STORED AS PARQUET LOCATION '{lake.uri('wide/')}'"
    )
    return lake


def column_size(lake: Lake, index: int) -> int:
    body = lake.s3.get_object(Bucket=lake.bucket, Key="wide/f.parquet")["Body"].read()
    return int(parquet.read_metadata(io.BytesIO(body)).row_group(0).column(index).total_compressed_size)


def test_of_parquet_only_the_columns_of_the_query_are_billed(wide: Lake) -> None:
    assert scanned(wide, "SELECT sum(n) FROM wide") == column_size(wide, 0)
    assert scanned(wide, "SELECT * FROM wide") == column_size(wide, 0) + column_size(wide, 1)
    assert scanned(wide, "SELECT count(*) FROM wide") == 0


def test_of_very_many_parquet_files_too_only_the_columns_of_the_query_are_billed(wide: Lake) -> None:
    body = wide.s3.get_object(Bucket=wide.bucket, Key="wide/f.parquet")["Body"].read()
    for number in range(1, 520):
        wide.put(f"wide/{number}.parquet", body)
    assert scanned(wide, "SELECT sum(n) FROM wide") == 520 * column_size(wide, 0)


def test_of_orc_only_the_columns_of_the_query_are_billed(wide: Lake) -> None:
    wide.run(
        f"CREATE TABLE o WITH (format='ORC', external_location='{wide.uri('o/')}') AS SELECT * FROM wide"
    )
    size = sum(o["Size"] for o in wide.s3.list_objects_v2(Bucket=wide.bucket, Prefix="o/")["Contents"])
    everything = scanned(wide, "SELECT * FROM o")
    assert size * 0.9 < everything <= size
    assert 0 < scanned(wide, "SELECT sum(n) FROM o") < everything / 5
    assert scanned(wide, "SELECT count(*) FROM o") == 0
    assert wide.rows("SELECT count(*), count(n) FROM o") == [("1000", "1000")]


def test_a_query_over_orc_is_cancelled_when_its_columns_exceed_the_limit(wide: Lake) -> None:
    random.seed(2)
    texts = pa.array([random.randbytes(2000).hex() for _ in range(6000)])
    buffer = io.BytesIO()
    orc.write_table(pa.table({"n": pa.array(range(6000)), "text": texts}), buffer)
    wide.put("large/f.orc", buffer.getvalue())
    wide.run(f"CREATE EXTERNAL TABLE l (n bigint, text string) STORED AS ORC LOCATION '{wide.uri('large/')}'")
    thrifty = f"thrifty-{wide.database}"
    wide.athena.create_work_group(
        Name=thrifty,
        Configuration={
            "BytesScannedCutoffPerQuery": 10_000_000,
            "EnforceWorkGroupConfiguration": False,
        },
    )
    assert wide.run("SELECT max(n) FROM l", WorkGroup=thrifty).rows == [("5999",)]
    with pytest.raises(QueryFailedError, match="Bytes scanned limit was exceeded") as failed:
        wide.run("SELECT max(text) FROM l", WorkGroup=thrifty)
    assert failed.value.execution["Status"]["State"] == "CANCELLED"


def test_of_iceberg_only_the_columns_of_the_query_are_billed(wide: Lake) -> None:
    wide.run(
        f"CREATE TABLE i WITH (table_type='ICEBERG', is_external=false, location='{wide.uri('i/')}') "
        "AS SELECT * FROM wide"
    )
    both = scanned(wide, "SELECT * FROM i")
    assert 0 < scanned(wide, "SELECT sum(n) FROM i") < both / 5


def test_of_text_whole_files_are_billed(lake: Lake) -> None:
    lake.put("t/a.csv", b"1,a\n2,b\n")
    lake.run(
        "CREATE EXTERNAL TABLE t (n int, s string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
        f"LOCATION '{lake.uri('t/')}'"
    )
    assert scanned(lake, "SELECT n FROM t") == 8


def test_explain_tells_plan_or_validity_and_refuses_other_forms(wide: Lake) -> None:
    assert wide.rows("EXPLAIN SELECT n FROM wide")[0] == ("Query Plan",)
    assert wide.rows("EXPLAIN (TYPE VALIDATE) SELECT n FROM wide") == [("true",)]
    assert wide.error("EXPLAIN (TYPE VALIDATE) SELECT nope FROM wide").startswith("COLUMN_NOT_FOUND")
    assert "TYPE IO" in wide.error("EXPLAIN (TYPE IO, FORMAT GRAPHVIZ) SELECT n FROM wide")
    assert "has no query" in wide.error("EXPLAIN DROP VIEW v")


def test_explain_io_lists_the_tables_read_and_written(wide: Lake) -> None:
    lines = wide.rows("EXPLAIN (TYPE IO, FORMAT JSON) INSERT INTO wide SELECT * FROM wide WHERE n > 1")
    told = json.loads("\n".join(str(line) for (line,) in lines[1:]))
    table = {"catalog": "awsdatacatalog", "schemaTable": {"schema": wide.database, "table": "wide"}}
    assert [info["table"] for info in told["inputTableColumnInfos"]] == [table]
    assert told["outputTable"] == table


def test_explain_has_formats_for_programs(wide: Lake) -> None:
    lines = [str(line) for (line,) in wide.rows("EXPLAIN (FORMAT JSON) SELECT n FROM wide")]
    assert json.loads("\n".join(lines[1:]))
    graph = [str(line) for (line,) in wide.rows("EXPLAIN (TYPE LOGICAL, FORMAT GRAPHVIZ) SELECT n FROM wide")]
    assert graph[1].startswith("digraph")
    profile = [str(line) for (line,) in wide.rows("EXPLAIN ANALYZE (FORMAT JSON) SELECT n FROM wide")]
    assert json.loads("\n".join(profile[1:]))["latency"] > 0
    assert not any("/s3/" in line for line in (*lines, *graph, *profile))
    rows = wide.rows("EXPLAIN CREATE TABLE other AS SELECT n FROM wide")
    assert rows[0] == ("Query Plan",)


def test_explain_analyze_runs_the_query(wide: Lake) -> None:
    lines = [str(line) for (line,) in wide.rows("EXPLAIN ANALYZE SELECT count(*) FROM wide")]
    assert any("Total Time" in line for line in lines)
    assert not any("/s3/" in line for line in lines)
