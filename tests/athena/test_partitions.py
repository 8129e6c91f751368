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
    ],
)
def test_projected_partition_is_read_where_its_type_says(
    lake: Lake, column: str, folder: str, template: str, properties: dict[str, str], value: str
) -> None:
    lake.put(f"t/{folder}/f.json", b'{"n": 1}\n')
    create_projected(lake, column, template, **properties)
    assert lake.rows("SELECT n, dt FROM t") == [("1", value)]


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
