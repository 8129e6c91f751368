"""A crawled table is one that Athena can query."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
from pyarrow import parquet


def test_csv_with_a_header_is_read_by_its_columns_without_the_header(lake: Any) -> None:
    lake.put("orders/1.csv", "id,customer,amount,paid\n1,Ann,9.5,true\n2,Bob,20,false\n")
    lake.crawl("orders/")
    assert lake.query("SELECT customer, amount, paid FROM orders ORDER BY id") == [
        ("Ann", "9.5", "true"),
        ("Bob", "20.0", "false"),
    ]


def test_nested_json_is_read_through_its_structs_and_arrays(lake: Any) -> None:
    event = {"id": 1, "user": {"name": "Ann", "homeTown": "Bonn"}, "items": [{"sku": "a", "qty": 2}]}
    lake.put("events/1.json", json.dumps(event) + "\n")
    lake.crawl("events/")
    assert lake.query(
        "SELECT user.name, user.hometown, sku, qty FROM events CROSS JOIN UNNEST(items) AS t(sku, qty)"
    ) == [("Ann", "Bonn", "a", "2")]


def test_partitioned_parquet_is_read_by_partition(lake: Any) -> None:
    for year in (2025, 2026):
        content = io.BytesIO()
        parquet.write_table(pa.table({"id": [year, year + 1], "price": [1.5, 2.5]}), content)
        lake.put(f"sales/year={year}/part.parquet", content.getvalue())
    lake.crawl("sales/")
    assert lake.query("SELECT year, count(*), max(id) FROM sales GROUP BY year ORDER BY year") == [
        ("2025", "2", "2026"),
        ("2026", "2", "2027"),
    ]
    assert lake.query("SELECT id FROM sales WHERE year = '2026' ORDER BY id") == [("2026",), ("2027",)]
