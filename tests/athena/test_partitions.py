"""Partitions that are computed, renamed and described."""

from __future__ import annotations

import pytest

from athena.athena_client import Lake


def create_projected(lake: Lake, column: str, template: str = "", **properties: str) -> None:
    projection = {f"projection.dt.{name.replace('_', '.')}": value for name, value in properties.items()}
    if template:
        projection["storage.location.template"] = lake.uri(template)
    listed = ", ".join(f"'{name}'='{value}'" for name, value in projection.items())
    lake.run(
        f"CREATE EXTERNAL TABLE t (n int) PARTITIONED BY ({column}) "
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' "
        f"LOCATION '{lake.uri('t/')}' TBLPROPERTIES ('projection.enabled'='true', {listed})"
    )


@pytest.mark.parametrize(
    ("column", "folder", "template", "properties", "value"),
    [
        ("dt string", "dt=b", "", {"type": "enum", "values": "a,b"}, "b"),
        (
            "dt int",
            "dt=05",
            "",
            {"type": "integer", "range": "0,20", "interval": "5", "digits": "2"},
            "5",
        ),
        (
            "dt string",
            "2024/02/29",
            "t/${dt}/",
            {"type": "date", "range": "2024/01/01,NOW", "format": "yyyy/MM/dd"},
            "2024/02/29",
        ),
        (
            "dt string",
            "2024-01-01-13",
            "t/${dt}",
            {
                "type": "date",
                "range": "2024-01-01-00,2024-01-02-00",
                "format": "yyyy-MM-dd-HH",
                "interval": "1",
                "interval_unit": "HOURS",
            },
            "2024-01-01-13",
        ),
        (
            "dt string",
            "1-5-24",
            "t/${dt}",
            {"type": "date", "range": "1-1-24,1-9-24", "format": "M-d-yy"},
            "1-5-24",
        ),
    ],
)
def test_projected_partition_is_read_where_its_type_says(
    lake: Lake, column: str, folder: str, template: str, properties: dict[str, str], value: str
) -> None:
    lake.put(f"t/{folder}/f.json", b'{"n": 1}\n')
    create_projected(lake, column, template, **properties)
    assert lake.rows("SELECT n, dt FROM t") == [("1", value)]


@pytest.mark.parametrize(
    "condition",
    [
        "dt = 5000000",
        "dt IN (7, 5000000)",
        "dt BETWEEN 4999999 AND 5000001",
        "dt > 4999998 AND 5000001 > dt",
        "dt = 7 OR dt = 5000000",
    ],
)
def test_condition_narrows_a_projection_of_millions(lake: Lake, condition: str) -> None:
    lake.put("t/dt=5000000/f.json", b'{"n": 1}\n')
    create_projected(lake, "dt bigint", type="integer", range="1,10000000")
    assert lake.rows(f"SELECT n FROM t WHERE {condition}") == [("1",)]
    assert "can potentially read more than 100000 partitions" in lake.error("SELECT n FROM t")


def test_days_of_a_projection_are_compared_as_dates_whatever_their_format(lake: Lake) -> None:
    lake.put("t/2024/01/05/f.json", b'{"n": 1}\n')
    create_projected(lake, "dt date", "t/${dt}", type="date", range="2024/01/01,NOW", format="yyyy/MM/dd")
    assert lake.rows("SELECT n FROM t WHERE dt <= DATE '2024-01-05' AND dt > DATE '2024-01-04'") == [("1",)]
    assert lake.rows("SELECT n FROM t WHERE dt < TIMESTAMP '2024-01-05 01:00:00.000'") == [("1",)]


