"""A lake on the local cloud that holds nothing but what ingestion needs, and a way to drop files into it."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glue_jobs import compact_raw
from ingest import handler
from ingest.__main__ import CONTRACTS_OF_THE_PROJECT, LocalContext
from ingest.ledger import Ledger
from lake.raw_zone import CLAIMS, INGESTION_LOG, QUARANTINE

EVENTS = Path(__file__).parents[1] / "events"
SALES_HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD_SALE = "900001,10001A,GLASS LANTERN,6,2010-12-01 08:26:00,2.55,17001.0,United Kingdom\n"


@dataclass(frozen=True)
class IngestLake:
    """Landing, raw and the raw database; all names are this test's own."""

    s3: Any
    glue: Any
    landing: str
    raw: str
    database: str
    environment: pytest.MonkeyPatch

    def drop(self, key: str, body: bytes | str) -> dict[str, Any]:
        """Put a file into landing and hand its event to the function."""
        content = body.encode() if isinstance(body, str) else body
        version = self.s3.put_object(Bucket=self.landing, Key=key, Body=content).get("VersionId")
        return self.handle(self.event(key, version))

    def event(self, key: str, version: str | None = None) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((EVENTS / "s3_put_through_sqs.json").read_text())
        body = json.loads(event["Records"][0]["body"])
        body["Records"][0]["s3"]["bucket"]["name"] = self.landing
        body["Records"][0]["s3"]["object"]["key"] = key
        if version is not None:
            body["Records"][0]["s3"]["object"]["versionId"] = version
        event["Records"][0]["body"] = json.dumps(body)
        return event

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        return handler.handle(event, LocalContext())  # type: ignore[arg-type]

    def use_contracts(self, folder: Path) -> None:
        """Let a new worker start with the contracts of a folder."""
        self.environment.setenv("CONTRACTS", str(folder))
        handler._ingestion.cache_clear()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows that the table's objects hold, with the partition's date."""
        tables = []
        for key in self.keys(f"{table}/"):
            content = pq.read_table(io.BytesIO(self.read(key)))
            partition = key.split("ingest_date=")[1].split("/")[0]
            tables.append(content.append_column("ingest_date", pa.repeat(partition, len(content))))
        return pa.concat_tables(tables).to_pylist() if tables else []

    def claim(self, source: str, content: str, moment: datetime.datetime) -> None:
        """What a worker leaves behind that is killed after its claim."""
        content_hash = hashlib.sha256(content.encode()).hexdigest()
        Ledger(self.s3, self.raw, lambda: moment).claim(
            source, f"s3://{self.landing}/{source}/a.csv", content_hash, moment
        )

    def forget_log(self) -> None:
        for key in self.keys(f"{INGESTION_LOG}/"):
            self.s3.delete_object(Bucket=self.raw, Key=key)

    def compact(self, table: str) -> None:
        """Let the job compact a table, days of one file too."""
        names = ["--raw_database", self.database, "--raw_bucket", self.raw, "--tables", table]
        compact_raw.main([*names, "--least_files", "1"])

    def seen(self, table: str, column: str) -> list[Any]:
        """The values of a column in the files where the partitions point."""
        values: list[Any] = []
        for location in self.partitions(table):
            for key in self.keys(location.removeprefix(f"s3://{self.raw}/")):
                if not key.rpartition("/")[2].startswith("_"):
                    values += pq.read_table(io.BytesIO(self.read(key))).column(column).to_pylist()
        return sorted(values)

    def quarantine(self) -> list[dict[str, Any]]:
        return self.rows(QUARANTINE)

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(self.read(key)) for key in self.keys(f"{INGESTION_LOG}/")]

    def claims(self) -> list[str]:
        return self.keys(f"{CLAIMS}/")

    def keys(self, prefix: str) -> list[str]:
        found = self.s3.list_objects_v2(Bucket=self.raw, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in found]

    def read(self, key: str) -> bytes:
        content: bytes = self.s3.get_object(Bucket=self.raw, Key=key)["Body"].read()
        return content

    def create_table(self, name: str) -> None:
        self.glue.create_table(
            DatabaseName=self.database,
            TableInput={
                "Name": name,
                "StorageDescriptor": {"Columns": [], "Location": f"s3://{self.raw}/{name}/"},
                "PartitionKeys": [{"Name": "ingest_date", "Type": "date"}],
            },
        )

    def partitions(self, table: str) -> list[str]:
        found = self.glue.get_partitions(DatabaseName=self.database, TableName=table)["Partitions"]
        return [partition["StorageDescriptor"]["Location"] for partition in found]


@pytest.fixture(scope="session")
def clients(cloud: Any) -> tuple[Any, Any]:
    """S3 and Glue; a new client takes longer than most tests."""
    return cloud.client("s3"), cloud.client("glue")


@pytest.fixture
def lake(cloud: Any, clients: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[IngestLake]:
    s3, glue = clients
    lake = IngestLake(
        s3,
        glue,
        cloud.unique_name("landing"),
        cloud.unique_name("raw"),
        cloud.unique_name("raw"),
        monkeypatch,
    )
    for bucket in (lake.landing, lake.raw):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=lake.landing, VersioningConfiguration={"Status": "Enabled"})
    glue.create_database(DatabaseInput={"Name": lake.database})
    for table in ("sales", "customers", "products", QUARANTINE):
        lake.create_table(table)
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.endpoint_url)
    monkeypatch.setenv("RAW_BUCKET", lake.raw)
    monkeypatch.setenv("RAW_DATABASE", lake.database)
    lake.use_contracts(CONTRACTS_OF_THE_PROJECT)
    yield lake
    handler._ingestion.cache_clear()


def today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
