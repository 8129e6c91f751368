"""Wires the components of a lakehouse together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from infra import settings as stack_settings
from infra.access import Access, AccessArgs
from infra.alarms import Watched, alarms_of
from infra.batch_load import BatchLoad, BatchLoadArgs
from infra.catalog import Catalog, CatalogArgs
from infra.ci_identity import CiIdentity, CiIdentityArgs
from infra.encryption import Encryption, EncryptionArgs
from infra.event_stream import EventStream, EventStreamArgs
from infra.function import Layers
from infra.ingestion import Ingestion, IngestionArgs
from infra.jobs import Jobs, JobsArgs
from infra.naming import Naming
from infra.observability import Observability, ObservabilityArgs
from infra.orchestration import Orchestration, OrchestrationArgs
from infra.pipeline_alarms import pipeline_alarms
from infra.query import Query, QueryArgs
from infra.retention import Retention
from infra.roles import AIRFLOW, PIPELINES_NAMESPACE
from infra.settings import Settings
from infra.storage import ZONES, Storage, StorageArgs
from lake.contract_files import read_folder
from lake.contracts import CLASSIFICATIONS, SourceContract

SOURCES = Path(__file__).resolve().parent / "sources"

Outputs = dict[str, pulumi.Input[Any]]


@dataclass(frozen=True)
class Sources:
    """The contracts, by how their sources arrive."""

    files: Sequence[SourceContract]
    streams: Sequence[SourceContract]

    @property
    def all(self) -> Sequence[SourceContract]:
        """All of them."""
        return (*self.files, *self.streams)

    @property
    def daily(self) -> list[str]:
        """The sources that deliver a file every day: those that are missed before two days are over."""
        return [
            contract.source for contract in self.files if contract.freshness.warn_after.minutes < 2 * 1440
        ]

    @property
    def classification(self) -> str:
        """How sensitive the most sensitive of them is."""
        return max((contract.classification for contract in self.all), key=CLASSIFICATIONS.index)

    @property
    def crawled(self) -> list[str]:
        """The folders of landing with semi-structured files, which may grow fields that no contract names."""
        return [contract.source for contract in self.files if contract.format.type == "jsonl"]


def deploy() -> Outputs:
    """Deploy the stack that Pulumi is running; returns what it exports."""
    settings = stack_settings.load()
    identity = aws.get_caller_identity()
    naming = Naming(
        project=pulumi.get_project(),
        stack=settings.stack,
        partition=identity.arn.split(":")[1],
        account_id=identity.account_id,
        region=settings.region,
        owner=settings.owner,
        cost_centre=settings.cost_centre,
    )
    return Lakehouse(settings, naming, _sources()).outputs


class Lakehouse:
    """The components, in the order in which they need one another."""

    def __init__(self, settings: Settings, naming: Naming, sources: Sources) -> None:
        self._settings = settings
        self._naming = naming
        self._sources = sources
        self._retention = Retention(settings.protect, settings.force_destroy)
        self._layers = Layers(settings.pandas_layer_version, settings.powertools_layer_version)

        encryption = Encryption("encryption", EncryptionArgs(naming, self._retention))
        self._key_arn = encryption.key.arn
        self.storage = self._storage()
        self.catalog = self._catalog()
        self.query = self._query()
        self.access = self._access()
        self.ingestion = self._ingestion()
        self.events = self._events() if settings.event_stream else None
        self.jobs = self._jobs()
        self.batch_load = self._batch_load()
        self.observability = self._observability()
        if settings.airflow_enabled:
            self._orchestration()
        if settings.github_repository:
            CiIdentity(
                "ci-identity",
                CiIdentityArgs(naming, settings.github_repository, settings.stack, settings.owns_account),
            )

    @property
    def outputs(self) -> Outputs:
        """What the stack exports: where everything is."""
        buckets = {f"{zone}_bucket": getattr(self.storage, zone).bucket.bucket for zone in ZONES}
        roles = {f"{role.replace('-', '_')}_role_arn": made.arn for role, made in self.access.roles.items()}
        events: Outputs = (
            {"events_url": self.events.url, "events_stream": self.events.stream.name} if self.events else {}
        )
        return {
            **buckets,
            **roles,
            **events,
            "landing_database": self.catalog.landing.name,
            "raw_database": self.catalog.raw.name,
            "marts_database": self.catalog.marts.name,
            "analyst_workgroup": self.query.analysts.name,
            "dbt_workgroup": self.query.dbt.name,
            "pipelines_workgroup": self.query.pipelines.name,
            "ingest_function": self.ingestion.function.name,
            "ingest_queue_url": self.ingestion.queue.url,
            "ingest_dead_letter_queue_url": self.ingestion.dead_letters.url,
            "compact_raw_job": self.jobs.compact_raw.name,
            "sessionize_events_job": self.jobs.sessionize_events.name,
            "landing_crawler": self.jobs.crawler.name,
            "nightly_workflow": self.jobs.workflow.name,
            "batch_load_state_machine_arn": self.batch_load.machine.arn,
            "alerts_topic_arn": self.observability.topic.arn,
            "sources": [contract.source for contract in self._sources.all],
            "file_sources": [contract.source for contract in self._sources.files],
            "daily_sources": self._sources.daily,
            "pipelines_namespace": self._naming.name(PIPELINES_NAMESPACE),
        }

    def _storage(self) -> Storage:
        settings = self._settings
        return Storage(
            "storage",
            StorageArgs(
                naming=self._naming,
                key_arn=self._key_arn,
                classification=self._sources.classification,
                retention=self._retention,
                old_versions_expire_after_days=settings.old_versions_expire_after_days,
                results_expire_after_days=settings.results_expire_after_days,
                access_logs_expire_after_days=settings.access_logs_expire_after_days,
                cheaper_storage_after_days=settings.cheaper_storage_after_days,
            ),
        )

    def _catalog(self) -> Catalog:
        storage = self.storage
        return Catalog(
            "catalog",
            CatalogArgs(
                naming=self._naming,
                contracts=self._sources.all,
                buckets={
                    "landing": storage.landing.bucket.bucket,
                    "raw": storage.raw.bucket.bucket,
                    "marts": storage.marts.bucket.bucket,
                },
                key_arn=self._key_arn,
                retention=self._retention,
                owns_account=self._settings.owns_account,
            ),
        )

    def _query(self) -> Query:
        return Query(
            "query",
            QueryArgs(
                naming=self._naming,
                results_bucket=self.storage.results.bucket.bucket,
                key_arn=self._key_arn,
                marts_database=self.catalog.marts.name,
                analyst_scan_limit_gb=self._settings.analyst_scan_limit_gb,
                retention=self._retention,
            ),
        )

    def _access(self) -> Access:
        return Access(
            "access",
            AccessArgs(
                naming=self._naming,
                files=[contract.source for contract in self._sources.files],
                streams=[contract.source for contract in self._sources.streams],
                crawled=self._sources.crawled,
                with_stream=self._settings.event_stream,
                key_arn=self._key_arn,
                encrypts_catalog=self._settings.owns_account,
            ),
        )

    def _ingestion(self) -> Ingestion:
        settings = self._settings
        return Ingestion(
            "ingestion",
            IngestionArgs(
                naming=self._naming,
                contracts=self._sources.files,
                landing_bucket=self.storage.landing.bucket.bucket,
                raw_bucket=self.storage.raw.bucket.bucket,
                raw_database=self.catalog.raw.name,
                role_arn=self.access.arn("ingest"),
                needs=[self.access, self.catalog],
                concurrency=settings.ingest_concurrency,
                memory_mb=settings.ingest_memory_mb,
                log_retention_days=settings.log_retention_days,
                key_arn=self._key_arn,
                layers=self._layers,
            ),
        )

    def _events(self) -> EventStream:
        settings = self._settings
        # One API, one stream, one delivery: a second stream of events would be a second component.
        (contract,) = self._sources.streams
        return EventStream(
            "events",
            EventStreamArgs(
                naming=self._naming,
                contract=contract,
                raw_bucket_arn=self.storage.raw.bucket.arn,
                raw_database=self.catalog.raw.name,
                function_role_arn=self.access.arn("collect-events"),
                delivery_role_arn=self.access.arn("firehose"),
                needs=[self.access, self.catalog],
                key_arn=self._key_arn,
                allowed_origins=settings.allowed_origins,
                requests_per_second=settings.events_requests_per_second,
                concurrency=settings.events_concurrency,
                buffer_seconds=settings.events_buffer_seconds,
                log_retention_days=settings.log_retention_days,
                layers=self._layers,
            ),
        )

    def _jobs(self) -> Jobs:
        storage = self.storage
        return Jobs(
            "jobs",
            JobsArgs(
                naming=self._naming,
                artifacts_bucket=storage.artifacts.bucket.bucket,
                landing_bucket=storage.landing.bucket.bucket,
                raw_bucket=storage.raw.bucket.bucket,
                results_bucket=storage.results.bucket.bucket,
                raw_database=self.catalog.raw.name,
                landing_database=self.catalog.landing.name,
                crawled=self._sources.crawled,
                streams={contract.source: contract.keys for contract in self._sources.streams},
                compact_role_arn=self.access.arn("compact-raw"),
                sessionize_role_arn=self.access.arn("sessionize-events"),
                crawler_role_arn=self.access.arn("crawler"),
                needs=[self.access, self.catalog],
                spark_workers=self._settings.spark_workers,
                schedules_enabled=self._settings.schedules_enabled,
            ),
        )

    def _batch_load(self) -> BatchLoad:
        return BatchLoad(
            "batch-load",
            BatchLoadArgs(
                naming=self._naming,
                ingest_function_arn=self.ingestion.function.arn,
                landing_bucket=self.storage.landing.bucket.bucket,
                compact_job=self.jobs.compact_raw.name,
                tables=[contract.source for contract in self._sources.files],
                raw_database=self.catalog.raw.name,
                workgroup=self.query.pipelines.name,
                role_arn=self.access.arn("batch-load"),
                scheduler_role_arn=self.access.arn("scheduler"),
                needs=[self.access],
                schedules_enabled=self._settings.schedules_enabled,
                log_retention_days=self._settings.log_retention_days,
                key_arn=self._key_arn,
            ),
        )

    def _orchestration(self) -> Orchestration:
        texts = {
            name: pulumi.Output.from_input(value).apply(_as_option) for name, value in self.outputs.items()
        }
        return Orchestration(
            "orchestration",
            OrchestrationArgs(
                naming=self._naming,
                artifacts_bucket=self.storage.artifacts.bucket.bucket,
                artifacts_bucket_arn=self.storage.artifacts.bucket.arn,
                role_arn=self.access.arn(AIRFLOW),
                key_arn=self._key_arn,
                environment_class=self._settings.airflow_class,
                most_workers=self._settings.airflow_workers,
                lineage_transport=self._settings.airflow_lineage_transport,
                options=texts,
                needs=[self.access],
            ),
        )

    def _observability(self) -> Observability:
        functions = {"ingest": self.ingestion.function.name}
        events = self.events
        if events:
            functions["collect-events"] = events.function.name
        watched = Watched(
            functions=functions,
            queue=self.ingestion.queue.name,
            dead_letters=self.ingestion.dead_letters.name,
            state_machine_arn=self.batch_load.machine.arn,
            stream=events.stream.name if events else None,
            delivery=events.delivery.name if events else None,
            api_id=events.api.id if events else None,
        )
        return Observability(
            "observability",
            ObservabilityArgs(
                naming=self._naming,
                key_arn=self._key_arn,
                alarms=[
                    *alarms_of(watched),
                    *pipeline_alarms(
                        self._naming.name(PIPELINES_NAMESPACE), runs_daily=self._settings.airflow_enabled
                    ),
                ],
                jobs=[self.jobs.compact_raw.name, self.jobs.sessionize_events.name],
                crawlers=[self.jobs.crawler.name],
                email=self._settings.alert_email,
                monthly_budget_usd=self._settings.monthly_budget_usd,
            ),
        )


def _as_option(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ",".join(value)


def _sources() -> Sources:
    contracts = read_folder(SOURCES)
    return Sources(
        files=[contract for contract in contracts if contract.delivery == "files"],
        streams=[contract for contract in contracts if contract.delivery == "stream"],
    )
