"""Partitions: pages, errors one by one, and expressions over typed keys."""

from __future__ import annotations

from typing import Any

import pytest

KEYS = {
    "year": "int",
    "day": "date",
    "region": "string",
    "price": "decimal(10,2)",
    "at": "timestamp",
    "code": "varchar(3)",
}
ROWS = [
    ["2023", "2023-12-31", "eu", "9.50", "2023-12-31 10:00:00", "a"],
    ["2024", "2024-01-01", "us", "10.00", "2024-01-01 00:00:00.5", "b"],
    ["2024", "2024-02-01", "it's", "100.00", "2024-02-01 00:00:00", "b"],
    ["__HIVE_DEFAULT_PARTITION__", "2025-01-01", "ap", "1.00", "2025-01-01 00:00:00", "c"],
]


@pytest.fixture
def table(glue: Any, database: str) -> str:
    keys = [{"Name": name, "Type": type_} for name, type_ in KEYS.items()]
    glue.create_table(DatabaseName=database, TableInput={"Name": "t", "PartitionKeys": keys})
    storage = {"Columns": [{"Name": "c", "Type": "int"}], "Location": "s3://b/k"}
    glue.batch_create_partition(
        DatabaseName=database,
        TableName="t",
        PartitionInputList=[{"Values": values, "StorageDescriptor": storage} for values in ROWS],
    )
    return database


@pytest.mark.parametrize(
    ("expression", "regions"),
    [
        ("", ["eu", "us", "it's", "ap"]),
        ("year = 2024", ["us", "it's"]),
        ("year >= '2024' AND price < 20", ["us"]),
        ("Price > 9.5", ["us", "it's"]),
        ("day BETWEEN '2024-01-01' AND '2024-01-31'", ["us"]),
        ("day NOT BETWEEN '2024-01-01' AND '2024-12-31'", ["eu", "ap"]),
        ("at > '2024-01-01 00:00:00'", ["us", "it's", "ap"]),
        ("region IN ('eu', 'it''s')", ["eu", "it's"]),
        ("region NOT IN ('eu', 'it''s')", ["us", "ap"]),
        ("region LIKE '_s'", ["us"]),
        ("region NOT LIKE '%s'", ["eu", "ap"]),
        ("year IS NULL", ["ap"]),
        ("year IS NOT NULL and code = 'b'", ["us", "it's"]),
        ("NOT (year = 2023 OR region = 'us') AND year <> 2020", ["it's"]),
        ("(region='eu' and year=2023) or (region='us' and year=2024)", ["eu", "us"]),
    ],
)
def test_expression_compares_by_the_types_of_the_keys(
    glue: Any, table: str, expression: str, regions: list[str]
) -> None:
    found = glue.get_partitions(DatabaseName=table, TableName="t", Expression=expression)["Partitions"]
    assert [partition["Values"][2] for partition in found] == regions


@pytest.mark.parametrize(
    "expression",
    [
        "year = 'x'",
        "nothing = 1",
        "year LIKE '2%'",
        "year =",
        "year = 2024 or",
        "day > '2024-02-31'",
        "(" * 500,
    ],
)
def test_expression_that_makes_no_sense_is_refused(glue: Any, table: str, expression: str) -> None:
    with pytest.raises(glue.exceptions.InvalidInputException):
        glue.get_partitions(DatabaseName=table, TableName="t", Expression=expression)


def test_long_expression_is_read(glue: Any, table: str) -> None:
    expression = " or ".join(f"(region='r{n}' and year={n})" for n in range(1000)) + " or region = 'us'"
    found = glue.get_partitions(DatabaseName=table, TableName="t", Expression=expression)["Partitions"]
    assert [partition["Values"][2] for partition in found] == ["us"]


def test_partitions_come_in_pages_and_without_columns_if_asked(glue: Any, table: str) -> None:
    pages = list(
        glue.get_paginator("get_partitions").paginate(
            DatabaseName=table, TableName="t", ExcludeColumnSchema=True, PaginationConfig={"PageSize": 3}
        )
    )
    assert [len(page["Partitions"]) for page in pages] == [3, 1]
    assert "Columns" not in pages[0]["Partitions"][0]["StorageDescriptor"]


def test_segments_share_the_partitions_out(glue: Any, table: str) -> None:
    segments = [
        glue.get_partitions(
            DatabaseName=table, TableName="t", Segment={"SegmentNumber": number, "TotalSegments": 2}
        )["Partitions"]
        for number in (0, 1)
    ]
    assert sorted(p["Values"] for segment in segments for p in segment) == sorted(ROWS)


def test_partition_that_exists_is_an_error_beside_those_that_are_created(glue: Any, table: str) -> None:
    new = ["2030", *ROWS[0][1:]]
    answer = glue.batch_create_partition(
        DatabaseName=table,
        TableName="t",
        PartitionInputList=[{"Values": ROWS[0]}, {"Values": new}, {"Values": ["1"]}],
    )
    assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in answer["Errors"]] == [
        (ROWS[0], "AlreadyExistsException"),
        (["1"], "InvalidInputException"),
    ]
    assert glue.get_partition(DatabaseName=table, TableName="t", PartitionValues=new)


def test_more_than_a_hundred_partitions_at_once_are_refused(glue: Any, table: str) -> None:
    from botocore.exceptions import ClientError

    many = [{"Values": [str(n), *ROWS[0][1:]]} for n in range(101)]
    with pytest.raises(ClientError, match="less than or equal to 100"):
        glue.batch_create_partition(DatabaseName=table, TableName="t", PartitionInputList=many)
