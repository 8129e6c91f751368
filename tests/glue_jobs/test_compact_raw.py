"""The compaction of raw, run over real tables: what readers see before and after."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glue_jobs import compact_raw

DAY = "2026-01-31"
PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}
COLUMNS = {"price": "decimal(12,4)", "_content_hash": "string", "_line_number": "bigint"}
SCHEMA = pa.schema(
    [("price", pa.decimal128(12, 4)), ("_content_hash", pa.string()), ("_line_number", pa.int64())]
)


@dataclass(frozen=True)
class Raw:
    """A table of raw, with registered partitions or with projected ones."""

    cloud: Any
    name: str

    @property
    def database(self) -> str:
        return self.name.replace("-", "_")

    def create(self, table: str, *, projected: bool) -> None:
        projection = {
            "projection.enabled": "true",
            "projection.ingest_date.type": "date",
            "projection.ingest_date.format": "yyyy-MM-dd",
            "projection.ingest_date.range": "2026-01-01,NOW",
        }
        self.cloud.client("glue").create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": projection if projected else {},
                "PartitionKeys": [{"Name": "ingest_date", "Type": "date"}],
                "StorageDescriptor": self._storage(f"{table}/"),
            },
        )

    def write(self, table: str, content: str, rows: list[tuple[str, int]]) -> None:
        """Write a file's rows as ingestion does: price and line."""
        prefix = f"{table}/ingest_date={DAY}/"
        values = [{"price": price, "_content_hash": content, "_line_number": line} for price, line in rows]
        for value in values:
            value["price"] = pa.scalar(value["price"]).cast(pa.decimal128(12, 4)).as_py()  # type: ignore[union-attr]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(values, schema=SCHEMA), buffer)
        key = f"{prefix}{content}.parquet"
        self.cloud.client("s3").put_object(Bucket=self.name, Key=key, Body=buffer.getvalue())

    def register(self, table: str) -> None:
        entry = {"Values": [DAY], "StorageDescriptor": self._storage(f"{table}/ingest_date={DAY}/")}
        self.cloud.client("glue").create_partition(
            DatabaseName=self.database, TableName=table, PartitionInput=entry
        )

    def rows(self, table: str) -> list[tuple[str | None, ...]]:
        sql = f'select _content_hash, _line_number, price from "{table}" order by 1, 2, 3'
        return list(self.cloud.query(sql, self.database, self.name).rows)

    def files(self, table: str) -> list[str]:
        found = self.cloud.client("s3").list_objects_v2(Bucket=self.name, Prefix=f"{table}/")
        return [item["Key"] for item in found.get("Contents", []) if item["Key"].endswith(".parquet")]

    def compact(self, table: str, *arguments: str) -> list[compact_raw.Compacted]:
        argv = ["--raw_database", self.database, "--raw_bucket", self.name, "--tables", table, *arguments]
        return compact_raw.main(argv, today=datetime.date(2026, 2, 1))

    def _storage(self, prefix: str) -> dict[str, Any]:
        columns = [{"Name": name, "Type": kind} for name, kind in COLUMNS.items()]
        return {"Columns": columns, "Location": f"s3://{self.name}/{prefix}", **PARQUET}


