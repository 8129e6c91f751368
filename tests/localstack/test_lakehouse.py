"""The kit over two clouds: from a file in LocalStack's S3 to a number that Millpond's Athena gives."""

from __future__ import annotations

import csv
import datetime
import gzip
import os
import subprocess
from decimal import Decimal, InvalidOperation

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from millpond.client import Endpoint

# As a program of LocalStack's users reads the lake: with their client, in an environment without Millpond.
_LOCALSTACK_PROGRAM = """
import sys
from localstack_client.session import Session
pages = Session().client("s3").get_paginator("list_objects_v2").paginate(Bucket=sys.argv[1])
for page in pages:
    for found in page.get("Contents", ()):
        print(found["Key"])
"""


def test_every_delivered_line_is_in_raw_or_in_quarantine(lakehouse):
    ingested = {source.source: source for source in lakehouse.lake.ingested()}
    for name in ("customers", "products", "sales"):
        source = ingested[name]
        assert source.lines == lakehouse.generated.source(name).lines
        assert (source.loaded, source.quarantined) == (
            lakehouse.lake.count_rows(name),
            lakehouse.lake.count_rows("quarantine", f"source = '{name}'"),
        )


def test_net_revenue_is_that_of_the_delivered_lines(lakehouse):
    expected = Decimal(0)
    for file in lakehouse.generated.source("sales").files:
        for line in csv.DictReader(gzip.decompress(file.read_bytes()).decode().splitlines()):
            if is_typed(line):
                expected += int(line["Quantity"]) * Decimal(line["UnitPrice"])
    [[net]] = lakehouse.lake.query("select sum(net_revenue) from monthly_revenue").rows
    assert Decimal(net) == round(expected, 2)


def is_typed(line: dict[str, str]) -> bool:
    """Whether a line goes to raw, and not to quarantine."""
    try:
        int(line["Quantity"])
        Decimal(line["UnitPrice"])
        datetime.datetime.strptime(line["InvoiceDate"], "%Y-%m-%d %H:%M:%S")
    except (ValueError, InvalidOperation, TypeError):
        return False
    return None not in line.values() and None not in line


def test_the_lake_lies_in_localstack_and_its_own_client_finds_it(lakehouse, clouds):
    program = [str(clouds.localstack_python), "-c", _LOCALSTACK_PROGRAM, lakehouse.lake.outputs.marts_bucket]
    environment = {"PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": clouds.localstack_url}
    listed = subprocess.run(program, env=environment, capture_output=True, text=True, check=True).stdout
    assert ".metadata.json" in listed
    assert ".parquet" in listed


def test_millpond_sends_whoever_asks_it_for_objects_to_localstack(clouds):
    with pytest.raises(ClientError, match=f"call the one at {clouds.localstack_url}"):
        Endpoint(clouds.millpond_url).client("s3").list_buckets()


def test_an_object_that_somebody_put_into_localstack_is_read_at_once(lakehouse, clouds):
    bucket = lakehouse.lake.outputs.raw_bucket
    clouds.client("s3").put_object(Bucket=bucket, Key="extra/a.csv", Body=b"1,x\n2,y\n")
    database = lakehouse.lake.outputs.raw_database
    lakehouse.lake.query(
        f"CREATE EXTERNAL TABLE {database}.extra (n int, s string) ROW FORMAT DELIMITED "
        f"FIELDS TERMINATED BY ',' LOCATION 's3://{bucket}/extra/'"
    )
    question = f"select sum(n) from {database}.extra"
    assert lakehouse.lake.query(question).rows == (("3",),)
    clouds.client("s3").put_object(Bucket=bucket, Key="extra/a.csv", Body=b"40,x\n2,y\n")
    assert lakehouse.lake.query(question).rows == (("42",),)
    lakehouse.lake.query(f"DROP TABLE {database}.extra")


def test_a_second_deployment_changes_nothing(lakehouse):
    summary = lakehouse.deployment.up(Console(quiet=True)).summary
    assert {word for word, count in summary.items() if count} == {"unchanged"}


def test_destroying_leaves_nothing_in_either_cloud(lakehouse, clouds):
    lakehouse.deployment.destroy(Console(quiet=True))
    prefix = "millpond-localstack"
    names = [
        *(bucket["Name"] for bucket in clouds.client("s3").list_buckets()["Buckets"]),
        *(function["FunctionName"] for function in clouds.client("lambda").list_functions()["Functions"]),
        *(url.rpartition("/")[2] for url in clouds.client("sqs").list_queues().get("QueueUrls", [])),
        *(role["RoleName"] for role in clouds.client("iam").list_roles()["Roles"]),
        *(group["Name"] for group in clouds.client("athena").list_work_groups()["WorkGroups"]),
        *(
            database["Name"].replace("_", "-")
            for database in clouds.client("glue").get_databases()["DatabaseList"]
        ),
    ]
    assert [name for name in names if name.startswith(prefix)] == []