def test_months_of_a_projection_step_over_their_different_lengths(lake: Lake) -> None:
    for day in ("2024-01-31", "2024-02-29", "2024-03-29"):
        lake.put(f"t/dt={day}/f.json", b'{"n": 1}\n')
    create_projected(
        lake,
        "dt string",
        type="date",
        range="2024-01-31,2024-03-31",
        format="yyyy-MM-dd",
        interval="1",
        interval_unit="MONTHS",
    )
    assert lake.rows("SELECT dt FROM t ORDER BY dt") == [("2024-01-31",), ("2024-02-29",), ("2024-03-29",)]


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"type": "integer", "range": "1,x"}, "'x' is no number"),
        ({"type": "date", "range": "2024,NOW", "format": "yyyy-ww"}, "'2024' is no date in the format"),
        ({"type": "date", "range": "NOW-1DECADE,NOW", "format": "yyyy"}, "Invalid bound"),
        ({"type": "enum"}, "projection.dt.values is missing"),
        ({"type": "list"}, "no valid projection.dt.type"),
    ],
)
def test_projection_that_makes_no_sense_is_refused(
    lake: Lake, properties: dict[str, str], reason: str
) -> None:
    create_projected(lake, "dt string", **properties)
    assert reason in lake.error("SELECT * FROM t")


def test_rows_are_inserted_where_projection_looks_for_them(lake: Lake) -> None:
    create_projected(lake, "dt int", "t/at/${dt}", type="integer", range="0,20", digits="2")
    lake.run("INSERT INTO t VALUES (1, 5)")
    assert [key.rpartition("/")[0] for key in lake.keys("t/")] == ["t/at/05"]
    assert lake.rows("SELECT * FROM t") == [("1", "5")]


def test_rows_are_inserted_where_their_partition_lies(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (dt string) STORED AS PARQUET "
        f"LOCATION '{lake.uri('t/')}'"
    )
    lake.run(f"ALTER TABLE t ADD PARTITION (dt='a') LOCATION '{lake.uri('elsewhere/a')}'")
    lake.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    assert len(lake.keys("elsewhere/a/")) == len(lake.keys("t/dt=b/")) == 1
    assert lake.rows("SELECT n, dt FROM t ORDER BY n") == [("1", "a"), ("2", "b")]


def test_injected_number_may_be_negative(lake: Lake) -> None:
    lake.put("t/dt=-5/f.json", b'{"n": 1}\n')
    create_projected(lake, "dt int", type="injected")
    assert lake.rows("SELECT n FROM t WHERE dt = -5") == [("1",)]


@pytest.mark.parametrize("condition", ["dt = 'a'", "dt IN ('a', 'c')", "dt = 'a' OR dt = 'c'", "'a' = dt"])
def test_injected_partition_takes_its_values_from_the_condition(lake: Lake, condition: str) -> None:
    lake.put("t/dt=a/f.json", b'{"n": 1}\n')
    lake.put("t/dt=b/f.json", b'{"n": 2}\n')
    create_projected(lake, "dt string", type="injected")
    assert lake.rows(f"SELECT n FROM t WHERE {condition}") == [("1",)]


@pytest.mark.parametrize(
    "condition", ["", " WHERE dt > 'a'", " WHERE lower(dt) = 'a'", " WHERE dt = 'a' OR n = 1"]
)
def test_injected_partition_without_a_static_condition_is_refused(lake: Lake, condition: str) -> None:
    create_projected(lake, "dt string", type="injected")
    assert "the WHERE clause must contain only static equality conditions" in lake.error(
        f"SELECT * FROM t{condition}"
    )


def test_renamed_partition_keeps_its_files(lake: Lake) -> None:
    lake.put("t/dt=a/f.json", b'{"n": 1}\n')
    lake.run(
        "CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (dt string) "
        f"ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION '{lake.uri('t/')}'"
    )
    lake.run("MSCK REPAIR TABLE t")
    lake.run("ALTER TABLE t PARTITION (dt='a') RENAME TO PARTITION (dt='z')")
    assert lake.rows('SELECT dt, "$path" FROM t') == [("z", lake.uri("t/dt=a/f.json"))]
    assert lake.rows('SELECT * FROM "t$partitions"') == [("z",)]


def test_repair_finds_folders_that_are_named_as_the_columns(lake: Lake) -> None:
    lake.run(
        "CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (userid string) "
        f"ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION '{lake.uri('t/')}'"
    )
    assert lake.rows("MSCK REPAIR TABLE t") == [("Tables missing on filesystem:\tt",)]
    for folder in ("userid=b", "userid=a", "userId=c", "other"):
        lake.put(f"t/{folder}/f.csv", b"1\n")
    assert lake.rows("MSCK REPAIR TABLE t") == [
        ("Partitions not in metastore:\tt:userid=a\tt:userid=b",),
        ("Repair: Added partition to metastore t:userid=a",),
        ("Repair: Added partition to metastore t:userid=b",),
    ]
    assert lake.rows("MSCK REPAIR TABLE t") == []


