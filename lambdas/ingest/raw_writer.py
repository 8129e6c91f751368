"""Writes rows to the raw zone: Parquet objects, and the partitions that make queries see them.

A day that is over may be compacted: then its partition points to a folder with one file. Who writes a file
for such a day looks where readers look, puts the file there, and looks again, for the compaction may have
moved the day meanwhile. The compaction does its half: what it finds in the old folder after the move, it
carries over. So a late file is seen at once, whoever is first.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from botocore.exceptions import ClientError

from ingest.checking import CheckedRows
from ingest.ledger import Claim
from ingest.reading import RejectedRow
from lake.raw_zone import COMPACTED_CONTENTS, QUARANTINE, partition_prefix, quarantine_key, rows_file

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

_MOMENT = pa.timestamp("ms")


class RawWriter:
    """The raw bucket and its database; remembers which partitions it has registered."""

    def __init__(
        self,
        s3: S3Client,
        glue: GlueClient,
        bucket: str,
        database: str,
        now: Callable[[], datetime.datetime],
    ) -> None:
        self._s3 = s3
        self._glue = glue
        self._bucket = bucket
        self._database = database
        self._now = now
        self._registered: set[tuple[str, str]] = set()

    def write(self, claim: Claim, checked: CheckedRows) -> None:
        """Write a file's rows, good and bad, under its claim; doing it again changes nothing.

        An attempt that goes on where another one died also writes what is empty, over whatever that one
        wrote under an earlier contract.
        """
        if checked.rows.num_rows or claim.is_resumed:
            self._place(claim, _parquet(_with_audit_columns(claim, checked)))
        if checked.rejected or claim.is_resumed:
            key = quarantine_key(claim.source, claim.ingest_date, claim.content_hash)
            self._put(key, _parquet(_quarantine_table(claim, checked.rejected)))
            self._register_partition(QUARANTINE, claim.ingest_date)

    def _place(self, claim: Claim, content: bytes) -> None:
        """Put a file of rows where readers of its day look."""
        name, folder = rows_file(claim.content_hash), partition_prefix(claim.source, claim.ingest_date)
        self._put(folder + name, content)
        self._register_partition(claim.source, claim.ingest_date)
        if claim.ingest_date >= self._now().date().isoformat():
            return  # only days that are over are compacted
        while (seen := self._seen_folder(claim)) != folder:
            if claim.content_hash in self._compacted_contents(seen):
                return  # an earlier attempt's rows are seen: these replace them at the next compaction
            folder = seen
            self._put(folder + name, content)

    def _seen_folder(self, claim: Claim) -> str:
        """Where readers of the claim's day look."""
        partition = self._glue.get_partition(
            DatabaseName=self._database, TableName=claim.source, PartitionValues=[claim.ingest_date]
        )["Partition"]
        location = partition["StorageDescriptor"]["Location"]
        return location.removeprefix(f"s3://{self._bucket}/").rstrip("/") + "/"

    def _compacted_contents(self, folder: str) -> frozenset[str]:
        """The contents whose rows the compacted file of a folder holds; none if no compaction wrote there."""
        try:
            found = self._s3.get_object(Bucket=self._bucket, Key=folder + COMPACTED_CONTENTS)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return frozenset()
        return frozenset(json.loads(found["Body"].read()))

    def _put(self, key: str, content: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=content)

    def _register_partition(self, table: str, ingest_date: str) -> None:
        if (table, ingest_date) in self._registered:
            return
        descriptor = self._glue.get_table(DatabaseName=self._database, Name=table)["Table"][
            "StorageDescriptor"
        ]
        location = f"s3://{self._bucket}/{partition_prefix(table, ingest_date)}"
        try:
            self._glue.create_partition(
                DatabaseName=self._database,
                TableName=table,
                PartitionInput={
                    "Values": [ingest_date],
                    "StorageDescriptor": {**descriptor, "Location": location},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "AlreadyExistsException":
                raise
        self._registered.add((table, ingest_date))


def _parquet(table: pa.Table) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="snappy")
    return buffer.getvalue()


def _with_audit_columns(claim: Claim, checked: CheckedRows) -> pa.Table:
    rows = checked.rows
    audit = {
        "_source_file": _repeat(pa.scalar(claim.source_file), rows.num_rows),
        "_line_number": checked.line_numbers,
        "_ingested_at": _repeat(pa.scalar(claim.moment, _MOMENT), rows.num_rows),
        "_content_hash": _repeat(pa.scalar(claim.content_hash), rows.num_rows),
        "_delivered_at": _repeat(pa.scalar(claim.delivery, _MOMENT), rows.num_rows),
    }
    for name, values in audit.items():
        rows = rows.append_column(name, values)
    return rows


def _quarantine_table(claim: Claim, rejected: list[RejectedRow]) -> pa.Table:
    count = len(rejected)
    return pa.table(
        {
            "source": _repeat(pa.scalar(claim.source), count),
            "source_file": _repeat(pa.scalar(claim.source_file), count),
            "line_number": pa.array([row.line_number for row in rejected], pa.int64()),
            "reason": pa.array([row.reason for row in rejected], pa.string()),
            "raw_text": pa.array([row.text for row in rejected], pa.string()),
            "content_hash": _repeat(pa.scalar(claim.content_hash), count),
            "ingested_at": _repeat(pa.scalar(claim.moment, _MOMENT), count),
        }
    )


def _repeat(value: pa.Scalar, count: int) -> pa.Array:
    return pa.repeat(value, count)
