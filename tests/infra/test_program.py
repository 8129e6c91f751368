"""The program as a whole: names, exports, options, and what only one component decides."""

from __future__ import annotations

import json

import pytest
from infra.exceptions import SettingsError
from infra.roles import ROLES

from policies.rules import RULES

from .conftest import ACCOUNT_ID, Program, run_program

OUTPUTS = {
    "landing_bucket": f"millpond-prod-landing-{ACCOUNT_ID}",
    "raw_bucket": f"millpond-prod-raw-{ACCOUNT_ID}",
    "marts_bucket": f"millpond-prod-marts-{ACCOUNT_ID}",
    "results_bucket": f"millpond-prod-results-{ACCOUNT_ID}",
    "artifacts_bucket": f"millpond-prod-artifacts-{ACCOUNT_ID}",
    "landing_database": "millpond_prod_landing",
    "raw_database": "millpond_prod_raw",
    "marts_database": "millpond_prod_marts",
    "analyst_workgroup": "millpond-prod-analysts",
    "dbt_workgroup": "millpond-prod-dbt",
    "pipelines_workgroup": "millpond-prod-pipelines",
    "ingest_function": "millpond-prod-ingest",
    "events_stream": "millpond-prod-events",
    "compact_raw_job": "millpond-prod-compact-raw",
    "sessionize_events_job": "millpond-prod-sessionize-events",
    "landing_crawler": "millpond-prod-landing",
    "nightly_workflow": "millpond-prod-nightly",
    "sources": ["customers", "products", "sales", "events"],
    "file_sources": ["customers", "products", "sales"],
    "daily_sources": ["sales"],
    "pipelines_namespace": "millpond-prod-pipelines",
}
BUCKET = "aws:s3/bucket:Bucket"
BUCKET_PARTS = (
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
)
HOLD_DATA = (
    "aws:kms/key:Key",
    "aws:glue/catalogDatabase:CatalogDatabase",
    "aws:glue/catalogTable:CatalogTable",
)


def test_exports_tell_where_everything_is(prod: Program) -> None:
    assert {name: prod.exports[name] for name in OUTPUTS} == OUTPUTS
    assert set(prod.exports) - set(OUTPUTS) == {
        "ingest_queue_url",
        "ingest_dead_letter_queue_url",
        "events_url",
        "batch_load_state_machine_arn",
        "alerts_topic_arn",
        *(f"{role.replace('-', '_')}_role_arn" for role in ROLES),
    }


def test_every_resource_belongs_to_a_component(prod: Program) -> None:
    orphans = [
        r.name for r in prod.registrations if r.type.startswith("aws:") and "millpond:" not in r.parent
    ]
    assert orphans == []


@pytest.mark.parametrize("part", BUCKET_PARTS)
def test_every_bucket_is_closed_and_cleaned(prod: Program, part: str) -> None:
    buckets = {r.inputs["bucket"] for r in prod.of_type(BUCKET)}
    assert len(buckets) == 6
    assert {r.inputs["bucket"] for r in prod.of_type(part)} == buckets


@pytest.mark.parametrize("resource_type", [BUCKET, *BUCKET_PARTS, *HOLD_DATA])
def test_data_and_its_guards_are_kept_unless_the_stack_says_otherwise_twice(resource_type: str) -> None:
    chosen = {
        ("true", "false"): (True, True),
        ("false", "false"): (False, True),
        ("false", "true"): (False, False),
    }
    for (protect, force_destroy), expected in chosen.items():
        program = run_program("dev", {"millpond:protect": protect, "millpond:forceDestroy": force_destroy})
        found = program.of_type(resource_type)
        assert found
        assert {(r.protect, r.retain_on_delete) for r in found} == {expected}


def test_only_results_and_access_logs_expire(prod: Program) -> None:
    lifecycles = prod.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    expiring = {r.name for r in lifecycles for rule in r.inputs["rules"] if "expiration" in rule}
    assert expiring == {"results-lifecycle", "access-logs-lifecycle"}


def test_nothing_that_athena_reads_moves_to_an_archive(prod: Program) -> None:
    lifecycles = prod.of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    moves = [m for r in lifecycles for rule in r.inputs["rules"] for m in rule.get("transitions", [])]
    assert {move["storageClass"] for move in moves} == {"STANDARD_IA", "INTELLIGENT_TIERING"}


def test_landing_keeps_versions_for_the_events_that_name_them(prod: Program) -> None:
    versioned = {r.name for r in prod.of_type("aws:s3/bucketVersioning:BucketVersioning")}
    assert versioned == {"landing-versioning", "raw-versioning", "artifacts-versioning"}


def test_raw_tables_follow_the_contracts(prod: Program) -> None:
    tables = {r.inputs["name"]: r.inputs for r in prod.of_type("aws:glue/catalogTable:CatalogTable")}
    sources, own = (
        {"sales", "customers", "products", "events"},
        {"quarantine", "ingestion_log", "event_sessions", "pipeline_runs"},
    )
    assert set(tables) == sources | own
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


def test_only_dbts_workgroup_lets_its_clients_choose(prod: Program) -> None:
    workgroups = {
        r.name: r.inputs["configuration"]["enforceWorkgroupConfiguration"]
        for r in prod.of_type("aws:athena/workgroup:Workgroup")
    }
    assert workgroups == {
        "analysts-workgroup": True,
        "dbt-workgroup": False,
        "pipelines-workgroup": True,
    }


