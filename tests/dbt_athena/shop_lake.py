"""A lake with a raw zone that a test fills by hand, and dbt run over it as anybody runs it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from millpond.client import Endpoint, run_query

PROJECT = Path(__file__).parents[2] / "dbt_athena"

_AUDIT = {
    "_source_file": (pa.string(), "string"),
    "_line_number": (pa.int64(), "bigint"),
    "_ingested_at": (pa.timestamp("ms"), "timestamp"),
    "_content_hash": (pa.string(), "string"),
    "_delivered_at": (pa.timestamp("ms"), "timestamp"),
}
# The Arrow type and Glue's name of each column of raw.
TABLES: dict[str, dict[str, tuple[pa.DataType, str]]] = {
    "sales": {
        "invoice_no": (pa.string(), "string"),
        "stock_code": (pa.string(), "string"),
        "description": (pa.string(), "string"),
        "quantity": (pa.int32(), "int"),
        "invoice_date": (pa.timestamp("ms"), "timestamp"),
        "unit_price": (pa.decimal128(12, 4), "decimal(12,4)"),
        "customer_id": (pa.int64(), "bigint"),
        "country": (pa.string(), "string"),
        **_AUDIT,
    },
    "customers": {
        "customer_id": (pa.int64(), "bigint"),
        "name": (pa.string(), "string"),
        "email": (pa.string(), "string"),
        "country": (pa.string(), "string"),
        "segment": (pa.string(), "string"),
        "updated_at": (pa.timestamp("ms"), "timestamp"),
        **_AUDIT,
    },
    "products": {
        "stock_code": (pa.string(), "string"),
        "description": (pa.string(), "string"),
        "category": (pa.string(), "string"),
        "list_price_cents": (pa.int32(), "int"),
        "updated_at": (pa.timestamp("ms"), "timestamp"),
        **_AUDIT,
    },
    "events": {
        "event_id": (pa.string(), "string"),
        "event_type": (pa.string(), "string"),
        "session_id": (pa.string(), "string"),
        "customer_id": (pa.int64(), "bigint"),
        "stock_code": (pa.string(), "string"),
        "page": (pa.string(), "string"),
        "occurred_at": (pa.timestamp("ms"), "timestamp"),
        "_ingested_at": (pa.timestamp("ms"), "timestamp"),
        "_request_id": (pa.string(), "string"),
    },
}
_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
}


class ShopLake:
    """Buckets, databases, raw tables and a workgroup of a name of their own on one endpoint."""

    def __init__(self, endpoint: Endpoint, name: str, scratch: Path) -> None:
        self._endpoint = endpoint
        self._s3, self._glue = endpoint.client("s3"), endpoint.client("glue")
        self._bucket = name
        self._raw, self._marts = (f"{name.replace('-', '_')}_{zone}" for zone in ("raw", "marts"))
        self._scratch = scratch
        self._s3.create_bucket(Bucket=name)
        for database in (self._raw, self._marts):
            self._glue.create_database(DatabaseInput={"Name": database})
        for table, columns in TABLES.items():
            self._create_table(table, columns)
        endpoint.client("athena").create_work_group(
            Name=name,
            Configuration={
                "ResultConfiguration": {"OutputLocation": f"s3://{name}/results/"},
                "EnforceWorkGroupConfiguration": False,
            },
        )

    def deliver(
        self,
        table: str,
        file: str,
        ingested_at: datetime,
        rows: Sequence[tuple[Any, ...]],
        delivered_at: datetime | None = None,
    ) -> None:
        """Put a file's rows into raw as ingestion does; the header is the file's first line."""
        content_hash = f"{file}@{ingested_at.isoformat()}"
        audit = (ingested_at, content_hash, delivered_at or ingested_at)
        self._put(
            table, ingested_at, content_hash, [(*row, file, at, *audit) for at, row in enumerate(rows, 2)]
        )

    def stream(self, ingested_at: datetime, rows: Sequence[tuple[Any, ...]]) -> None:
        """Put events into raw as the delivery stream does."""
        request = f"request@{ingested_at.isoformat()}"
        self._put("events", ingested_at, request, [(*row, ingested_at, request) for row in rows])

    def _put(self, table: str, ingested_at: datetime, name: str, audited: Sequence[tuple[Any, ...]]) -> None:
        """Write rows as a file of a partition, and register that."""
        fields = [pa.field(name, arrow) for name, (arrow, _) in TABLES[table].items()]
        columns = [
            pa.array(values, field.type)
            for values, field in zip(zip(*audited, strict=True), fields, strict=True)
        ]
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns, schema=pa.schema(fields)), buffer)
        ingest_date = f"{ingested_at:%Y-%m-%d}"
        prefix = f"raw/{table}/ingest_date={ingest_date}/"
        self._s3.put_object(Bucket=self._bucket, Key=f"{prefix}{name}.parquet", Body=buffer.getvalue())
        with contextlib.suppress(self._glue.exceptions.AlreadyExistsException):
            self._glue.create_partition(
                DatabaseName=self._raw,
                TableName=table,
                PartitionInput={
                    "Values": [ingest_date],
                    "StorageDescriptor": self._storage(TABLES[table], prefix),
                },
            )

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run dbt with nothing but the environment to tell it where the lake is."""
        variables = {
            "LAKE_RAW_DATABASE": self._raw,
            "LAKE_MARTS_DATABASE": self._marts,
            "LAKE_MARTS_BUCKET": self._bucket,
            "LAKE_RESULTS_BUCKET": self._bucket,
            "LAKE_DBT_WORKGROUP": self._bucket,
            "DBT_TARGET_PATH": str(self._scratch / "target"),
            "DBT_LOG_PATH": str(self._scratch / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        return subprocess.run(
            [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *arguments, *folders],
            env={"PATH": os.environ["PATH"], "HOME": str(self._scratch)}
            | variables
            | self._endpoint.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def query(self, sql: str) -> list[tuple[str | None, ...]]:
        """Rows of the marts, every value as Athena's text for it."""
        return list(run_query(self._endpoint, sql, self._marts, self._bucket).rows)

    def columns_in_catalogue(self, table: str) -> dict[str, str]:
        """Names and descriptions of a mart's columns, as the Glue Data Catalog has them."""
        found = self._glue.get_table(DatabaseName=self._marts, Name=table)["Table"]
        return {column["Name"]: column.get("Comment", "") for column in found["StorageDescriptor"]["Columns"]}

    def _create_table(self, table: str, columns: dict[str, tuple[pa.DataType, str]]) -> None:
        self._glue.create_table(
            DatabaseName=self._raw,
            TableInput={
                "Name": table,
                "TableType": "EXTERNAL_TABLE",
                "Parameters": {"classification": "parquet"},
                "PartitionKeys": [{"Name": "ingest_date", "Type": "date"}],
                "StorageDescriptor": self._storage(columns, f"raw/{table}/"),
            },
        )

    def _storage(self, columns: dict[str, tuple[pa.DataType, str]], prefix: str) -> dict[str, Any]:
        glue_columns = [{"Name": name, "Type": glue} for name, (_, glue) in columns.items()]
        return {"Columns": glue_columns, "Location": f"s3://{self._bucket}/{prefix}", **_PARQUET}


def sale(
    invoice: str,
    quantity: int,
    price: str,
    *,
    code: str = "20001",
    at: str = "2025-01-31 10:00:00",
    customer: int | None = 7,
    description: str | None = "RED MUG",
    country: str = "France",
) -> tuple[Any, ...]:
    """One row of raw sales."""
    moment = datetime.fromisoformat(at)
    return (invoice, code, description, quantity, moment, Decimal(price), customer, country)


def event(
    event_id: str,
    session: str,
    at: str,
    *,
    event_type: str = "page_view",
    page: str = "/",
    customer: int | None = None,
    code: str | None = None,
) -> tuple[Any, ...]:
    """One row of raw events."""
    return (event_id, event_type, session, customer, code, page, datetime.fromisoformat(at))
