"""What a second crawl does about what has changed since the first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.glue.crawled_lake import columns

_CSV = "id,name\n1,x\n2,y\n"
_MORE = "id,name,price\n1,x,2.5\n2,y,3\n"


def delete(lake: Any, key: str) -> None:
    lake.cloud.client("s3").delete_object(Bucket=lake.bucket, Key=key)


def summary(lake: Any, crawler: str) -> dict[str, Any]:
    """The last crawl's summary."""
    crawl = lake.cloud.client("glue").list_crawls(CrawlerName=crawler)["Crawls"][0]
    changed = json.loads(crawl.get("Summary", "{}"))
    return {kind: {change: json.loads(text) for change, text in of.items()} for kind, of in changed.items()}


def test_crawl_of_what_has_not_changed_changes_nothing(lake: Any) -> None:
    lake.put("in/p=1/1.csv", _CSV)
    name = lake.define("in/")
    lake.run(name)
    lake.run(name)
    assert summary(lake, name) == {}
    assert lake.tables()["in"]["VersionId"] == "0"


def test_new_column_is_added_in_a_new_version_and_the_users_parameters_stay(lake: Any) -> None:
    lake.put("in/1.csv", _CSV)
    name = lake.define("in/")
    lake.run(name)
    glue, table = lake.cloud.client("glue"), lake.tables()["in"]
    stamped = {key: table[key] for key in ("Name", "StorageDescriptor", "TableType")}
    stamped["Parameters"] = {**table["Parameters"], "owner": "data"}
    glue.update_table(DatabaseName=lake.database, TableInput=stamped)
    lake.put("in/1.csv", _MORE)
    lake.run(name)
    table = lake.tables()["in"]
    assert list(columns(table)) == ["id", "name", "price"]
    assert table["Parameters"]["owner"] == "data"
    assert summary(lake, name) == {"TABLE": {"UPDATE": {"Details": {"names": ["in"]}, "Count": 1}}}


def test_missing_column_is_removed(lake: Any) -> None:
    lake.put("in/1.csv", _MORE)
    name = lake.define("in/")
    lake.run(name)
    lake.put("in/1.csv", _CSV)
    lake.run(name)
    assert list(columns(lake.tables()["in"])) == ["id", "name"]


def test_policy_log_leaves_the_table_but_adds_partitions(lake: Any) -> None:
    lake.put("in/p=1/1.csv", _CSV)
    policy = {"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}
    name = lake.define("in/", SchemaChangePolicy=policy)
    lake.run(name)
    lake.put("in/p=2/1.csv", "id,name,x\n1,x,2\n")
    lake.run(name)
    assert list(columns(lake.tables()["in"])) == ["id", "name"]
    assert sorted(p["Values"] for p in lake.partitions("in")) == [["1"], ["2"]]
    assert any("schema of table in has changed" in line for line in lake.log(name))


def test_merge_new_columns_keeps_the_columns_that_are_there(lake: Any) -> None:
    lake.put("in/1.csv", "id,gone,name\n1,x,1\n")
    name = lake.define(
        "in/", Configuration={"CrawlerOutput": {"Tables": {"AddOrUpdateBehavior": "MergeNewColumns"}}}
    )
    lake.run(name)
    lake.put("in/1.csv", "id,name,new\n1,x,2\n")
    lake.run(name)
    assert columns(lake.tables()["in"]) == {
        "id": "bigint",
        "gone": "string",
        "name": "bigint",
        "new": "bigint",
    }


@pytest.mark.parametrize("behavior", ["DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE", "LOG"])
def test_table_whose_files_are_gone_is_dealt_with_as_the_policy_says(lake: Any, behavior: str) -> None:
    lake.put("in/a/1.csv", _CSV)
    lake.put("in/b/1.json", '{"x": 1}')
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behavior}
    name = lake.define(
        "in/", SchemaChangePolicy=policy, Configuration={"Grouping": {"TableLevelConfiguration": 3}}
    )
    lake.run(name)
    delete(lake, "in/b/1.json")
    lake.run(name)
    tables = lake.tables()
    match behavior:
        case "DELETE_FROM_DATABASE":
            assert list(tables) == ["a"]
            metrics = lake.cloud.client("glue").get_crawler_metrics(CrawlerNameList=[name])
            assert metrics["CrawlerMetricsList"][0]["TablesDeleted"] == 1
        case "DEPRECATE_IN_DATABASE":
            assert int(tables["b"]["Parameters"]["DEPRECATED_BY_CRAWLER"]) > 1_700_000_000_000
        case _:
            assert "DEPRECATED_BY_CRAWLER" not in tables["b"]["Parameters"]


