"""The program as a whole: names, exports, options, and what only one component decides."""

from __future__ import annotations

import json

import pytest
from infra.exceptions import SettingsError

from .conftest import ACCOUNT_ID, Program, run_program

OUTPUTS = {
    "landing_bucket": f"millpond-prod-landing-{ACCOUNT_ID}",
    "raw_bucket": f"millpond-prod-raw-{ACCOUNT_ID}",
    "marts_bucket": f"millpond-prod-marts-{ACCOUNT_ID}",
    "results_bucket": f"millpond-prod-results-{ACCOUNT_ID}",
    "artifacts_bucket": f"millpond-prod-artifacts-{ACCOUNT_ID}",
    "raw_database": "millpond_prod_raw",
    "marts_database": "millpond_prod_marts",
    "analyst_workgroup": "millpond-prod-analysts",
    "dbt_workgroup": "millpond-prod-dbt",
    "ingest_function": "millpond-prod-ingest",
    "sources": ["customers", "products", "sales"],
}
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_PARTS = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)


def test_exports_tell_where_everything_is(prod: Program) -> None:
    assert {name: prod.exports[name] for name in OUTPUTS} == OUTPUTS
    assert set(prod.exports) - set(OUTPUTS) == {
        "ingest_queue_url",
        "ingest_dead_letter_queue_url",
        "ingest_role_arn",
        "dbt_role_arn",
        "analyst_role_arn",
    }


def test_every_resource_belongs_to_a_component(prod: Program) -> None:
    orphans = [
        r.name for r in prod.registrations if r.type.startswith("aws:") and "millpond:" not in r.parent
    ]
    assert orphans == []


@pytest.mark.parametrize("part", BUCKET_PARTS)
def test_every_bucket_is_closed_and_cleaned(prod: Program, part: str) -> None:
    buckets = {r.inputs["bucket"] for r in prod.of_type(BUCKET)}
    assert len(buckets) == 5
    assert {r.inputs["bucket"] for r in prod.of_type(part)} == buckets


def test_prod_protects_its_data_and_local_does_not(prod: Program, local: Program) -> None:
    for bucket in prod.of_type(BUCKET):
        assert bucket.protect
        assert not bucket.inputs["forceDestroy"]
    for bucket in local.of_type(BUCKET):
        assert not bucket.protect
        assert bucket.inputs["forceDestroy"]


def test_only_results_expire(prod: Program) -> None:
    lifecycles = prod.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    expiring = {r.name for r in lifecycles for rule in r.inputs["rules"] if "expiration" in rule}
    assert expiring == {"results-lifecycle"}


def test_landing_keeps_versions_for_the_events_that_name_them(prod: Program) -> None:
    versioned = {r.name for r in prod.of_type("aws:s3/bucketVersioning:BucketVersioning")}
    assert versioned == {"landing-versioning", "raw-versioning", "artifacts-versioning"}


def test_raw_tables_follow_the_contracts(prod: Program) -> None:
    tables = {r.inputs["name"]: r.inputs for r in prod.of_type("aws:glue/catalogTable:CatalogTable")}
    assert set(tables) == {"sales", "customers", "products", "quarantine", "ingestion_log"}
    columns = {c["name"]: c["type"] for c in tables["sales"]["storageDescriptor"]["columns"]}
    assert columns["unit_price"] == "decimal(12,4)"
    assert columns["invoice_date"] == "timestamp"
    assert columns["_line_number"] == "bigint"
    assert tables["sales"]["partitionKeys"][0]["name"] == "ingest_date"
    location = tables["sales"]["storageDescriptor"]["location"]
    assert location == f"s3://millpond-prod-raw-{ACCOUNT_ID}/sales/"


def test_no_table_of_marts_is_declared(prod: Program) -> None:
    databases = {r.inputs["databaseName"] for r in prod.of_type("aws:glue/catalogTable:CatalogTable")}
    assert databases == {"millpond_prod_raw"}


def test_only_the_analysts_workgroup_enforces_its_settings(prod: Program) -> None:
    workgroups = {
        r.name: r.inputs["configuration"]["enforceWorkgroupConfiguration"]
        for r in prod.of_type("aws:athena/workgroup:Workgroup")
    }
    assert workgroups == {"analysts-workgroup": True, "dbt-workgroup": False}


def test_failed_messages_end_in_the_dead_letter_queue(prod: Program) -> None:
    queue = prod.one("aws:sqs/queue:Queue", "ingest-queue").inputs
    function = prod.one("aws:lambda/function:Function", "ingest-function").inputs
    assert "millpond-prod-ingest-dead-letters" in json.loads(queue["redrivePolicy"])["deadLetterTargetArn"]
    assert queue["visibilityTimeoutSeconds"] >= 6 * function["timeout"]
    source = prod.one("aws:lambda/eventSourceMapping:EventSourceMapping", "ingest-source").inputs
    assert source["functionResponseTypes"] == ["ReportBatchItemFailures"]


def test_archive_holds_code_and_contracts_and_nothing_else(prod: Program) -> None:
    archive = prod.one("aws:lambda/function:Function", "ingest-function").inputs["code"]
    files = set(archive.assets)
    assert {"ingest/handler.py", "lake/contracts.py", "contracts/sales.json"} <= files
    assert all(name.endswith((".py", ".json")) and "test" not in name for name in files)
    assert json.loads(archive.assets["contracts/sales.json"].text)["source"] == "sales"


def test_settings_that_contradict_each_other_name_file_and_key() -> None:
    with pytest.raises(SettingsError, match=r"Pulumi\.dev\.yaml: forceDestroy: contradicts `protect`"):
        run_program("dev", {"millpond:protect": "true", "millpond:forceDestroy": "true"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ingestConcurrency", "1"),
        ("logRetentionDays", "8"),
        ("resultsExpireAfterDays", "soon"),
        ("protect", "perhaps"),
    ],
)
def test_settings_out_of_range_are_refused(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=key):
        run_program("dev", {f"millpond:{key}": value})
