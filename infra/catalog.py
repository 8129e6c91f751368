"""The Glue catalog: the databases, and the tables of raw as the contracts describe them.

The tables of marts are dbt's. Iceberg tables that IaC updates lose `table_type` and `metadata_location`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from lake.contracts import SourceContract
from lake.raw_zone import (
    AUDIT_COLUMNS,
    INGESTION_LOG,
    INGESTION_LOG_COLUMNS,
    PARTITION_COLUMN,
    QUARANTINE,
    QUARANTINE_COLUMNS,
    TableColumn,
    table_prefix,
)


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


@dataclass(frozen=True)
class CatalogArgs:
    """The catalog.

    Attributes:
        naming: What things are called.
        contracts: The sources.
        raw_bucket: Where the tables of raw lie.
        marts_bucket: Where dbt's tables lie.
    """

    naming: Naming
    contracts: Sequence[SourceContract]
    raw_bucket: pulumi.Input[str]
    marts_bucket: pulumi.Input[str]


class Catalog(pulumi.ComponentResource):
    """The databases raw and marts, and the tables of raw."""

    def __init__(self, name: str, args: CatalogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:catalog:Catalog", name, None, opts)
        self._args = args
        self.raw = self._database("raw", "Rows as delivered, typed.", args.raw_bucket)
        self.marts = self._database("marts", "What analysts read; dbt owns its tables.", args.marts_bucket)
        for contract in args.contracts:
            self._partitioned_table(
                contract.source,
                contract.description,
                (*_contract_columns(contract), *AUDIT_COLUMNS),
                {"owner": contract.owner.team, "data_classification": contract.classification},
            )
        self._partitioned_table(QUARANTINE, "Rows that break their contract.", QUARANTINE_COLUMNS, {})
        self._table(
            INGESTION_LOG, "What became of each delivered file.", INGESTION_LOG_COLUMNS, _JSON, {}, []
        )
        self.register_outputs({"raw_database": self.raw.name, "marts_database": self.marts.name})

    def _database(self, zone: str, description: str, bucket: pulumi.Input[str]) -> aws.glue.CatalogDatabase:
        return aws.glue.CatalogDatabase(
            f"{zone}-database",
            name=self._args.naming.database(zone),
            description=description,
            location_uri=pulumi.Output.format("s3://{0}/", bucket),
            tags=self._args.naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _partitioned_table(
        self, name: str, description: str, columns: Sequence[TableColumn], parameters: dict[str, str]
    ) -> None:
        partition = aws.glue.CatalogTablePartitionKeyArgs(
            name=PARTITION_COLUMN, type="date", comment="The day the file was taken in."
        )
        self._table(name, description, columns, _PARQUET, parameters, [partition])

    def _table(
        self,
        name: str,
        description: str,
        columns: Sequence[TableColumn],
        layout: _FileLayout,
        parameters: dict[str, str],
        partition_keys: Sequence[aws.glue.CatalogTablePartitionKeyArgs],
    ) -> None:
        aws.glue.CatalogTable(
            f"raw-{name}",
            name=name,
            database_name=self.raw.name,
            description=description,
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": layout.classification, **parameters},
            partition_keys=partition_keys,
            storage_descriptor=aws.glue.CatalogTableStorageDescriptorArgs(
                location=pulumi.Output.format("s3://{0}/{1}", self._args.raw_bucket, table_prefix(name)),
                input_format=layout.input_format,
                output_format=layout.output_format,
                ser_de_info=aws.glue.CatalogTableStorageDescriptorSerDeInfoArgs(
                    serialization_library=layout.serde, parameters={"serialization.format": "1"}
                ),
                columns=[
                    aws.glue.CatalogTableStorageDescriptorColumnArgs(
                        name=column.name, type=column.type, comment=column.description
                    )
                    for column in columns
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _contract_columns(contract: SourceContract) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(c.name, c.type.glue, c.description) for c in contract.columns)