def test_deprecated_table_is_none_any_more_once_its_files_are_back(lake: Any) -> None:
    lake.put("in/1.csv", _CSV)
    name = lake.define("in/")
    lake.run(name)
    delete(lake, "in/1.csv")
    lake.run(name)
    assert "DEPRECATED_BY_CRAWLER" in lake.tables()["in"]["Parameters"]
    lake.put("in/1.csv", _CSV)
    lake.run(name)
    assert "DEPRECATED_BY_CRAWLER" not in lake.tables()["in"]["Parameters"]


def test_tables_of_others_are_never_retired(lake: Any) -> None:
    lake.put("in/a/1.csv", _CSV)
    lake.run(lake.define("in/a/"))
    delete(lake, "in/a/1.csv")
    lake.put("in/b/1.csv", _CSV)
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}
    lake.run(lake.define("in/", SchemaChangePolicy=policy))
    assert "a" in lake.tables()


@pytest.mark.parametrize("behavior", ["DELETE_FROM_DATABASE", "LOG"])
def test_partition_whose_files_are_gone_is_dealt_with_as_the_policy_says(lake: Any, behavior: str) -> None:
    lake.put("in/p=1/1.csv", _CSV)
    lake.put("in/p=2/1.csv", _CSV)
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behavior}
    name = lake.define("in/", SchemaChangePolicy=policy)
    lake.run(name)
    delete(lake, "in/p=2/1.csv")
    lake.run(name)
    left = [partition["Values"] for partition in lake.partitions("in")]
    assert left == ([["1"]] if behavior == "DELETE_FROM_DATABASE" else [["1"], ["2"]])


def test_crawl_of_new_folders_leaves_the_old_ones_alone(lake: Any) -> None:
    lake.put("in/p=1/1.csv", _CSV)
    name = lake.define(
        "in/",
        RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )
    lake.run(name)
    lake.put("in/p=1/2.csv", _MORE)
    lake.put("in/p=2/1.csv", _CSV)
    lake.run(name)
    assert sorted(p["Values"] for p in lake.partitions("in")) == [["1"], ["2"]]
    first = next(p for p in lake.partitions("in") if p["Values"] == ["1"])
    assert first["Parameters"]["objectCount"] == "1"
    assert list(columns(lake.tables()["in"])) == ["id", "name"]


def test_catalog_target_brings_a_table_up_to_its_files(lake: Any) -> None:
    glue = lake.cloud.client("glue")
    storage = {
        "Columns": [{"Name": "id", "Type": "bigint"}],
        "Location": f"s3://{lake.bucket}/in/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
    }
    given = {
        "Name": "mine",
        "StorageDescriptor": storage,
        "PartitionKeys": [{"Name": "part", "Type": "int"}],
        "Parameters": {"owner": "data"},
    }
    glue.create_table(DatabaseName=lake.database, TableInput=given)
    lake.put("in/1/a.csv", _CSV)
    name = lake.cloud.unique_name("crawler")
    targets = {"CatalogTargets": [{"DatabaseName": lake.database, "Tables": ["mine"]}]}
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    glue.create_crawler(Name=name, Role=lake.role, Targets=targets, SchemaChangePolicy=policy)
    lake.run(name)
    table = lake.tables()["mine"]
    assert list(columns(table)) == ["id", "name"]
    assert (table["PartitionKeys"], table["Parameters"]["owner"]) == (given["PartitionKeys"], "data")
    assert lake.query("SELECT name FROM mine WHERE part = 1 ORDER BY id") == [("x",), ("y",)]