def test_repair_of_a_table_without_partitions_adds_none(lake: Lake) -> None:
    lake.put("t/f.csv", b"1\n")
    lake.run(f"CREATE EXTERNAL TABLE t (n int) LOCATION '{lake.uri('t/')}'")
    assert lake.rows("MSCK REPAIR TABLE t") == []
    assert lake.glue.get_partitions(DatabaseName=lake.database, TableName="t")["Partitions"] == []


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ("(a int, A int)", "[Error 10036]: Duplicate column name: a"),
        ("(a int) PARTITIONED BY (a int)", "[Error 10035]: Column repeated in partitioning columns: a"),
    ],
)
def test_column_is_declared_once(lake: Lake, columns: str, reason: str) -> None:
    error = lake.error(f"CREATE EXTERNAL TABLE t {columns} LOCATION '{lake.uri('t/')}'")
    assert error == f"FAILED: SemanticException {reason}"


def test_describe_tells_of_a_column_a_partition_and_the_storage(lake: Lake) -> None:
    lake.run(
        f"CREATE EXTERNAL TABLE t (n int COMMENT 'number') PARTITIONED BY (p int) LOCATION '{lake.uri('t/')}'"
    )
    lake.run("ALTER TABLE t ADD PARTITION (p=1)")
    lake.run("ALTER TABLE t REPLACE COLUMNS (n bigint)")
    assert lake.rows("DESCRIBE t n") == [(f"{'n':<20}\t{'bigint':<20}\t{'':<20}",)]
    assert str(lake.rows("DESCRIBE t PARTITION (p=1)")[0][0]).split() == ["n", "int", "number"]
    lines = [str(line).split("\t") for (line,) in lake.rows("DESCRIBE FORMATTED t")]
    assert [line[1].strip() for line in lines if line[0].strip() == "Location:"] == [lake.uri("t/")]


def test_partition_whose_column_cannot_be_read_as_the_tables_is_a_mismatch(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE t WITH (format='TEXTFILE', external_location='{lake.uri('t/')}', "
        "partitioned_by=ARRAY['p']) AS SELECT 1 AS a, true AS b, 'x' AS p"
    )
    lake.run("ALTER TABLE t REPLACE COLUMNS (a bigint, b boolean)")
    assert lake.rows("SELECT a, b FROM t") == [("1", "true")]
    lake.run("ALTER TABLE t REPLACE COLUMNS (a bigint, b date)")
    error = lake.error("SELECT a FROM t")
    assert error.startswith(
        "HIVE_PARTITION_SCHEMA_MISMATCH: There is a mismatch between the table and partition"
    )
    assert "is declared as type 'date', but partition 'p=x' declared column 'b' as type 'boolean'" in error
    assert lake.rows("SELECT a FROM t WHERE p = 'y'") == []


def test_parquet_partition_is_compared_by_the_names_of_its_columns(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}', "
        "partitioned_by=ARRAY['p']) AS SELECT 1 AS a, true AS b, 'x' AS p"
    )
    lake.run("ALTER TABLE t REPLACE COLUMNS (b boolean, c date, a bigint)")
    assert lake.rows("SELECT * FROM t") == [("true", None, "1", "x")]


def test_number_of_a_partition_becomes_the_tables_text(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}', partitioned_by=ARRAY['p']) AS "
        "SELECT 5 AS a, 'x' AS p"
    )
    lake.run("ALTER TABLE t REPLACE COLUMNS (a string)")
    assert lake.rows("SELECT a FROM t WHERE a = '5'") == [("5",)]


def test_partition_whose_value_is_of_another_type_is_told(lake: Lake) -> None:
    lake.run(f"CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (a string, p int) LOCATION '{lake.uri('t/')}'")
    lake.run("ALTER TABLE t ADD PARTITION (a='x', p=1) PARTITION (a='y/z', p='none')")
    reason = "Invalid partition value 'none' for integer partition key: a=y%2Fz/p=none"
    assert lake.error("SELECT count(*) FROM t") == f"HIVE_INVALID_PARTITION_VALUE: {reason}"
