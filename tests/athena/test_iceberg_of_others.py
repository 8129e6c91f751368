"""Iceberg tables as other engines leave them: their delete files, versions, names and types."""

from __future__ import annotations

import uuid
from typing import Any

import pyarrow as pa
import pytest
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.typedef import Record
from pyiceberg.types import FixedType, LongType, NestedField, StringType, StructType, UUIDType

from athena.athena_client import Lake
from athena.iceberg_deletes import delete_equal, delete_positions
from athena.pyiceberg_client import open_with_pyiceberg, pyiceberg_catalog


@pytest.fixture
def parts(lake: Lake) -> Lake:
    """Five rows in two partitions, each a file."""
    lake.run(
        f"CREATE TABLE parts (id int, v string, p string) PARTITIONED BY (p) LOCATION '{lake.uri('parts')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    lake.run("INSERT INTO parts VALUES (1,'a','x'), (2,'b','x'), (3,NULL,'x'), (4,'b','y'), (5,'c','y')")
    return lake


def ids(lake: Lake, condition: str = "true") -> list[int]:
    return [int(str(id_)) for (id_,) in lake.rows(f"SELECT id FROM parts WHERE {condition} ORDER BY id")]


def test_rows_deleted_by_their_positions_are_gone_and_stay_gone(cloud: Any, parts: Lake) -> None:
    table = open_with_pyiceberg(cloud, parts, "parts")
    [path] = [t.file.file_path for t in table.scan("p == 'x'").plan_files()]
    rows = parts.rows("SELECT id, \"$path\" FROM parts WHERE p = 'x'")
    assert {uri for _, uri in rows} == {path}
    delete_positions(table, [(path, 1)], Record("x"))
    delete_positions(table.refresh(), [(path, 0)], Record("x"))
    assert ids(parts) == [3, 4, 5]
    assert parts.rows("SELECT count(*) FROM parts WHERE p = 'x'") == [("1",)]
    parts.run("UPDATE parts SET id = id + 100 WHERE id = 3")
    assert ids(parts) == [4, 5, 103]
    assert sorted(table.refresh().scan().to_arrow().column("id").to_pylist()) == [4, 5, 103]


@pytest.mark.parametrize(
    ("deleted", "partition", "left"),
    [
        ({"v": ["b"]}, "x", [1, 3, 4, 5]),
        ({"v": [None]}, "x", [1, 2, 4, 5]),
        ({"v": ["b", "a"], "id": pa.array([2, 2], pa.int32())}, "x", [1, 3, 4, 5]),
    ],
)
def test_rows_deleted_by_equality_are_gone_in_their_partition(
    cloud: Any, parts: Lake, deleted: dict[str, Any], partition: str, left: list[int]
) -> None:
    rows = pa.table({**deleted, "v": pa.array(deleted["v"], pa.string())})
    delete_equal(open_with_pyiceberg(cloud, parts, "parts"), rows, Record(partition))
    assert ids(parts) == left
    assert ids(parts, "id < 4") == [id_ for id_ in left if id_ < 4]


def test_rows_written_after_a_delete_by_equality_stay(cloud: Any, parts: Lake) -> None:
    table = open_with_pyiceberg(cloud, parts, "parts")
    delete_equal(table, pa.table({"v": ["b"]}), Record("x"))
    parts.run("INSERT INTO parts VALUES (6, 'b', 'x')")
    assert ids(parts) == [1, 3, 4, 5, 6]
    parts.run("UPDATE parts SET id = 10 WHERE id = 1")
    parts.run("ALTER TABLE parts DROP COLUMN v")
    assert ids(parts) == [3, 4, 5, 6, 10]
    parts.run("ALTER TABLE parts SET TBLPROPERTIES ('optimize_rewrite_data_file_threshold'='1')")
    parts.run("OPTIMIZE parts REWRITE DATA USING BIN_PACK")
    assert ids(parts) == [3, 4, 5, 6, 10]


def test_delete_by_equality_without_a_partition_is_for_all_files(cloud: Any, lake: Lake) -> None:
    lake.run(
        f"CREATE TABLE parts (id int, v string) LOCATION '{lake.uri('parts')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    for values in ("(1, 'a'), (2, 'b')", "(3, 'b'), (4, 'c')"):
        lake.run(f"INSERT INTO parts VALUES {values}")
    [(before,)] = lake.rows("SELECT max(snapshot_id) FROM \"parts$snapshots\" WHERE operation = 'append'")
    delete_equal(open_with_pyiceberg(cloud, lake, "parts"), pa.table({"v": ["b"]}))
    assert ids(lake) == [1, 4]
    assert lake.rows("SELECT count(*) FROM parts") == [("2",)]
    assert lake.rows('SELECT content, equality_ids FROM "parts$files" ORDER BY 1 DESC LIMIT 1') == [
        ("2", "[2]")
    ]
    assert before is not None


def create_with_pyiceberg(cloud: Any, lake: Lake, schema: Schema, **properties: str) -> Table:
    return pyiceberg_catalog(cloud).create_table(
        f"{lake.database}.t", schema, location=lake.uri("t"), properties=properties
    )


def test_table_of_the_first_version_with_capitals_in_its_names_is_changed(cloud: Any, lake: Lake) -> None:
    inner = StructType(NestedField(3, "Xy", LongType(), required=False))
    table = create_with_pyiceberg(
        cloud,
        lake,
        Schema(
            NestedField(1, "ID", LongType(), required=True),
            NestedField(2, "Info", inner, required=False),
        ),
        **{"format-version": "1"},
    )
    table.append(pa.Table.from_pylist([{"ID": 1}, {"ID": 2}], schema=table.schema().as_arrow()))
    lake.run("INSERT INTO t VALUES (3, CAST(ROW(5) AS ROW(xy bigint)))")
    lake.run("UPDATE t SET info = CAST(ROW(7) AS ROW(xy bigint)) WHERE id = 2")
    lake.run("DELETE FROM t WHERE id = 1")
    assert lake.rows("SELECT id, info.xy FROM t ORDER BY id") == [("2", "7"), ("3", "5")]
    found = table.refresh().scan().to_arrow().sort_by("ID").to_pylist()
    assert found == [{"ID": 2, "Info": {"Xy": 7}}, {"ID": 3, "Info": {"Xy": 5}}]
    reason = "CONSTRAINT_VIOLATION: NULL value not allowed for NOT NULL column: id"
    assert lake.error("INSERT INTO t (info) VALUES (NULL)") == reason
    assert lake.error("UPDATE t SET id = NULL") == reason


def test_metadata_tables_tell_of_uuids_and_a_fixed_length_is_read_only(cloud: Any, lake: Lake) -> None:
    table = create_with_pyiceberg(
        cloud,
        lake,
        Schema(
            NestedField(1, "u", UUIDType(), required=False),
            NestedField(2, "f", FixedType(4), required=False),
            NestedField(3, "s", StringType(), required=False),
        ),
    )
    id_ = "12151fd2-7586-11e9-8f9e-2a86e4085a59"
    rows = [{"u": uuid.UUID(id_).bytes, "f": b"abcd", "s": "x"}]
    table.append(pa.Table.from_pylist(rows, schema=table.schema().as_arrow()))
    assert lake.rows(f"SELECT u, f FROM t WHERE u = UUID '{id_}'") == [(id_, "61 62 63 64")]
    assert lake.rows('SELECT data.u.min, data.s.max FROM "t$partitions"') == [(id_, "x")]
    assert lake.rows('SELECT lower_bounds[1] FROM "t$files"') == [(id_,)]
    assert "fixed[4]" in lake.error("INSERT INTO t SELECT * FROM t")
