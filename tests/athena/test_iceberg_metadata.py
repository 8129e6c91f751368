"""Iceberg's partition transforms, metadata tables and maintenance, seen from both sides."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.manifest import DataFile
from pyiceberg.table import Table
from pyiceberg.transforms import (
    BucketTransform,
    DayTransform,
    IdentityTransform,
    Transform,
    TruncateTransform,
)

from athena.athena_client import Lake
from athena.pyiceberg_client import open_with_pyiceberg, pyiceberg_catalog

UUID_TEXT = "12151fd2-7586-11e9-8f9e-2a86e4085a59"
ROWS = (
    "(VALUES (1, 'abcd', TIMESTAMP '1969-12-31 23:59:59.5', DATE '1969-12-31', DECIMAL '1.23'), "
    "(-12, 'é日本語', TIMESTAMP '2024-02-29 10:00:00', DATE '2024-02-29', DECIMAL '-101.23'), "
    "(NULL, NULL, NULL, NULL, NULL)) AS t(id, s, ts, d, dec)"
)


@pytest.mark.parametrize(
    ("transform", "partitions"),
    [
        ("id", [1, -12, None]),
        ("year(ts)", [-1, 54, None]),
        ("month(d)", [-1, 649, None]),
        ("day(ts)", [-1, 19782, None]),
        ("hour(ts)", [-1, 474778, None]),
        ("truncate(s, 2)", ["ab", "é日", None]),
        ("truncate(id, 10)", [0, -20, None]),
        ("truncate(dec, 50)", [Decimal("1.00"), Decimal("-101.50"), None]),
        ("bucket(id, 1000)", [556, 632, None]),
    ],
)
def test_partition_transform_gives_icebergs_values(
    cloud: Any, lake: Lake, transform: str, partitions: list[Any]
) -> None:
    lake.run(
        f"CREATE TABLE t WITH (table_type='ICEBERG', is_external=false, location='{lake.uri('t/')}', "
        f"partitioning=ARRAY['{transform}']) AS "
        f"SELECT id, s, CAST(ts AS timestamp(6)) AS ts, d, dec FROM {ROWS}"
    )
    table = open_with_pyiceberg(cloud, lake, "t")
    found = {(file.lower_bounds or {}).get(1): file.partition[0] for file in data_files(table)}
    assert [found[id_] for id_ in (b"\x01\0\0\0", b"\xf4\xff\xff\xff", None)] == partitions


@pytest.mark.parametrize(
    ("transform", "type_", "literal", "value"),
    [
        (BucketTransform(1000), "uuid", f"UUID '{UUID_TEXT}'", uuid.UUID(UUID_TEXT).bytes),
        (BucketTransform(1000), "varbinary", "X'00ff10'", b"\x00\xff\x10"),
        (BucketTransform(1000), "time(6)", "TIME '10:00:00.000001'", 36_000_000_001),
        (TruncateTransform(2), "varbinary", "X'00ff10'", b"\x00\xff\x10"),
        (IdentityTransform(), "real", "REAL '0.5'", 0.5),
        (IdentityTransform(), "time(6)", "TIME '10:00:00.000001'", 36_000_000_001),
    ],
)
def test_partition_value_is_that_of_pyiceberg(
    cloud: Any, lake: Lake, transform: Transform[Any, Any], type_: str, literal: str, value: Any
) -> None:
    name, _, argument = str(transform).partition("[")
    text = "c" if name == "identity" else f"{name}(c, {argument.rstrip(']')})"
    lake.run(
        f"CREATE TABLE t WITH (table_type='ICEBERG', is_external=false, location='{lake.uri('t/')}', "
        f"partitioning=ARRAY['{text}']) AS SELECT CAST({literal} AS {type_}) AS c"
    )
    table = open_with_pyiceberg(cloud, lake, "t")
    [file] = data_files(table)
    assert file.partition[0] == transform.transform(table.schema().find_type("c"))(value)
    assert lake.rows(f"SELECT count(*) FROM t WHERE c = {literal}") == [("1",)]


@pytest.mark.parametrize(
    ("columns", "partitioning", "reason"),
    [
        (
            "a boolean",
            "bucket(4, a)",
            "INVALID_TABLE_PROPERTY: Unable to parse partitioning value: "
            "Invalid source type boolean for transform: bucket[4]",
        ),
        (
            "a int",
            "b",
            "INVALID_TABLE_PROPERTY: Unable to parse partitioning value: Cannot find source column: b",
        ),
        ("a int, a string", "a", "DUPLICATE_COLUMN_NAME: Column 'a' specified more than once"),
    ],
)
def test_table_that_cannot_be_is_not_created(
    lake: Lake, columns: str, partitioning: str, reason: str
) -> None:
    error = lake.error(
        f"CREATE TABLE t ({columns}) PARTITIONED BY ({partitioning}) LOCATION '{lake.uri('t')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    assert error == reason


def test_tables_of_their_own_lie_in_folders_of_their_own(lake: Lake) -> None:
    lake.put("t/there", b"x")
    made = f"CREATE TABLE t WITH (table_type='ICEBERG', is_external=false, location='{lake.uri('t/')}')"
    assert lake.error(f"{made} AS SELECT 1 AS a").startswith(
        "ICEBERG_FILESYSTEM_ERROR: Cannot create a table on a non-empty location: "
    )
    error = lake.error(
        f"CREATE EXTERNAL TABLE t (a int) LOCATION '{lake.uri('t/')}' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    assert error == "FAILED: External keyword not supported for table type ICEBERG"


def test_column_that_the_table_needs_is_not_dropped(events: Lake) -> None:
    assert (
        events.error("ALTER TABLE events DROP COLUMN ts") == "NOT_SUPPORTED: Cannot drop partition field: ts"
    )
    events.run(
        f"CREATE TABLE one (a int) LOCATION '{events.uri('one')}' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    reason = "NOT_SUPPORTED: Cannot drop the only column in a table"
    assert events.error("ALTER TABLE one DROP COLUMN a") == reason


def test_comments_of_a_table_and_its_columns_are_the_same_wherever_they_are_shown(
    cloud: Any, lake: Lake
) -> None:
    lake.run(
        f"CREATE TABLE t (a int COMMENT 'first', b int) COMMENT 'it is one' LOCATION '{lake.uri('t')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    lake.run("ALTER TABLE t CHANGE COLUMN b b int COMMENT 'second'")
    lake.run("INSERT INTO t VALUES (1, 2)")
    assert open_with_pyiceberg(cloud, lake, "t").properties["comment"] == "it is one"
    stored = lake.glue.get_table(DatabaseName=lake.database, Name="t")["Table"]
    assert (stored["Description"], stored["Parameters"]["comment"]) == ("it is one", "it is one")
    created = [line for (line,) in lake.rows("SHOW CREATE TABLE t")]
    assert created[1:4] == ["  a int COMMENT 'first', ", "  b int COMMENT 'second')", "COMMENT 'it is one'"]
    lines = [line for (line,) in lake.rows("DESCRIBE t")]
    assert lines[2:4] == ["a\tint\tfirst", "b\tint\tsecond"]
    shown = lake.athena.get_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName=lake.database, TableName="t"
    )["TableMetadata"]
    assert [column["Comment"] for column in shown["Columns"]] == ["first", "second"]
    assert shown["Parameters"]["comment"] == "it is one"
    assert lake.rows(
        f"SELECT comment FROM information_schema.columns WHERE table_schema = '{lake.database}' ORDER BY 1"
    ) == [("first",), ("second",)]
    lake.run(
        f"CREATE TABLE c COMMENT 'copied' WITH (table_type='ICEBERG', is_external=false, "
        f"location='{lake.uri('c/')}') AS SELECT * FROM t"
    )
    assert ("COMMENT 'copied'",) in lake.rows("SHOW CREATE TABLE c")


def data_files(table: Table) -> list[DataFile]:
    return [task.file for task in table.scan().plan_files()]


@pytest.fixture
def events(lake: Lake) -> Lake:
    """Two files in each of two months."""
    lake.run(
        f"CREATE TABLE events (id int, ts timestamp) PARTITIONED BY (month(ts)) "
        f"LOCATION '{lake.uri('events')}' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    for number in (1, 2):
        lake.run(
            f"INSERT INTO events VALUES ({number}, TIMESTAMP '2024-01-0{number} 00:00:00'), "
            f"({number + 2}, TIMESTAMP '2024-02-0{number} 00:00:00')"
        )
    return lake


def test_partitions_table_counts_files_and_rows_and_tells_bounds(events: Lake) -> None:
    rows = events.rows(
        "SELECT partition.ts_month, record_count, file_count, data.id.min, data.id.max "
        'FROM "events$partitions" ORDER BY 1'
    )
    assert rows == [("648", "2", "2", "1", "2"), ("649", "2", "2", "3", "4")]


def test_manifests_and_files_tables_tell_rows_and_bounds(events: Lake) -> None:
    assert events.rows(
        'SELECT sum(added_rows_count), max(partitions[1].upper_bound) FROM "events$manifests"'
    ) == [("4", "649")]
    assert events.rows('SELECT lower_bounds[1] FROM "events$files" ORDER BY 1') == [
        ("1",),
        ("2",),
        ("3",),
        ("4",),
    ]


def test_optimize_rewrites_only_the_partitions_of_its_condition(events: Lake) -> None:
    february = "OPTIMIZE events REWRITE DATA USING BIN_PACK WHERE ts >= TIMESTAMP '2024-02-01 00:00:00'"
    events.run(february)
    assert events.rows('SELECT sum(file_count) FROM "events$partitions"') == [("4",)]  # fewer than five
    events.run("ALTER TABLE events SET TBLPROPERTIES ('optimize_rewrite_data_file_threshold'='2')")
    events.run(february)
    assert events.rows('SELECT partition.ts_month, file_count FROM "events$partitions" ORDER BY 1') == [
        ("648", "2"),
        ("649", "1"),
    ]


def test_optimize_by_another_column_than_a_partitions_is_refused(events: Lake) -> None:
    assert "WHERE expression" in events.error("OPTIMIZE events REWRITE DATA USING BIN_PACK WHERE id = 1")


def test_condition_on_a_timestamp_leaves_out_partitions(events: Lake) -> None:
    scanned = [
        events.run(f"SELECT id, ts FROM events{where}").execution["Statistics"]["DataScannedInBytes"]
        for where in ("", " WHERE ts < TIMESTAMP '2024-02-01 00:00:00'")
    ]
    assert 0 < scanned[1] < scanned[0]


def test_vacuum_expires_snapshots_by_the_tables_properties(events: Lake) -> None:
    events.run("DELETE FROM events WHERE id = 1")
    before = set(events.keys("events/data/"))
    events.run(
        "ALTER TABLE events SET TBLPROPERTIES "
        "('vacuum_max_snapshot_age_seconds'='0', 'vacuum_min_snapshots_to_keep'='2')"
    )
    events.run("VACUUM events")
    assert events.rows('SELECT count(*) FROM "events$snapshots"') == [("2",)]
    assert set(events.keys("events/data/")) == before
    events.run("ALTER TABLE events SET TBLPROPERTIES ('vacuum_min_snapshots_to_keep'='1')")
    events.run("VACUUM events")
    assert events.rows('SELECT count(*) FROM "events$snapshots"') == [("1",)]
    assert len(before - set(events.keys("events/data/"))) == 1
    assert events.rows("SELECT count(*) FROM events") == [("3",)]


def test_vacuum_removes_what_no_snapshot_has_and_old_metadata(events: Lake) -> None:
    events.put("events/data/ts_month=648/of-a-writer-that-died.parquet", b"x")
    events.put("events/other/kept.txt", b"x")
    rows = events.rows("SELECT * FROM events ORDER BY id")
    events.run("VACUUM events")
    assert len(events.keys("events/data/ts_month=648/of")) == 1
    events.run(
        "ALTER TABLE events SET TBLPROPERTIES "
        "('vacuum_max_snapshot_age_seconds'='0', 'vacuum_max_metadata_files_to_keep'='1')"
    )
    events.run("VACUUM events")
    assert events.keys("events/data/ts_month=648/of") == []
    assert len([key for key in events.keys("events/metadata/") if key.endswith(".metadata.json")]) == 2
    assert events.keys("events/other/") == ["events/other/kept.txt"]
    assert events.rows("SELECT * FROM events ORDER BY id") == rows


def test_older_snapshot_has_the_columns_of_its_time(lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE t (a int, b float) LOCATION '{lake.uri('t')}' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    lake.run("INSERT INTO t VALUES (1, REAL '1.5')")
    [(snapshot, at)] = lake.rows('SELECT snapshot_id, committed_at FROM "t$snapshots"')
    lake.run("ALTER TABLE t CHANGE COLUMN a a bigint")
    lake.run("ALTER TABLE t CHANGE COLUMN b c double FIRST")
    lake.run("INSERT INTO t VALUES (2.5E0, 3000000000)")
    assert lake.rows("SELECT * FROM t ORDER BY a") == [("1.5", "1"), ("2.5", "3000000000")]
    former = lake.run(f"SELECT * FROM t FOR VERSION AS OF {snapshot}")
    assert (former.columns, former.rows) == ({"a": "integer", "b": "float"}, [("1", "1.5")])
    assert lake.rows(f"SELECT b FROM t FOR TIMESTAMP AS OF TIMESTAMP '{at}' WHERE b > 1") == [("1.5",)]
    assert "Column 'c' cannot be resolved" in lake.error(f"SELECT c FROM t FOR VERSION AS OF {snapshot}")
    assert lake.error("ALTER TABLE t CHANGE COLUMN a a int").startswith("ICEBERG_INVALID_SCHEMA_CHANGE")


def test_table_of_pyiceberg_is_read_written_and_altered_in_athena(cloud: Any, lake: Lake) -> None:
    rows = pa.table({"id": pa.array([1], pa.int64()), "tags": [["a", "b"]], "info": [{"x": 1}]})
    table = pyiceberg_catalog(cloud).create_table(
        f"{lake.database}.t", schema=rows.schema, location=lake.uri("t")
    )
    table.append(rows)
    lake.run("ALTER TABLE t ADD COLUMNS (note string)")
    lake.run("INSERT INTO t (id, note) VALUES (2, 'new')")
    lake.run("UPDATE t SET note = 'old' WHERE id = 1")
    found = table.refresh().scan().to_arrow().sort_by("id").to_pylist()
    assert found == [
        {"id": 1, "tags": ["a", "b"], "info": {"x": 1}, "note": "old"},
        {"id": 2, "tags": None, "info": None, "note": "new"},
    ]


def test_rows_that_pyiceberg_deletes_are_gone_in_athena(cloud: Any, events: Lake) -> None:
    table = open_with_pyiceberg(cloud, events, "events")
    table.delete("id = 1")
    assert events.rows("SELECT id FROM events ORDER BY id") == [("2",), ("3",), ("4",)]


def test_other_formats_than_parquet_are_refused_by_name(lake: Lake) -> None:
    error = lake.error(
        f"CREATE TABLE t (a int) LOCATION '{lake.uri('t')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG', 'format'='orc')"
    )
    assert "ORC" in error


def test_hive_tables_have_no_versions(lake: Lake) -> None:
    lake.run(f"CREATE TABLE t WITH (external_location='{lake.uri('t/')}') AS SELECT 1 AS a")
    assert "does not support versioned tables" in lake.error("SELECT * FROM t FOR VERSION AS OF 1")


def test_fields_inside_columns_are_widened_added_and_dropped(cloud: Any, lake: Lake) -> None:
    lake.run(
        "CREATE TABLE t (p struct<x:int,y:int>, l array<struct<a:float>>, m map<string,int>) "
        f"LOCATION '{lake.uri('t')}' TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    lake.run(
        "INSERT INTO t VALUES (CAST(ROW(1, 2) AS ROW(x int, y int)), "
        "ARRAY[CAST(ROW(1.5) AS ROW(a real))], MAP(ARRAY['k'], ARRAY[3]))"
    )
    lake.run("ALTER TABLE t CHANGE COLUMN p p struct<x:bigint,z:string>")
    lake.run("ALTER TABLE t CHANGE COLUMN l items array<struct<a:double,b:date>>")
    lake.run("ALTER TABLE t CHANGE COLUMN m m map<string,bigint>")
    assert lake.rows("SELECT p, items, m FROM t") == [("{x=1, z=null}", "[{a=1.5, b=null}]", "{k=3}")]
    [row] = open_with_pyiceberg(cloud, lake, "t").scan().to_arrow().to_pylist()
    assert row == {"p": {"x": 1, "z": None}, "items": [{"a": 1.5, "b": None}], "m": [("k", 3)]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bigint", "int"),
        ("int", "string"),
        ("decimal(10,2)", "decimal(8,2)"),
        ("decimal(10,2)", "decimal(10,3)"),
        ("array<bigint>", "array<int>"),
        ("struct<x:int>", "int"),
    ],
)
def test_type_that_iceberg_cannot_widen_to_is_refused(lake: Lake, old: str, new: str) -> None:
    lake.run(f"CREATE TABLE t (a {old}) LOCATION '{lake.uri('t')}' TBLPROPERTIES ('table_type'='ICEBERG')")
    error = lake.error(f"ALTER TABLE t CHANGE COLUMN a a {new}")
    assert error.startswith("ICEBERG_INVALID_SCHEMA_CHANGE: Cannot change column type: a")


def test_files_of_former_partitioning_are_pruned_told_and_changed(cloud: Any, events: Lake) -> None:
    table = open_with_pyiceberg(cloud, events, "events")
    with table.update_spec() as update:
        update.remove_field("ts_month")
        update.add_field("ts", DayTransform(), "ts_day")
    events.run("INSERT INTO events VALUES (9, TIMESTAMP '2024-02-01 12:00:00')")
    assert events.rows("SELECT id FROM events WHERE ts >= TIMESTAMP '2024-02-01 06:00:00' ORDER BY id") == [
        ("4",),
        ("9",),
    ]
    assert events.rows(
        'SELECT partition.ts_month, partition.ts_day, record_count FROM "events$partitions" ORDER BY 1, 2'
    ) == [("648", None, "2"), ("649", None, "2"), (None, "2024-02-01", "1")]
    events.run("DELETE FROM events WHERE ts < TIMESTAMP '2024-02-01 00:00:00' OR id = 9")
    assert events.rows("SELECT id FROM events ORDER BY id") == [("3",), ("4",)]


def test_only_athenas_own_properties_are_set_and_shown(cloud: Any, events: Lake) -> None:
    error = events.error("ALTER TABLE events SET TBLPROPERTIES ('colour'='red')")
    assert error == "INVALID_TABLE_PROPERTY: Unsupported table property key: colour"
    events.run("ALTER TABLE events SET TBLPROPERTIES ('write_compression'='snappy')")
    assert ("write_compression\tsnappy",) in events.rows("SHOW TBLPROPERTIES events")
    assert ("  'write_compression'='snappy');",) in events.rows("SHOW CREATE TABLE events")
    table = open_with_pyiceberg(cloud, events, "events")
    table.transaction().set_properties({"colour": "red"}).commit_transaction()
    assert "colour" in events.error("SHOW CREATE TABLE events")
    assert not any("colour" in str(line) for line in events.rows("SHOW TBLPROPERTIES events"))
