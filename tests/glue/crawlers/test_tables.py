"""Which tables and partitions come of which objects, and what the catalog says of them."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from tests.glue.crawled_lake import columns

_CSV = "id,name\n1,x\n2,y\n"
_OTHER = "sku;price;stock\n1;2.5;true\n"


def keys(table: dict[str, Any]) -> list[str]:
    return [key["Name"] for key in table["PartitionKeys"]]


def values(partitions: list[dict[str, Any]]) -> list[list[str]]:
    return sorted(partition["Values"] for partition in partitions)


# ---- grouping


def test_folder_of_like_files_is_one_table_named_after_it(lake: Any) -> None:
    lake.put("landing/web-orders/1.csv", _CSV)
    lake.put("landing/web-orders/2.csv", _CSV)
    tables = lake.crawl("landing/web-orders/")
    assert list(tables) == ["web_orders"]
    assert tables["web_orders"]["StorageDescriptor"]["Location"] == f"s3://{lake.bucket}/landing/web-orders/"


def test_folders_of_unlike_files_are_tables_of_their_own(lake: Any) -> None:
    lake.put("in/orders/1.csv", _CSV)
    lake.put("in/products/1.csv", _OTHER)
    tables = lake.crawl("in/")
    assert {name: columns(table) for name, table in tables.items()} == {
        "orders": {"id": "bigint", "name": "string"},
        "products": {"sku": "bigint", "price": "double", "stock": "boolean"},
    }


def test_folders_of_like_files_are_partitions_of_one_table(lake: Any) -> None:
    lake.put("folder1/table1/partition1/a.csv", _CSV)
    lake.put("folder1/table1/partition2/a.csv", _CSV)
    lake.put("folder1/table2/partition3/a.csv", _CSV)
    tables = lake.crawl("folder1/")
    assert keys(tables["folder1"]) == ["partition_0", "partition_1"]
    assert values(lake.partitions("folder1")) == [
        ["table1", "partition1"],
        ["table1", "partition2"],
        ["table2", "partition3"],
    ]


def test_folders_named_key_equals_value_name_the_partition_keys(lake: Any) -> None:
    for day in ("01", "02"):
        lake.put(f"sales/Year=2026/month=01/day={day}/a.csv", _CSV)
    tables = lake.crawl("sales/")
    assert keys(tables["sales"]) == ["year", "month", "day"]
    assert values(lake.partitions("sales")) == [["2026", "01", "01"], ["2026", "01", "02"]]
    assert lake.partitions("sales")[0]["StorageDescriptor"]["Location"].endswith("Year=2026/month=01/day=01/")


def test_more_than_seventy_percent_of_like_folders_take_the_others_in(lake: Any) -> None:
    for number in range(3):
        lake.put(f"in/p={number}/a.csv", _CSV)
    lake.put("in/p=3/a.csv", "id,other\n1,x\n2,y\n")
    tables = lake.crawl("in/")
    assert columns(tables["in"]) == {"id": "bigint", "name": "string", "other": "string"}
    assert len(lake.partitions("in")) == 4


def test_unlike_folders_make_one_table_if_compatible_schemas_are_combined(lake: Any) -> None:
    """AWS's own example of the option."""
    lake.put("table1/year=2017/data1.json", '{"A": 1, "B": 2}')
    lake.put("table1/year=2018/data2.json", '{"C": 3, "D": 4}')
    assert sorted(lake.crawl("table1/")) == ["year_2017", "year_2018"]
    combined = lake.crawl(
        "table1/", Configuration={"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
    )["table1"]
    assert columns(combined) == {"a": "int", "b": "int", "c": "int", "d": "int"}
    assert keys(combined) == ["year"]


def test_formats_are_never_combined(lake: Any) -> None:
    lake.put("in/a/1.csv", _CSV)
    lake.put("in/b/1.json", '{"id": 1, "name": "x"}')
    lake.put("in/c/1.csv.gz", gzip.compress(_CSV.encode()))
    policy = {"Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
    tables = lake.crawl("in/", Configuration=policy)
    formats = {name: table["Parameters"]["compressionType"] for name, table in tables.items()}
    assert formats == {"a": "none", "b": "none", "c": "gzip"}


def test_table_level_says_which_folders_are_tables(lake: Any) -> None:
    for shop in ("north", "south"):
        lake.put(f"shops/{shop}/2026/a.csv", _CSV)
    tables = lake.crawl("shops/", Configuration={"Grouping": {"TableLevelConfiguration": 3}})
    assert {name: keys(table) for name, table in tables.items()} == {
        "north": ["partition_0"],
        "south": ["partition_0"],
    }


def test_unlike_files_of_a_folder_are_tables_named_after_them(lake: Any) -> None:
    lake.put("mixed/Orders 1.csv", _CSV)
    lake.put("mixed/stock.json", '{"sku": 1, "price": 2}')
    tables = lake.crawl("mixed/")
    assert sorted(tables) == ["orders_1_csv", "stock_json"]
    assert tables["stock_json"]["StorageDescriptor"]["Location"] == f"s3://{lake.bucket}/mixed/stock.json"


def test_folders_of_more_than_five_kinds_are_tables_of_their_own(lake: Any) -> None:
    for number in range(30):
        lake.put(f"in/p{number:02}/a.csv", _CSV)
    for name in ("a", "b", "c", "d", "e"):
        lake.put(f"in/{name}/a.json", f'{{"{name}1": 1, "{name}2": 2}}')
    assert len(lake.crawl("in/")) == 35


def test_folders_of_different_depths_are_one_table_without_partitions(lake: Any) -> None:
    lake.put("in/a/1.csv", _CSV)
    lake.put("in/b/c/1.csv", _CSV)
    table = lake.crawl("in/")["in"]
    assert (keys(table), table["Parameters"]["objectCount"]) == ([], "2")
    assert lake.query('SELECT count(*) FROM "in"') == [("4",)]


def test_file_can_be_crawled_by_its_own_path(lake: Any) -> None:
    lake.put("in/orders.csv", _CSV)
    lake.put("in/orders.csv.old", _OTHER)
    assert list(lake.crawl("in/orders.csv")) == ["orders_csv"]


def test_path_without_a_slash_is_a_folder_and_not_a_prefix(lake: Any) -> None:
    lake.put("orders/1.csv", _CSV)
    lake.put("orders-old/1.csv", _CSV)
    tables = lake.crawl("orders")
    assert tables["orders"]["Parameters"]["objectCount"] == "1"


def test_each_path_of_a_crawler_is_a_table(lake: Any) -> None:
    lake.put("a/x/1.csv", _CSV)
    lake.put("b/x/1.csv", _CSV)
    tables = lake.crawl("a/x/", "b/x/", TablePrefix="Raw_")
    first, second = sorted(tables)
    assert first == "raw_x"
    assert len(second) == len("raw_x_") + 32


def test_name_that_another_table_has_gets_a_hash(lake: Any) -> None:
    glue = lake.cloud.client("glue")
    glue.create_table(DatabaseName=lake.database, TableInput={"Name": "orders"})
    lake.put("orders/1.csv", _CSV)
    assert any(name.startswith("orders_") for name in lake.crawl("orders/"))


def test_users_own_table_at_the_same_place_is_left_alone(lake: Any) -> None:
    glue = lake.cloud.client("glue")
    mine = {"Name": "mine", "StorageDescriptor": {"Columns": [], "Location": f"s3://{lake.bucket}/orders/"}}
    glue.create_table(DatabaseName=lake.database, TableInput=mine)
    lake.put("orders/1.csv", _CSV)
    tables = lake.crawl("orders/")
    assert sorted(tables) == ["mine", "orders"]
    assert columns(tables["mine"]) == {}


# ---- what is crawled


def test_excluded_objects_are_not_crawled(lake: Any) -> None:
    for name in ("a.csv", "b.json", ".hidden.csv", "sub/c.csv"):
        lake.put(f"in/{name}", _CSV)
    role, targets = lake.role, [{"Path": f"s3://{lake.bucket}/in/", "Exclusions": ["*.{json,txt}", "sub/**"]}]
    name = lake.cloud.unique_name("crawler")
    lake.cloud.client("glue").create_crawler(
        Name=name, Role=role, DatabaseName=lake.database, Targets={"S3Targets": targets}
    )
    lake.run(name)
    assert lake.tables()["in"]["Parameters"]["objectCount"] == "1"


def test_sample_of_a_folder_stands_for_all_its_files(lake: Any) -> None:
    lake.put("in/1.csv", _CSV)
    lake.put("in/2.csv", _OTHER)
    name = lake.cloud.unique_name("crawler")
    targets = {"S3Targets": [{"Path": f"s3://{lake.bucket}/in/", "SampleSize": 1}]}
    lake.cloud.client("glue").create_crawler(
        Name=name, Role=lake.role, DatabaseName=lake.database, Targets=targets
    )
    lake.run(name)
    assert columns(lake.tables()["in"]) == {"id": "bigint", "name": "string"}
    assert lake.tables()["in"]["Parameters"]["objectCount"] == "2"


# ---- what the catalog says


def test_csv_table_is_written_as_aws_writes_it(lake: Any) -> None:
    lake.put("orders/1.csv", _CSV)
    name = lake.define("orders/")
    lake.run(name)
    table = lake.tables()["orders"]
    assert table["Parameters"].pop("CRAWL_RUN_ID")
    assert table["Parameters"] == {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": name,
        "areColumnsQuoted": "false",
        "averageRecordSize": "8",
        "classification": "csv",
        "columnsOrdered": "true",
        "compressionType": "none",
        "delimiter": ",",
        "objectCount": "1",
        "recordCount": "2",
        "sizeKey": "16",
        "skip.header.line.count": "1",
        "typeOfData": "file",
    }
    storage = table["StorageDescriptor"]
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ","},
    }
    assert (storage["Compressed"], storage["NumberOfBuckets"], table["Owner"]) == (False, -1, "owner")
    assert storage["InputFormat"] == "org.apache.hadoop.mapred.TextInputFormat"
    assert table["TableType"] == "EXTERNAL_TABLE"


def test_json_table_names_its_paths(lake: Any) -> None:
    lake.put("events/1.json", '{"userId": 1, "kind": "x"}')
    serde = lake.crawl("events/")["events"]["StorageDescriptor"]["SerdeInfo"]
    assert serde == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "kind,userId"},
    }


def test_unknown_files_make_a_table_without_columns(lake: Any) -> None:
    lake.put("blobs/1.bin", b"\x00\x01")
    table = lake.crawl("blobs/")["blobs"]
    assert table["Parameters"]["classification"] == "UNKNOWN"
    assert table["StorageDescriptor"]["Columns"] == []


@pytest.mark.parametrize("inherit", [False, True])
def test_partitions_have_the_columns_of_their_files_or_of_the_table(lake: Any, inherit: bool) -> None:
    lake.put("in/p=1/a.csv", "id,name,town\n1,x,B\n")
    lake.put("in/p=2/a.csv", "id,name,town,zip\n1,x,B,5\n")
    option = {"CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}
    lake.crawl("in/", **({"Configuration": option} if inherit else {}))
    assert list(columns(lake.partitions("in")[0])) == ["id", "name", "town", *(["zip"] if inherit else [])]