@pytest.fixture
def raw(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> Raw:
    raw = Raw(cloud, cloud.unique_name("raw"))
    cloud.client("s3").create_bucket(Bucket=raw.name)
    cloud.client("glue").create_database(DatabaseInput={"Name": raw.database})
    results = {"ResultConfiguration": {"OutputLocation": f"s3://{raw.name}/results/"}}
    cloud.client("athena").create_work_group(Name=raw.name, Configuration=results)
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    return raw


@pytest.fixture(params=[False, True], ids=["registered", "projected"])
def table(raw: Raw, request: pytest.FixtureRequest) -> str:
    """A table with two files of a day, of which one line is in both attempts at a file."""
    raw.create("sales", projected=request.param)
    raw.write("sales", "a", [("1.5", 2), ("2.5", 3)])
    raw.write("sales", "b", [("9.9999", 2)])
    if not request.param:
        raw.register("sales")
    return "sales"


def test_small_files_become_one_and_readers_see_the_same_rows(raw: Raw, table: str) -> None:
    before = raw.rows(table)
    (done,) = raw.compact(table)
    assert (done.files, done.rows_before, done.rows_after) == (2, 3, 3)
    assert raw.rows(table) == before
    assert len(raw.files(table)) == 1


def test_a_second_run_has_nothing_to_do(raw: Raw, table: str) -> None:
    raw.compact(table)
    files = raw.files(table)
    assert raw.compact(table) == []
    assert raw.files(table) == files


def test_late_and_corrected_rows_join_and_the_newest_of_a_line_counts(raw: Raw, table: str) -> None:
    raw.compact(table)
    raw.write(table, "a", [("7", 2), ("2.5", 3)])
    raw.compact(table)
    assert raw.rows(table) == [("a", "2", "7.0000"), ("a", "3", "2.5000"), ("b", "2", "9.9999")]


def test_a_day_that_is_not_over_is_left_alone(raw: Raw, table: str) -> None:
    assert raw.compact(table, "--closed_before", DAY) == []
    assert len(raw.files(table)) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_files_that_arrive_while_a_day_is_moved_are_neither_lost_nor_doubled(
    raw: Raw, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    raw.create("sales", projected=False)
    raw.write("sales", "a", [("1.5", 2), ("2.5", 3)])
    raw.register("sales")
    point = compact_raw.RawZone._point

    def arriving(*arguments: Any) -> None:
        if when == "before":
            raw.write("sales", "late", [("3", 2)])
        point(*arguments)
        if when == "after":
            raw.write("sales", "late", [("3", 2)])

    with monkeypatch.context() as moving:
        moving.setattr(compact_raw.RawZone, "_point", arriving)
        raw.compact("sales", "--least_files", "1")
    seen = [("a", "2", "1.5000"), ("a", "3", "2.5000"), ("late", "2", "3.0000")]
    assert raw.rows("sales") == seen
    raw.compact("sales")
    assert raw.rows("sales") == seen
    assert len(raw.files("sales")) == 1


def test_a_file_that_is_written_again_while_it_is_compacted_is_kept_for_the_next_run(
    raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw.create("sales", projected=False)
    raw.write("sales", "a", [("1.5", 2)])
    raw.register("sales")
    point = compact_raw.RawZone._point

    def corrected_meanwhile(*arguments: Any) -> None:
        raw.write("sales", "a", [("7", 2)])
        point(*arguments)

    with monkeypatch.context() as moving:
        moving.setattr(compact_raw.RawZone, "_point", corrected_meanwhile)
        raw.compact("sales", "--least_files", "1")
    assert raw.rows("sales") == [("a", "2", "1.5000")]
    raw.compact("sales")
    assert raw.rows("sales") == [("a", "2", "7.0000")]


def test_what_a_run_that_died_left_behind_is_taken_in_again(
    raw: Raw, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = raw.rows(table)
    with monkeypatch.context() as dying:
        dying.setattr(compact_raw.wr.s3, "delete_objects", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            raw.compact(table)
    assert len(raw.files(table)) == 3
    raw.compact(table)
    assert raw.rows(table) == before
    assert len(raw.files(table)) == 1


def test_events_are_told_apart_by_their_own_key(raw: Raw) -> None:
    raw.create("events", projected=True)
    raw.write("events", "x", [("1", 1)])
    raw.write("events", "y", [("2", 1)])
    (done,) = raw.compact("events", "--row_keys", "events=_line_number")
    assert (done.rows_before, done.rows_after) == (2, 1)


def test_the_job_is_python_3_9() -> None:
    import ast
    from pathlib import Path

    ast.parse(Path(compact_raw.__file__).read_text(), feature_version=(3, 9))