def test_queries_of_people_are_limited_and_their_results_encrypted_with_the_lakes_key() -> None:
    program = run_program("dev", {"millpond:analystScanLimitGb": "3"})
    analysts = program.one("aws:athena/workgroup:Workgroup", "analysts-workgroup").inputs["configuration"]
    assert analysts["bytesScannedCutoffPerQuery"] == 3 * 10**9
    results = analysts["resultConfiguration"]
    assert results["outputLocation"] == f"s3://millpond-dev-results-{ACCOUNT_ID}/analysts/"
    assert results["encryptionConfiguration"]["kmsKeyArn"].endswith(
        ":key/1234abcd-12ab-34cd-56ef-1234567890ab"
    )


def test_a_month_that_costs_more_is_told_before_it_is_over() -> None:
    program = run_program("dev", {"millpond:monthlyBudgetUsd": "70", "millpond:alertEmail": "a@example.com"})
    (budget,) = program.of_type("aws:budgets/budget:Budget")
    assert (budget.inputs["limitAmount"], budget.inputs["timeUnit"]) == ("70", "MONTHLY")
    told = {n["notificationType"]: n["threshold"] for n in budget.inputs["notifications"]}
    assert told == {"ACTUAL": 80, "FORECASTED": 100}
    (mail,) = program.of_type("aws:sns/topicSubscription:TopicSubscription")
    assert (mail.inputs["protocol"], mail.inputs["endpoint"]) == ("email", "a@example.com")


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
        ("cheaperStorageAfterDays", "29"),
        ("githubRepository", "lakehouse"),
        ("owner", ""),
    ],
)
def test_settings_out_of_range_are_refused(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=key):
        run_program("dev", {f"millpond:{key}": value})


def test_a_stack_whose_name_is_the_beginning_of_anothers_is_refused() -> None:
    with pytest.raises(SettingsError, match="dev-2"):
        run_program("dev-2", {})


def test_every_taggable_resource_says_whose_it_is_and_how_sensitive(prod: Program) -> None:
    tagged = [r for r in prod.registrations if "tags" in r.inputs]
    assert len(tagged) > 60
    wanted = {"project", "environment", "owner", "cost-centre", "data-classification", "managed-by"}
    assert [r.name for r in tagged if not wanted <= r.inputs["tags"].keys()] == []


def test_without_an_event_stream_there_is_neither_api_nor_its_roles(localstack: Program) -> None:
    types = {r.type.split(":")[1].split("/")[0] for r in localstack.registrations}
    assert {"apigatewayv2", "kinesis"} & types == set()
    assert {"firehose-role", "collect-events-role"} & {r.name for r in localstack.registrations} == set()


def test_account_wide_settings_are_left_alone_in_a_shared_account() -> None:
    config = {"millpond:githubRepository": "example/lakehouse"}
    account_wide = {
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
    }
    for owns, expected in (("true", account_wide), ("false", set())):
        program = run_program("dev", {**config, "millpond:ownsAccount": owns})
        assert {r.type for r in program.registrations} & account_wide == expected


def test_events_are_projected_and_written_by_the_tables_schema(prod: Program) -> None:
    (events,) = (
        r.inputs for r in prod.of_type("aws:glue/catalogTable:CatalogTable") if r.inputs["name"] == "events"
    )
    assert events["parameters"]["projection.ingest_date.type"] == "date"
    delivery = prod.one("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "events-delivery")
    s3 = delivery.inputs["extendedS3Configuration"]
    assert s3["prefix"] == "events/ingest_date=!{timestamp:yyyy-MM-dd}/"
    assert s3["dataFormatConversionConfiguration"]["schemaConfiguration"]["tableName"] == "events"


def test_only_one_repository_and_environment_may_deploy(local: Program) -> None:
    trust = json.loads(local.one("aws:iam/role:Role", "deployer-role").inputs["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert statement["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:example/lakehouse:environment:local",
    }


def test_every_role_but_the_deployers_is_below_the_boundary(local: Program) -> None:
    unbound = [r.name for r in local.of_type("aws:iam/role:Role") if "permissionsBoundary" not in r.inputs]
    assert unbound == ["deployer-role"]


def test_a_new_environment_is_one_stack_file() -> None:
    """Nothing but its region is needed: names, tags and rights follow, and stay apart from all others."""
    staging = run_program("staging", {"aws:region": "eu-central-1"})
    assert staging.exports["raw_bucket"] == f"millpond-staging-raw-{ACCOUNT_ID}"
    assert {r.inputs["tags"]["environment"] for r in staging.registrations if "tags" in r.inputs} == {
        "staging"
    }
    texts = [json.dumps(r.inputs, default=str) for r in staging.registrations]
    assert [text for text in texts if "-prod-" in text or "_prod_" in text or "us-east-1" in text] == []
    assert [list(rule.broken(staging)) for rule in RULES] == [[]] * len(RULES)


def test_every_component_says_what_it_has_made(prod: Program) -> None:
    components = {r.name for r in prod.registrations if r.type.startswith("millpond:")}
    assert len(components) > 15
    assert components - prod.outputs.keys() == set()
    assert {name for name in components if not prod.outputs[name]} == set()
