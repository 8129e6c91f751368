"""Hive tables: what Glue declares decides what a query sees."""

from __future__ import annotations

import datetime
import gzip
import io

import pyarrow as pa
import pytest
from pyarrow import parquet

from athena.athena_client import Lake


def parquet_bytes(**columns: object) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


@pytest.fixture
def days(lake: Lake) -> Lake:
    """A partitioned Parquet table whose files are there and whose partitions are not registered."""
    for day in ("2024-01-01", "2024-01-02"):
        lake.put(f"days/day={day}/f.parquet", parquet_bytes(ID=[1, 2], Name=["a", "b"], unknown=[0, 0]))
    lake.run(
        f"CREATE EXTERNAL TABLE days (id int, name string) PARTITIONED BY (day date) STORED AS PARQUET "
        f"LOCATION '{lake.uri('days/')}'"
    )
    return lake


def test_partition_is_not_read_until_it_is_registered(days: Lake) -> None:
    assert days.rows("SELECT * FROM days") == []
    days.run("MSCK REPAIR TABLE days")
    assert days.rows("SELECT count(*), max(day) FROM days") == [("4", "2024-01-02")]


def test_partition_is_read_at_its_own_location(days: Lake) -> None:
    days.run(
        f"ALTER TABLE days ADD PARTITION (day='2030-01-01') LOCATION '{days.uri('days/day=2024-01-02/')}'"
    )
    assert days.rows("SELECT DISTINCT day FROM days") == [("2030-01-01",)]


def test_condition_on_partition_column_leaves_files_unread(days: Lake) -> None:
    days.run("MSCK REPAIR TABLE days")
    scanned = [
        days.run(sql).execution["Statistics"]["DataScannedInBytes"]
        for sql in ("SELECT * FROM days", "SELECT * FROM days WHERE day = DATE '2024-01-02'")
    ]
    assert scanned[1] * 2 == scanned[0] > 0


def test_partition_projection_needs_no_registered_partitions(days: Lake) -> None:
    days.run(
        "ALTER TABLE days SET TBLPROPERTIES ('projection.enabled'='true', 'projection.day.type'='date', "
        "'projection.day.format'='yyyy-MM-dd', 'projection.day.range'='2024-01-01,2024-01-31')"
    )
    assert days.rows("SELECT count(*) FROM days WHERE day > DATE '2024-01-01'") == [("2",)]


def test_column_that_files_lack_is_null(days: Lake) -> None:
    days.run("MSCK REPAIR TABLE days")
    days.run("ALTER TABLE days ADD COLUMNS (later double)")
    assert days.rows("SELECT DISTINCT name, later FROM days ORDER BY name") == [("a", None), ("b", None)]


def test_path_tells_the_object_of_a_row(days: Lake) -> None:
    days.run("MSCK REPAIR TABLE days")
    paths = days.rows('SELECT DISTINCT "$path" FROM days ORDER BY 1')
    assert paths == [(days.uri(f"days/day=2024-01-0{n}/f.parquet"),) for n in (1, 2)]


def test_hidden_columns_tell_of_the_file_of_a_row(days: Lake) -> None:
    days.run("MSCK REPAIR TABLE days")
    objects = days.s3.list_objects_v2(Bucket=days.bucket, Prefix="days/")["Contents"]
    expected = [
        (f"day=2024-01-0{n}", str(found["Size"]), f"{found['LastModified']:%Y-%m-%d %H:%M:%S}")
        for n, found in enumerate(objects, start=1)
    ]
    assert expected == days.rows(
        """SELECT DISTINCT "$partition", "$file_size", date_format("$file_modified_time", '%Y-%m-%d %H:%i:%s')
        FROM days ORDER BY 1"""
    )
    assert days.rows("SELECT \"$partition\" FROM days WHERE day = DATE '2030-01-01'") == []
    assert days.error('SELECT "$bucket" FROM days').endswith("Column '$bucket' cannot be resolved")


