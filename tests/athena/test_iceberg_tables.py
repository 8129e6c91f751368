"""Iceberg tables: changes of rows, of columns and of partitioning, as any Iceberg reader sees them."""

from __future__ import annotations

import decimal
import io
import threading
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from athena.athena_client import Lake
from athena.pyiceberg_client import open_with_pyiceberg


@pytest.fixture
def orders(lake: Lake) -> Lake:
    """Three orders in two months."""
    lake.run(
        f"CREATE TABLE orders WITH (table_type='ICEBERG', is_external=false, "
        f"location='{lake.uri('orders/')}', "
        "partitioning=ARRAY['month(at)', 'bucket(id, 4)']) AS "
        "SELECT id, CAST(amount AS decimal(12,2)) AS amount, CAST(at AS timestamp(6)) AS at FROM (VALUES "
        "(1, 10, TIMESTAMP '2024-01-01 00:00:00'), (2, 20, TIMESTAMP '2024-01-31 23:59:59'), "
        "(3, 30, TIMESTAMP '2024-02-01 00:00:00')) AS t(id, amount, at)"
    )
    return lake


def test_other_iceberg_readers_see_the_same_rows(cloud: Any, orders: Lake) -> None:
    rows = open_with_pyiceberg(cloud, orders, "orders").scan(row_filter="id == 2").to_arrow().to_pylist()
    assert [(row["id"], str(row["amount"]), str(row["at"])) for row in rows] == [
        (2, "20.00", "2024-01-31 23:59:59")
    ]


def test_condition_leaves_out_files_by_partition(cloud: Any, orders: Lake) -> None:
    planned = (
        open_with_pyiceberg(cloud, orders, "orders")
        .scan(row_filter="at < '2024-02-01T00:00:00'")
        .plan_files()
    )
    assert sum(task.file.record_count for task in planned) == 2


def test_update_changes_only_the_rows_of_its_condition(orders: Lake) -> None:
    assert (
        orders.run("UPDATE orders SET amount = CAST(amount * 2 AS decimal(12,2)) WHERE id >= 2").results[
            "UpdateCount"
        ]
        == 2
    )
    assert orders.rows("SELECT id, amount FROM orders ORDER BY id") == [
        ("1", "10.00"),
        ("2", "40.00"),
        ("3", "60.00"),
    ]


def test_delete_leaves_the_other_rows_of_a_file(orders: Lake) -> None:
    orders.run("DELETE FROM orders WHERE id = 2")
    assert orders.rows("SELECT id FROM orders ORDER BY id") == [("1",), ("3",)]


def test_merge_updates_deletes_and_inserts_in_one_snapshot(orders: Lake) -> None:
    orders.run(
        "MERGE INTO orders AS target USING "
        "(SELECT * FROM (VALUES (1, 0), (2, 99), (4, 44)) AS s(id, amount)) AS src "
        "ON target.id = src.id WHEN MATCHED AND src.amount = 0 THEN DELETE "
        "WHEN MATCHED THEN UPDATE SET amount = src.amount "
        "WHEN NOT MATCHED THEN INSERT (id, amount) VALUES (src.id, src.amount)"
    )
    assert orders.rows("SELECT id, amount FROM orders ORDER BY id") == [
        ("2", "99.00"),
        ("3", "30.00"),
        ("4", "44.00"),
    ]
    assert orders.rows('SELECT count(*) FROM "orders$snapshots"') == [("2",)]


def test_merge_with_two_source_rows_for_one_target_row_fails(orders: Lake) -> None:
    error = orders.error(
        "MERGE INTO orders t USING (VALUES (1, 5), (1, 6)) AS s(id, amount) ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET amount = s.amount"
    )
    assert error.startswith("MERGE_TARGET_ROW_MULTIPLE_MATCHES")
    assert orders.rows("SELECT amount FROM orders WHERE id = 1") == [("10.00",)]


def test_columns_can_be_added_renamed_and_dropped(orders: Lake) -> None:
    orders.run(f"ALTER TABLE `{orders.database}`.`orders` ADD COLUMNS (note string)")
    orders.run("ALTER TABLE orders CHANGE COLUMN amount total decimal(14,2)")
    orders.run("INSERT INTO orders (id, total, note) VALUES (9, DECIMAL '1.00', 'new')")
    orders.run("ALTER TABLE orders ADD COLUMNS (passing int)")
    orders.run("ALTER TABLE orders DROP COLUMN passing")
    finished = orders.run("SELECT * FROM orders WHERE id IN (1, 9) ORDER BY id")
    assert list(finished.columns) == ["id", "total", "at", "note"]
    assert [(row[1], row[3]) for row in finished.rows] == [("10.00", None), ("1.00", "new")]


def test_rename_keeps_rows_and_location(orders: Lake) -> None:
    orders.run(f"ALTER TABLE `{orders.database}`.`orders` RENAME TO `{orders.database}`.`sales`")
    assert orders.rows("SELECT count(*) FROM sales") == [("3",)]
    assert orders.rows("SHOW TABLES") == [("sales",)]


