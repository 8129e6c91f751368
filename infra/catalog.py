"""The Glue catalog: a database for each zone with tables, and the tables of raw as the contracts have them.

The tables of marts are dbt's: Iceberg tables that IaC updates lose `table_type` and `metadata_location`.
The tables of landing are the crawler's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from infra.retention import Retention
from lake.contracts import SourceContract
from lake.raw_zone import (
    EVENT_SESSIONS,
    EVENT_SESSIONS_COLUMNS,
    INGESTION_LOG,
    INGESTION_LOG_COLUMNS,
    PARTITION_COLUMN,
    PIPELINE_RUNS,
    PIPELINE_RUNS_COLUMNS,
    QUARANTINE,
    QUARANTINE_COLUMNS,
    SESSION_PARTITION_COLUMN,
    TableColumn,
    table_prefix,
)

# Before any event can have arrived.
_FIRST_EVENT_DATE = "2024-01-01"


@dataclass(frozen=True)
class _FileLayout:
    """How Glue names a file format."""

    classification: str
    input_format: str
    output_format: str
    serde: str


_PARQUET = _FileLayout(
    "parquet",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
)
_JSON = _FileLayout(
    "json",
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "org.openx.data.jsonserde.JsonSerDe",
)


_INGEST_DATE = TableColumn(PARTITION_COLUMN, "date", "The day it was taken in.")


@dataclass(frozen=True)
class _Table:
    """A table of raw.

    Attributes:
        name: Its name, and the prefix of its files.
        description: What a row is.
        columns: Its columns.
        partition: The column that its folders are named by; None has none.
        layout: The format of its files.
        parameters: What else Glue keeps with it.
    """

    name: str
    description: str
    columns: Sequence[TableColumn]
    partition: TableColumn | None = _INGEST_DATE
    layout: _FileLayout = _PARQUET
    parameters: Mapping[str, str] = field(default_factory=dict)


_OWN_TABLES = (
    _Table(QUARANTINE, "Rows that break their contract.", QUARANTINE_COLUMNS),
    _Table(
        INGESTION_LOG,
        "What became of each delivered file.",
        INGESTION_LOG_COLUMNS,
        partition=None,
        layout=_JSON,
    ),
    _Table(
        EVENT_SESSIONS,
        "Sessions of the web shop's visitors, parted by half an hour of silence.",
        EVENT_SESSIONS_COLUMNS,
        partition=TableColumn(SESSION_PARTITION_COLUMN, "date", "The day of the session's first event."),
    ),
    _Table(
        PIPELINE_RUNS,
        "What became of each run of a pipeline; Airflow writes it.",
        PIPELINE_RUNS_COLUMNS,
        partition=None,
        layout=_JSON,
    ),
)


@dataclass(frozen=True)
class CatalogArgs:
    """The catalog.

    Attributes:
        naming: What things are called.
        contracts: The sources.
        buckets: The bucket of each zone that has a database.
        key_arn: The key that encrypts the catalog's own content.
        retention: What becomes of it when a deployment would delete it.
        owns_account: Whether the account's catalog is this deployment's alone: only then is it encrypted
            here, since that is a setting of the whole account and region.
    """

    naming: Naming
    contracts: Sequence[SourceContract]
    buckets: Mapping[str, pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    retention: Retention
    owns_account: bool


class Catalog(pulumi.ComponentResource):
    """The databases landing, raw and marts, and the tables of raw."""

    def __init__(self, name: str, args: CatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:catalog:Catalog", name, None, opts)
        self._args = args
        self._child = args.retention.options(self)
        self.landing = self._database("landing", "Files as delivered; a crawler owns its tables.")
        self.raw = self._database("raw", "Rows as delivered, typed.")
        self.marts = self._database("marts", "What analysts read; dbt owns its tables.")
        self.tables = {
            table.name: self._table(table) for table in (*map(_source_table, args.contracts), *_OWN_TABLES)
        }
        if args.owns_account:
            self._encrypt(args.key_arn)
        self.register_outputs(
            {
                "landing_database": self.landing.name,
                "raw_database": self.raw.name,
                "marts_database": self.marts.name,
            }
        )

    def _database(self, zone: str, description: str) -> aws.glue.CatalogDatabase:
        return aws.glue.CatalogDatabase(
            f"{zone}-database",
            name=self._args.naming.database(zone),
            description=description,
            location_uri=pulumi.Output.format("s3://{0}/", self._args.buckets[zone]),
            tags=self._args.naming.tags,
            opts=self._child,
        )

    def _table(self, table: _Table) -> aws.glue.CatalogTable:
        location = pulumi.Output.format("s3://{0}/{1}", self._args.buckets["raw"], table_prefix(table.name))
        return aws.glue.CatalogTable(
            f"raw-{table.name}",
            name=table.name,
            database_name=self.raw.name,
            description=table.description,
            table_type="EXTERNAL_TABLE",
            parameters={
                "EXTERNAL": "TRUE",
                "classification": table.layout.classification,
                **table.parameters,
            },
            partition_keys=[
                aws.glue.CatalogTablePartitionKeyArgs(name=key.name, type=key.type, comment=key.description)
                for key in ([table.partition] if table.partition else [])
            ],
            storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
                location=location,
                input_format=table.layout.input_format,
                output_format=table.layout.output_format,
                ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                    serialization_library=table.layout.serde, parameters={"serialization.format": "1"}
                ),
                columns=[
                    aws.glue.CatalogTableStorageDescriptorColumnArgs(
                        name=column.name, type=column.type, comment=column.description
                    )
                    for column in table.columns
                ],
            ),
            opts=self._child,
        )

    def _encrypt(self, key_arn: pulumi.Input[str]) -> None:
        aws.glue.DataCatalogEncryptionSettings(
            "catalog-encryption",
            data_catalog_encryption_settings={
                "encryption_at_rest": {"catalog_encryption_mode": "SSE-KMS", "sse_aws_kms_key_id": key_arn},
                "connection_password_encryption": {
                    "return_connection_password_encrypted": True,
                    "aws_kms_key_id": key_arn,
                },
            },
            opts=pulumi.ResourceOptions(parent=self),
        )


def _source_table(contract: SourceContract) -> _Table:
    columns = tuple(TableColumn(c.name, c.type.glue, c.description) for c in contract.columns)
    parameters = {"owner": contract.owner.team, "data_classification": contract.classification}
    if contract.delivery == "stream":
        parameters |= _projection()
    return _Table(
        contract.source, contract.description, (*columns, *contract.audit_columns), parameters=parameters
    )


def _projection() -> dict[str, str]:
    """Nobody registers the folders that Firehose writes: Athena works them out from the date.

    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    """
    return {
        "projection.enabled": "true",
        f"projection.{PARTITION_COLUMN}.type": "date",
        f"projection.{PARTITION_COLUMN}.format": "yyyy-MM-dd",
        f"projection.{PARTITION_COLUMN}.range": f"{_FIRST_EVENT_DATE},NOW",
    }
