"""Wires the components of a lakehouse together."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra import settings as stack_settings
from infra.access import Access, AccessArgs
from infra.catalog import Catalog, CatalogArgs
from infra.ingestion import Ingestion, IngestionArgs, function_name, log_group_name
from infra.naming import Naming
from infra.query import Query, QueryArgs
from infra.storage import Storage, StorageArgs
from lake.contract_files import read_folder

SOURCES = Path(__file__).resolve().parent / "sources"


def deploy() -> dict[str, pulumi.Input[object]]:
    """Deploy the stack that Pulumi is running; returns what it exports."""
    settings = stack_settings.load()
    contracts = read_folder(SOURCES)
    identity = aws.get_caller_identity()
    naming = Naming(
        project=pulumi.get_project(),
        stack=settings.stack,
        partition=identity.arn.split(":")[1],
        account_id=identity.account_id,
        region=settings.region,
    )
    holds_data = pulumi.ResourceOptions(protect=settings.protect)

    storage = Storage(
        "storage",
        StorageArgs(
            naming=naming,
            force_destroy=settings.force_destroy,
            old_versions_expire_after_days=settings.old_versions_expire_after_days,
            results_expire_after_days=settings.results_expire_after_days,
        ),
        holds_data,
    )
    catalog = Catalog(
        "catalog",
        CatalogArgs(
            naming=naming,
            contracts=contracts,
            raw_bucket=storage.raw.bucket.bucket,
            marts_bucket=storage.marts.bucket.bucket,
        ),
        holds_data,
    )
    query = Query(
        "query",
        QueryArgs(
            naming=naming,
            results_bucket=storage.results.bucket.bucket,
            analyst_scan_limit_gb=settings.analyst_scan_limit_gb,
            force_destroy=settings.force_destroy,
        ),
    )
    access = Access(
        "access",
        AccessArgs(
            naming=naming,
            sources=[contract.source for contract in contracts],
            ingest_queue=function_name(naming),
            ingest_log_group=log_group_name(naming),
            analyst_workgroup=naming.name("analysts"),
            dbt_workgroup=naming.name("dbt"),
        ),
    )
    ingestion = Ingestion(
        "ingestion",
        IngestionArgs(
            naming=naming,
            contracts=contracts,
            landing_bucket=storage.landing.bucket.bucket,
            raw_bucket=storage.raw.bucket.bucket,
            raw_database=catalog.raw.name,
            role_arn=access.ingest.arn,
            needs=[access, catalog],
            concurrency=settings.ingest_concurrency,
            memory_mb=settings.ingest_memory_mb,
            log_retention_days=settings.log_retention_days,
            pandas_layer_version=settings.pandas_layer_version,
            powertools_layer_version=settings.powertools_layer_version,
        ),
    )
    return {
        "landing_bucket": storage.landing.bucket.bucket,
        "raw_bucket": storage.raw.bucket.bucket,
        "marts_bucket": storage.marts.bucket.bucket,
        "results_bucket": storage.results.bucket.bucket,
        "artifacts_bucket": storage.artifacts.bucket.bucket,
        "raw_database": catalog.raw.name,
        "marts_database": catalog.marts.name,
        "analyst_workgroup": query.analysts.name,
        "dbt_workgroup": query.dbt.name,
        "ingest_function": ingestion.function.name,
        "ingest_queue_url": ingestion.queue.url,
        "ingest_dead_letter_queue_url": ingestion.dead_letters.url,
        "ingest_role_arn": access.ingest.arn,
        "dbt_role_arn": access.dbt.arn,
        "analyst_role_arn": access.analyst.arn,
        "sources": [contract.source for contract in contracts],
    }