def test_time_travel_reads_an_older_snapshot(orders: Lake) -> None:
    [(first,)] = orders.rows('SELECT snapshot_id FROM "orders$snapshots"')
    orders.run("DELETE FROM orders WHERE true")
    assert orders.rows("SELECT count(*) FROM orders") == [("0",)]
    assert orders.rows(f"SELECT count(*) FROM orders FOR VERSION AS OF {first}") == [("3",)]


def test_hidden_columns_tell_of_the_file_of_a_row(orders: Lake) -> None:
    [path, time] = orders.rows('SELECT "$path", "$file_modified_time" FROM orders WHERE id = 1')[0]
    key = str(path).removeprefix(orders.uri(""))
    written = orders.s3.head_object(Bucket=orders.bucket, Key=key)["LastModified"]
    assert str(time).startswith(f"{written:%Y-%m-%d %H:%M:%S}")


def test_optimize_makes_few_files_of_many(orders: Lake) -> None:
    [(before,)] = orders.rows('SELECT count(*) FROM "orders$files"')
    for n in range(3):
        orders.run(f"INSERT INTO orders VALUES (1, DECIMAL '{n}.00', TIMESTAMP '2024-01-01 00:00:00')")
    orders.run("OPTIMIZE orders REWRITE DATA USING BIN_PACK")
    assert orders.rows('SELECT count(*) FROM "orders$files"') == [(before,)]
    assert orders.rows("SELECT count(*), sum(amount) FROM orders") == [("6", "63.00")]


def test_drop_table_removes_the_files_of_an_iceberg_table(orders: Lake) -> None:
    orders.run("DROP TABLE orders")
    assert orders.keys("orders/") == []


def test_commit_that_lost_the_race_is_a_retryable_iceberg_commit_error(cloud: Any, orders: Lake) -> None:
    outcomes = []

    def update(n: int) -> None:
        outcomes.append(
            orders.wait(orders.start(f"UPDATE orders SET amount = CAST(amount + {n} AS decimal(12,2))"))[
                "Status"
            ]
        )

    threads = [threading.Thread(target=update, args=(n,)) for n in (1, 1, 1, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    failed = [status["AthenaError"] for status in outcomes if status["State"] == "FAILED"]
    assert all(
        (e["ErrorType"], e["ErrorMessage"].split(":")[0]) == (233, "ICEBERG_COMMIT_ERROR") for e in failed
    )
    # Whatever was lost was told: the sum shows exactly the updates that succeeded.
    succeeded = len(outcomes) - len(failed)
    assert orders.rows("SELECT sum(amount) FROM orders") == [(f"{60 + 3 * succeeded}.00",)]


def test_timestamp_of_milliseconds_is_refused_as_in_athena(lake: Lake) -> None:
    error = lake.error(
        f"CREATE TABLE t WITH (table_type='ICEBERG', is_external=false, location='{lake.uri('t/')}') "
        "AS SELECT TIMESTAMP '2024-01-01 00:00:00.000' AS at"
    )
    assert error == (
        'NOT_SUPPORTED: Timestamp precision (3) not supported for Iceberg. Use "timestamp(6)" instead.'
    )


def test_files_added_by_name_are_read_beside_those_with_field_ids(cloud: Any, orders: Lake) -> None:
    buffer = io.BytesIO()
    parquet.write_table(
        pa.table({"id": pa.array([7], pa.int32()), "amount": [decimal.Decimal("7.00")]}), buffer
    )
    orders.run(
        f"CREATE TABLE plain (id int, amount decimal(3,2)) LOCATION '{orders.uri('plain')}' "
        "TBLPROPERTIES ('table_type'='ICEBERG')"
    )
    orders.run("INSERT INTO plain VALUES (1, DECIMAL '1.00')")
    orders.put("elsewhere/f.parquet", buffer.getvalue())
    open_with_pyiceberg(cloud, orders, "plain").add_files([orders.uri("elsewhere/f.parquet")])
    assert orders.rows("SELECT * FROM plain ORDER BY id") == [("1", "1.00"), ("7", "7.00")]


def test_files_are_encrypted_as_the_bucket_says_or_the_workgroup(cloud: Any, orders: Lake) -> None:
    keys = [cloud.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    rule = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": keys[0]}
    orders.s3.put_bucket_encryption(
        Bucket=orders.bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": rule}]},
    )
    before = set(orders.keys("orders/"))
    orders.run("UPDATE orders SET amount = DECIMAL '1.00' WHERE id = 1")
    by_bucket = set(orders.keys("orders/")) - before
    encryption = {"EncryptionOption": "SSE_KMS", "KmsKey": keys[1]}
    result = {"OutputLocation": orders.uri("results/"), "EncryptionConfiguration": encryption}
    orders.run("DELETE FROM orders WHERE id = 2", ResultConfiguration=result)
    by_query = set(orders.keys("orders/")) - before - by_bucket
    for key, written in zip(keys, (by_bucket, by_query), strict=True):
        heads = [orders.s3.head_object(Bucket=orders.bucket, Key=name) for name in written]
        assert {head["SSEKMSKeyId"] for head in heads} == {key}
    found = open_with_pyiceberg(cloud, orders, "orders").scan().to_arrow()
    assert sorted(found.column("id").to_pylist()) == [1, 3]