def test_open_csv_reads_quotes_and_skips_the_header(lake: Lake) -> None:
    lake.put("seed/s.csv", b'a,b\n1,"he said ""x"", ok"\n,\n')
    lake.run(
        "CREATE EXTERNAL TABLE seed (`a` string, `b` string) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde' "
        f"LOCATION '{lake.uri('seed/')}' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    assert lake.rows("SELECT * FROM seed ORDER BY a DESC") == [("1", 'he said "x", ok'), ("", "")]


def test_delimited_text_knows_null_gzip_and_bad_numbers(lake: Lake) -> None:
    lake.put("text/t.csv.gz", gzip.compress(b'1|x|1,2\n\\N|\\N|\nbad|"q"|3\n'))
    lake.run(
        "CREATE EXTERNAL TABLE t (n int, s string, a array<int>) "
        "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
        f"COLLECTION ITEMS TERMINATED BY ',' LOCATION '{lake.uri('text/')}'"
    )
    assert lake.rows("SELECT n, s, a FROM t ORDER BY s") == [
        (None, '"q"', "[3]"),
        ("1", "x", "[1, 2]"),
        (None, None, None),
    ]


def test_json_keys_match_columns_whatever_their_case(lake: Lake) -> None:
    lake.put("json/x.json", b'{"userId": 5, "tags": ["a"], "o": {"k": 1}}\n{"userId": null}\n')
    lake.run(
        "CREATE EXTERNAL TABLE j (userid int, tags array<string>, o struct<k:int>) "
        f"ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION '{lake.uri('json/')}'"
    )
    assert lake.rows("SELECT * FROM j ORDER BY userid") == [("5", "[a]", "{k=1}"), (None, None, None)]


def test_unknown_serde_is_refused_by_its_name(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE g (line string) ROW FORMAT SERDE 'com.example.GrokSerDe' "
        f"LOCATION '{lake.uri('g/')}'"
    )
    assert "com.example.GrokSerDe" in lake.error("SELECT * FROM g")


def test_ctas_registers_its_partitions_and_writes_a_manifest(lake: Lake) -> None:
    finished = lake.run(
        f"CREATE TABLE p WITH (format='PARQUET', external_location='{lake.uri('p/')}', "
        "partitioned_by=ARRAY['day']) "
        "AS SELECT x, day FROM (VALUES (1, 'a b'), (2, NULL)) AS t(x, day)"
    )
    assert finished.results["UpdateCount"] == 2
    partitions = lake.glue.get_partitions(DatabaseName=lake.database, TableName="p")["Partitions"]
    assert sorted(p["Values"] for p in partitions) == [["__HIVE_DEFAULT_PARTITION__"], ["a b"]]
    manifest = lake.body(finished.execution["Statistics"]["DataManifestLocation"]).splitlines()
    assert sorted(manifest) == [lake.uri(key) for key in lake.keys("p/")]
    assert lake.rows("SELECT x, day FROM p ORDER BY x") == [("1", "a b"), ("2", None)]


@pytest.mark.parametrize("format_", ["PARQUET", "ORC", "AVRO", "JSON", "TEXTFILE"])
def test_ctas_reads_back_what_it_wrote(lake: Lake, format_: str) -> None:
    lake.run(
        f"CREATE TABLE t WITH (format='{format_}', external_location='{lake.uri('t/')}') AS SELECT 1 AS n, "
        "CAST('x' AS varchar) AS s, CAST(1.25 AS decimal(10,2)) AS d, DATE '2024-01-01' AS day, "
        "TIMESTAMP '2024-01-01 10:00:00.123' AS ts, CAST(NULL AS varchar) AS missing"
    )
    row = ("1", "x", "1.25", "2024-01-01", "2024-01-01 10:00:00.123", None)
    assert lake.rows("SELECT * FROM t") == [row]
    lake.run("INSERT INTO t SELECT * FROM t")
    assert [key.count("/") for key in lake.keys("t/")] == [1, 1]


def test_insert_into_partitioned_table_registers_new_partitions(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE p WITH (external_location='{lake.uri('p/')}', partitioned_by=ARRAY['k']) "
        "AS SELECT 1 AS n, CAST('a' AS varchar) AS k"
    )
    lake.run("INSERT INTO p (n, k) VALUES (2, 'a'), (3, 'b')")
    assert lake.rows("SHOW PARTITIONS p") == [("k=a",), ("k=b",)]
    assert lake.rows("SELECT k, count(*) FROM p GROUP BY k ORDER BY k") == [("a", "2"), ("b", "1")]


def test_more_than_a_hundred_partitions_are_refused(lake: Lake) -> None:
    numbers = ", ".join(f"({n}, {n})" for n in range(101))
    error = lake.error(
        f"CREATE TABLE p WITH (external_location='{lake.uri('p/')}', partitioned_by=ARRAY['k']) "
        f"AS SELECT * FROM (VALUES {numbers}) AS t(n, k)"
    )
    assert error == "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions/buckets"
    assert lake.keys("p/") == []
    assert lake.rows("SHOW TABLES") == []


def test_ctas_wants_the_partition_columns_last(lake: Lake) -> None:
    reason = lake.error("CREATE TABLE p WITH (partitioned_by=ARRAY['day']) AS SELECT 'a' AS day, 1 AS x")
    assert reason.startswith("HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns")


def test_ctas_into_a_folder_that_is_not_empty_is_refused(lake: Lake) -> None:
    lake.put("t/there", b"x")
    error = lake.error(f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS SELECT 1 AS n")
    assert error.startswith("HIVE_PATH_ALREADY_EXISTS")


def test_unload_writes_files_and_names_them_in_the_manifest(lake: Lake) -> None:
    finished = lake.run(f"UNLOAD (SELECT 1 AS n) TO '{lake.uri('u/')}' WITH (format='PARQUET')")
    manifest = lake.body(finished.execution["Statistics"]["DataManifestLocation"]).splitlines()
    assert manifest == [lake.uri(key) for key in lake.keys("u/")] != []


def test_drop_table_keeps_the_files_of_a_hive_table(days: Lake) -> None:
    days.run("DROP TABLE days")
    assert len(days.keys("days/")) == 2
    assert "TABLE_NOT_FOUND" in days.error("SELECT * FROM days")


def test_timestamps_of_any_unit_and_zone_are_read_as_milliseconds(lake: Lake) -> None:
    noon = datetime.datetime(2024, 1, 1, 12, 0, 0, 123600)
    lake.put(
        "ts/f.parquet",
        parquet_bytes(
            ns=pa.array([noon], pa.timestamp("ns")),
            us=pa.array([noon], pa.timestamp("us")),
            zoned=pa.array([noon], pa.timestamp("us", tz="UTC")),
        ),
    )
    lake.run(
        f"CREATE EXTERNAL TABLE ts (ns timestamp, us timestamp, zoned timestamp) STORED AS PARQUET "
        f"LOCATION '{lake.uri('ts/')}'"
    )
    assert lake.rows("SELECT * FROM ts") == [("2024-01-01 12:00:00.124",) * 3]


def test_timestamp_partitions_are_named_as_hive_prints_timestamps(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE p WITH (external_location='{lake.uri('p/')}', partitioned_by=ARRAY['at']) AS "
        "SELECT n, at FROM (VALUES (1, TIMESTAMP '2024-01-01 10:00:00.000'), "
        "(2, TIMESTAMP '2024-01-01 10:00:00.120')) AS t(n, at)"
    )
    assert sorted(lake.rows("SHOW PARTITIONS p")) == [
        ("at=2024-01-01 10%3A00%3A00",),
        ("at=2024-01-01 10%3A00%3A00.12",),
    ]
    assert lake.rows("SELECT at FROM p WHERE n = 2") == [("2024-01-01 10:00:00.120",)]


def test_folders_of_partitions_are_escaped_as_hive_escapes_them(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE p WITH (external_location='{lake.uri('p/')}', partitioned_by=ARRAY['k']) AS "
        "SELECT n, k FROM (VALUES (1, CAST('a/b=c %é' AS varchar)), (2, ''), (3, NULL)) AS t(n, k)"
    )
    assert {key.split("/")[1] for key in lake.keys("p/")} == {
        "k=a%2Fb%3Dc %25é",
        "k=__HIVE_DEFAULT_PARTITION__",
    }
    assert ("k=a%2Fb%3Dc %25é",) in lake.rows("SHOW PARTITIONS p")
    assert lake.rows("SELECT k FROM p ORDER BY n") == [("a/b=c %é",), (None,), (None,)]
    lake.run("ALTER TABLE p DROP PARTITION (k='a/b=c %é')")
    lake.run("MSCK REPAIR TABLE p")
    assert lake.rows("SELECT n FROM p WHERE k = 'a/b=c %é'") == [("1",)]


def test_insert_narrows_values_that_fit_and_refuses_those_that_do_not(lake: Lake) -> None:
    lake.run(f"CREATE EXTERNAL TABLE t (n int, s varchar(3), at timestamp) LOCATION '{lake.uri('t/')}'")
    lake.run("INSERT INTO t VALUES (BIGINT '1', CAST('abc' AS varchar), TIMESTAMP '2024-01-01 00:00:00 UTC')")
    assert lake.rows("SELECT * FROM t") == [("1", "abc", "2024-01-01 00:00:00.000")]
    assert "3000000000" in lake.error("INSERT INTO t VALUES (3000000000, 'x', NULL)")
    assert "Cannot truncate" in lake.error("INSERT INTO t (s) SELECT CAST('abcd' AS varchar)")
    assert lake.error("INSERT INTO t (n) VALUES ('1')").startswith("TYPE_MISMATCH")


def test_regex_serde_reads_groups_and_gives_nulls_for_other_lines(lake: Lake) -> None:
    lake.put("log/x.log", b"10.0.0.1 GET 200\nnothing of that kind\n")
    lake.run(
        "CREATE EXTERNAL TABLE log (ip string, verb string, status int) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
        r"WITH SERDEPROPERTIES ('input.regex'='^([0-9.]+) ([A-Z]+) ([0-9]+)$') "
        f"LOCATION '{lake.uri('log/')}'"
    )
    assert lake.rows("SELECT * FROM log ORDER BY ip") == [("10.0.0.1", "GET", "200"), (None, None, None)]
    assert lake.rows("SELECT count(*) FROM log") == [("2",)]


@pytest.mark.parametrize(
    ("pattern", "rows"),
    [
        (r"(\\S+)( (\\d+))?", [("a", " 1", "1"), ("b", None, None)]),
        (r"(?<x>\\S+?)()(?: (\\d))?", [("a", "", "1"), ("b", "", None)]),
        (r"(?!b)(a|a )(.*?)(\\d*)", [("a", " ", "1"), (None, None, None)]),
    ],
)
def test_regex_serde_reads_javas_patterns(
    lake: Lake, pattern: str, rows: list[tuple[str | None, ...]]
) -> None:
    lake.put("log/x.log", b"a 1\nb\n")
    lake.run(
        "CREATE EXTERNAL TABLE log (x string, y string, n int) "
        "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.RegexSerDe' "
        f"WITH SERDEPROPERTIES ('input.regex'='{pattern}') LOCATION '{lake.uri('log/')}'"
    )
    assert lake.rows("SELECT * FROM log") == rows


def test_plan_of_parquet_knows_the_number_of_its_rows(lake: Lake) -> None:
    lake.put("many/f.parquet", parquet_bytes(id=list(range(4321))))
    lake.run(f"CREATE EXTERNAL TABLE many (id bigint) STORED AS PARQUET LOCATION '{lake.uri('many/')}'")
    assert any("4,321 rows" in str(line) for (line,) in lake.rows("EXPLAIN SELECT id FROM many"))


def test_files_with_other_types_than_the_table_are_read_as_declared(lake: Lake) -> None:
    lake.put("mixed/a.parquet", parquet_bytes(ID=pa.array([1], pa.int64()), s=[{"x": 1}]))
    lake.put("mixed/b.parquet", parquet_bytes(id=pa.array([2], pa.int32()), s=[{"x": 2}]))
    lake.run(
        "CREATE EXTERNAL TABLE mixed (id bigint, s struct<x:int>, later string) STORED AS PARQUET "
        f"LOCATION '{lake.uri('mixed/')}'"
    )
    assert lake.rows("SELECT id, s.x, later FROM mixed ORDER BY 1") == [("1", "1", None), ("2", "2", None)]


@pytest.mark.parametrize(
    ("type_", "values", "buckets"),
    [
        ("integer", "1, -5, NULL", [1, 3, 0]),
        ("bigint", "4294967296, -1, 9", [1, 0, 1]),
        ("varchar", "'abc', 'é日', ''", [2, 6, 0]),
        ("date", "DATE '2024-01-01', DATE '1969-12-31', NULL", [3, 7, 0]),
        ("timestamp(3)", "TIMESTAMP '1969-12-31 23:59:59.500', NULL, NULL", [7, 0, 0]),
    ],
)
def test_rows_lie_in_the_buckets_of_hives_hash(
    lake: Lake, type_: str, values: str, buckets: list[int]
) -> None:
    lake.run(
        f"CREATE TABLE b WITH (external_location='{lake.uri('b/')}', "
        "bucketed_by=ARRAY['v'], bucket_count=8) AS "
        f"SELECT n, CAST(v AS {type_}) AS v FROM UNNEST(ARRAY[{values}]) WITH ORDINALITY AS t(v, n)"
    )
    found = lake.rows(
        r"""SELECT regexp_extract("$path", '_bucket-(\d{5})', 1), "$bucket" FROM b ORDER BY n"""
    )
    assert found == [(f"{bucket:05d}", str(bucket)) for bucket in buckets]
    storage = lake.glue.get_table(DatabaseName=lake.database, Name="b")["Table"]["StorageDescriptor"]
    assert (storage["BucketColumns"], storage["NumberOfBuckets"]) == (["v"], 8)
