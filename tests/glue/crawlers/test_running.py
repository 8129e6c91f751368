"""Starting, stopping, scheduling; what a crawl tells of itself, and what it must not do."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

_CSV = "id,name\n1,x\n2,y\n"


def test_crawl_is_told_in_history_metrics_and_log(lake: Any) -> None:
    lake.put("in/p=1/1.csv", _CSV)
    name = lake.define("in/")
    last = lake.run(name)["LastCrawl"]
    glue = lake.cloud.client("glue")
    (crawl,) = glue.list_crawls(CrawlerName=name)["Crawls"]
    assert (crawl["State"], crawl["CrawlId"]) == ("COMPLETED", last["MessagePrefix"])
    assert json.loads(crawl["Summary"]) == {
        "TABLE": {"ADD": json.dumps({"Details": {"names": ["in"]}, "Count": 1})},
        "PARTITION": {"ADD": json.dumps({"Count": 1})},
    }
    (metrics,) = glue.get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"]) == (1, 0)
    assert metrics["LastRuntimeSeconds"] > 0
    assert lake.log(name) == [
        f"BENCHMARK : Running Start Crawl for Crawler {name}",
        f"BENCHMARK : Classification complete, writing results to database {lake.database}",
        'INFO : Crawler configured with SchemaChangePolicy {"UpdateBehavior":"UPDATE_IN_DATABASE",'
        '"DeleteBehavior":"DEPRECATE_IN_DATABASE"}.',
        f"INFO : Created table in in database {lake.database}",
        "INFO : Created partitions with values [[1]] for table in",
        "BENCHMARK : Finished writing to Catalog",
        "INFO : Run Summary For PARTITION:",
        "INFO : ADD: 1",
        "INFO : Run Summary For TABLE:",
        "INFO : ADD: 1",
        "BENCHMARK : Crawler has finished running and is in state READY",
    ]


def test_files_that_cannot_be_read_are_told_and_the_others_are_crawled(lake: Any) -> None:
    lake.put("in/good.csv", _CSV)
    lake.put("in/broken.parquet", b"PAR1 and no more")
    lake.put("in/broken.csv.gz", b"\x1f\x8b\x08rubbish")
    name = lake.define("in/")
    lake.run(name)
    assert lake.tables()["in"]["Parameters"]["objectCount"] == "1"
    errors = [line for line in lake.log(name) if line.startswith("ERROR")]
    assert [key for key in ("broken.csv.gz", "broken.parquet") for line in errors if key in line] == [
        "broken.csv.gz",
        "broken.parquet",
    ]
    assert "WARN : 2 files could not be read" in lake.log(name)


def test_table_whose_files_cannot_be_read_any_more_is_not_taken_for_gone(lake: Any) -> None:
    lake.put("in/1.csv", _CSV)
    policy = {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DELETE_FROM_DATABASE"}
    name = lake.define("in/", SchemaChangePolicy=policy)
    lake.run(name)
    lake.put("in/1.csv", b"PAR1 and no more")
    lake.run(name)
    assert "in" in lake.tables()


def test_running_crawler_can_be_stopped_but_not_started_changed_or_deleted(lake: Any) -> None:
    lake.put_slow_files("in/")
    glue, name = lake.cloud.client("glue"), lake.define("in/")
    glue.start_crawler(Name=name)
    for refused in (
        lambda: glue.start_crawler(Name=name),
        lambda: glue.update_crawler(Name=name, Description="x"),
        lambda: glue.delete_crawler(Name=name),
    ):
        with pytest.raises(glue.exceptions.CrawlerRunningException):
            refused()
    glue.stop_crawler(Name=name)
    crawler = lake.cloud.wait_for.condition(
        lambda: (found := glue.get_crawler(Name=name)["Crawler"])["State"] == "READY" and found,
        "the crawler is ready",
    )
    assert crawler["LastCrawl"]["Status"] == "CANCELLED"
    assert glue.list_crawls(CrawlerName=name)["Crawls"][0]["State"] == "STOPPED"
    assert lake.tables() == {}


def test_crawler_that_does_not_run_cannot_be_stopped(lake: Any) -> None:
    glue = lake.cloud.client("glue")
    with pytest.raises(glue.exceptions.CrawlerNotRunningException):
        glue.stop_crawler(Name=lake.define("in/"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"DatabaseName": "no_such_database"}, "Database no_such_database not found"),
        (
            {"Configuration": {"CrawlerOutput": {"Tables": {"TableThreshold": 1}}}},
            "greater than the table threshold",
        ),
        ({"Targets": {"S3Targets": [{"Path": "s3://no-such-bucket-here/x/"}]}}, "no-such-bucket-here"),
    ],
)
def test_failed_crawl_says_why(lake: Any, options: dict[str, Any], message: str) -> None:
    lake.put("in/a.csv", _CSV)
    lake.put("in/b.json", '{"x": 1}')
    name = lake.define("in/", **options)
    assert message in lake.run(name, status="FAILED")["LastCrawl"]["ErrorMessage"]
    crawl = lake.cloud.client("glue").list_crawls(CrawlerName=name)["Crawls"][0]
    assert crawl["State"] == "FAILED"
    assert message in crawl["ErrorMessage"]
    assert any(message in line for line in lake.log(name) if line.startswith("ERROR"))


@pytest.mark.parametrize(
    ("targets", "named"),
    [
        ({"JdbcTargets": [{"ConnectionName": "c", "Path": "db/%"}]}, "JdbcTargets"),
        ({"DynamoDBTargets": [{"Path": "t"}]}, "DynamoDBTargets"),
        ({"DeltaTargets": [{"DeltaTables": ["s3://b/t/"]}]}, "DeltaTargets"),
        ({"IcebergTargets": [{"Paths": ["s3://b/t/"]}]}, "IcebergTargets"),
        ({"HudiTargets": [{"Paths": ["s3://b/t/"]}]}, "HudiTargets"),
    ],
)
def test_targets_that_are_not_crawled_are_refused_by_name(
    lake: Any, targets: dict[str, Any], named: str
) -> None:
    name = lake.define(Targets=targets)
    glue = lake.cloud.client("glue")
    with pytest.raises(ClientError, match=f"StartCrawler for {named} is not supported locally"):
        glue.start_crawler(Name=name)
    # Schedules and triggers have nobody else to tell.
    last, (crawl,) = (
        glue.get_crawler(Name=name)["Crawler"]["LastCrawl"],
        glue.list_crawls(CrawlerName=name)["Crawls"],
    )
    assert (last["Status"], crawl["State"]) == ("FAILED", "FAILED")
    assert named in last["ErrorMessage"] == crawl["ErrorMessage"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}, "CRAWL_EVENT_MODE is not supported"),
        ({"Classifiers": ["no-such-classifier"]}, "no-such-classifier not found"),
    ],
)
def test_what_a_crawler_cannot_do_is_refused_at_its_start(
    lake: Any, options: dict[str, Any], message: str
) -> None:
    name = lake.define("in/", **options)
    with pytest.raises(ClientError, match=message):
        lake.cloud.client("glue").start_crawler(Name=name)


def test_xml_classifier_is_refused_at_the_start(lake: Any) -> None:
    glue, classifier = lake.cloud.client("glue"), lake.cloud.unique_name("xml")
    glue.create_classifier(XMLClassifier={"Name": classifier, "Classification": "x", "RowTag": "row"})
    with pytest.raises(ClientError, match="XMLClassifier in a crawler is not supported"):
        glue.start_crawler(Name=lake.define("in/", Classifiers=[classifier]))


def test_custom_classifier_of_a_crawler_is_asked_first(lake: Any) -> None:
    classifier = lake.cloud.unique_name("csv")
    given = {"Name": classifier, "Delimiter": ",", "ContainsHeader": "ABSENT", "Header": ["one", "two"]}
    lake.cloud.client("glue").create_classifier(CsvClassifier=given)
    lake.put("in/1.csv", "a,b\nc,d\n")
    table = lake.crawl("in/", Classifiers=[classifier])["in"]
    assert [column["Name"] for column in table["StorageDescriptor"]["Columns"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"Configuration": "no json"}, "no JSON object"),
        ({"Configuration": {"Grouping": {"TableGroupingPolicy": "Other"}}}, "can only be"),
        ({"Configuration": {"Grouping": {"TableLevelConfiguration": "two"}}}, "positive number"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/in/", "Exclusions": ["{a"]}]}}, "exclude pattern"),
        ({"Targets": {"S3Targets": [{"Path": "s3://b/in/", "SampleSize": 250}]}}, "between 1 and 249"),
        (
            {"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}},
            "only LOG DeleteBehavior value and",
        ),
        (
            {"Targets": {"CatalogTargets": [{"DatabaseName": "d", "Tables": ["t"]}]}},
            "only LOG DeleteBehavior",
        ),
    ],
)
def test_definition_that_cannot_be_read_is_refused_when_it_is_made_or_changed(
    lake: Any, options: dict[str, Any], message: str
) -> None:
    glue = lake.cloud.client("glue")
    with pytest.raises(glue.exceptions.InvalidInputException, match=message):
        lake.define("in/", **options)
    if isinstance(options.get("Configuration"), dict):
        options = {"Configuration": json.dumps(options["Configuration"])}
    name = lake.define("in/")
    before = glue.get_crawler(Name=name)["Crawler"]
    with pytest.raises(glue.exceptions.InvalidInputException, match=message):
        glue.update_crawler(Name=name, **options)
    assert glue.get_crawler(Name=name)["Crawler"] == before


# ---- history


def test_crawls_are_listed_latest_first_in_pages_and_by_filter(lake: Any) -> None:
    lake.put("in/1.csv", _CSV)
    glue, name = lake.cloud.client("glue"), lake.define("in/")
    for _ in range(3):
        lake.run(name)
    crawls = glue.list_crawls(CrawlerName=name)["Crawls"]
    assert [crawl["StartTime"] for crawl in crawls] == sorted(
        (crawl["StartTime"] for crawl in crawls), reverse=True
    )
    first = glue.list_crawls(CrawlerName=name, MaxResults=2)
    rest = glue.list_crawls(CrawlerName=name, MaxResults=2, NextToken=first["NextToken"])
    assert [c["CrawlId"] for c in first["Crawls"] + rest["Crawls"]] == [c["CrawlId"] for c in crawls]
    one = {"FieldName": "CRAWL_ID", "FilterOperator": "EQ", "FieldValue": crawls[1]["CrawlId"]}
    assert [c["CrawlId"] for c in glue.list_crawls(CrawlerName=name, Filters=[one])["Crawls"]] == [
        crawls[1]["CrawlId"]
    ]
    later = {"FieldName": "START_TIME", "FilterOperator": "GT", "FieldValue": str(int(time.time() * 1000))}
    assert glue.list_crawls(CrawlerName=name, Filters=[later])["Crawls"] == []


# ---- schedules


def test_schedule_can_rest_and_run_again(lake: Any) -> None:
    glue, name = lake.cloud.client("glue"), lake.define("in/", Schedule="cron(15 12 * * ? *)")

    def state() -> str:
        return str(glue.get_crawler(Name=name)["Crawler"]["Schedule"]["State"])

    assert state() == "SCHEDULED"
    glue.stop_crawler_schedule(CrawlerName=name)
    assert state() == "NOT_SCHEDULED"
    with pytest.raises(glue.exceptions.SchedulerNotRunningException):
        glue.stop_crawler_schedule(CrawlerName=name)
    glue.start_crawler_schedule(CrawlerName=name)
    assert state() == "SCHEDULED"


@pytest.mark.parametrize("schedule", ["cron(15 12 * * *)", "rate(5 minutes)", "every day"])
def test_schedule_that_glue_does_not_know_is_refused(lake: Any, schedule: str) -> None:
    glue = lake.cloud.client("glue")
    with pytest.raises(glue.exceptions.InvalidInputException):
        lake.define("in/", Schedule=schedule)
