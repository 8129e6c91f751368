"""Compacts the partitions of raw: small files together, each row once. A Glue Python shell job.

Arguments:
    --raw_database, --raw_bucket   the tables, and where they lie
    --tables                       which of them, parted by commas
    --row_keys                     what tells the rows of a table apart, if not its file and line:
                                   `events=event_id;orders=order_id,line`
    --closed_before                only days before this one (2026-01-31); today, if it is not given. Where
                                   partitions are registered a day must be over in any case
    --least_files                  leave partitions alone that have fewer files (default: 2)

What is repeated is written once: files that arrive again, late rows of a day that is compacted already,
events that came twice. Of rows with the same key the one that was written last counts.

A partition is rewritten in one of two ways. Where partitions are registered, the new file goes to a folder
of its own, and the partition is pointed to it: readers see the old files or the new one, never both. Only
then exactly those files go that it was made of. What arrived meanwhile is carried over to the new folder;
what arrives later is put there by ingestion, which looks where the partition points (`_contents.json` tells
it whose rows the new file holds). Where partitions are projected from their names there is nothing to
point, so the new file goes beside the old ones before they go: readers see some events twice for a moment,
as the contract of a stream says they may. A run that dies leaves files behind, which the next one takes in
again: what it makes of them is the same. Nothing is deleted for good: the bucket keeps versions.

Python 3.9 and AWS SDK for pandas 2.15, which is what Glue's Python shell has.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import io
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import awswrangler as wr
import boto3
import pyarrow as pa
import pyarrow.parquet as pq

PARTITION_COLUMN = "ingest_date"
COMPACTED = "compacted"
# The hashes of the contents whose rows a compacted file holds; Athena skips names that begin with _.
CONTENTS = "_contents.json"
CONTENT_HASH = "_content_hash"
FILE_AND_LINE = (CONTENT_HASH, "_line_number")
# More than this would not fit into the memory of the smallest job.
LARGEST_PARTITION_BYTES = 256 * 1024 * 1024

logger = logging.getLogger("compact_raw")


@dataclass(frozen=True)
class Arguments:
    """What the job was asked for."""

    raw_database: str
    raw_bucket: str
    tables: tuple[str, ...]
    row_keys: dict[str, tuple[str, ...]]
    closed_before: datetime.date
    least_files: int

    @classmethod
    def parse(cls, argv: Sequence[str], today: datetime.date) -> Arguments:
        """Read the job's arguments; Glue adds some of its own, which are left out."""
        parser = argparse.ArgumentParser(description="Compacts the partitions of raw.")
        parser.add_argument("--raw_database", required=True)
        parser.add_argument("--raw_bucket", required=True)
        parser.add_argument("--tables", required=True)
        parser.add_argument("--row_keys", default="")
        parser.add_argument("--closed_before", type=datetime.date.fromisoformat, default=today)
        parser.add_argument("--least_files", type=int, default=2)
        given, _ = parser.parse_known_args(argv)
        keys = (part.partition("=") for part in given.row_keys.split(";") if part)
        return cls(
            raw_database=given.raw_database,
            raw_bucket=given.raw_bucket,
            tables=tuple(table for table in given.tables.split(",") if table),
            row_keys={table: tuple(columns.split(",")) for table, _, columns in keys},
            closed_before=given.closed_before,
            least_files=given.least_files,
        )


@dataclass(frozen=True)
class Table:
    """A table of raw.

    Attributes:
        name: Its name.
        location: Where its files lie, as `s3://bucket/table/`.
        keys: What tells its rows apart.
        is_projected: Whether its partitions follow from their names and are not registered.
    """

    name: str
    location: str
    keys: tuple[str, ...]
    is_projected: bool


@dataclass(frozen=True)
class DataFile:
    """A file of a partition."""

    path: str
    size: int
    etag: str
    modified: datetime.datetime

    @property
    def age_order(self) -> tuple[datetime.datetime, bool]:
        """What orders files by age: S3 tells the second, in which what was compacted is the older one."""
        return self.modified, not _name(self.path).startswith(COMPACTED)


@dataclass(frozen=True)
class Partition:
    """A day of a table.

    Attributes:
        day: The day, as its folder has it.
        location: Where readers look.
        files: All files of the day: those that readers see, and those that arrived late or were left behind.
    """

    day: str
    location: str
    files: tuple[DataFile, ...]

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """What the files are: the same files give the same name, and so the same result in the same place."""
        names = "".join(f"{file.path} {file.etag}\n" for file in self.files)
        return hashlib.sha256(names.encode()).hexdigest()[:20]

    @property
    def has_unseen(self) -> bool:
        """Whether there are files that readers do not see."""
        return any(not file.path.startswith(self.location) for file in self.files)


@dataclass(frozen=True)
class Compacted:
    """What became of a partition."""

    table: str
    day: str
    files: int
    rows_before: int
    rows_after: int


class RawZone:
    """The tables of raw, and how their partitions are replaced."""

    def __init__(self, session: boto3.Session, database: str, bucket: str) -> None:
        self._session = session
        self._glue = session.client("glue")
        self._s3 = session.client("s3")
        self._database = database
        self._bucket = bucket

    def table(self, name: str, keys: tuple[str, ...]) -> Table:
        """A table by its name."""
        found = self._glue.get_table(DatabaseName=self._database, Name=name)["Table"]
        location = found["StorageDescriptor"]["Location"].rstrip("/") + "/"
        projected = found.get("Parameters", {}).get("projection.enabled", "false").lower() == "true"
        return Table(name, location, keys, projected)

    def partitions(self, table: Table) -> Iterator[Partition]:
        """The days of a table with all their files, the oldest first."""
        by_day: dict[str, list[DataFile]] = {}
        for file in self._files(table):
            by_day.setdefault(_day_of(file.path), []).append(file)
        locations = {} if table.is_projected else self._registered(table)
        for day in sorted(by_day):
            original = f"{table.location}{PARTITION_COLUMN}={day}/"
            files = tuple(sorted(by_day[day], key=lambda file: file.path))
            yield Partition(day, locations.get(day, original), files)

    def replace(self, table: Table, partition: Partition, rows: pa.Table) -> None:
        """Put one file in the place of those files of a partition that its rows come from."""
        name = f"{COMPACTED}-{partition.fingerprint}.parquet"
        if table.is_projected:
            self._write(f"{partition.location}{name}", rows)
            self._delete(partition.files)
            return
        target = f"{table.location}{COMPACTED}/{PARTITION_COLUMN}={partition.day}/{partition.fingerprint}/"
        contents = set(rows.column(CONTENT_HASH).to_pylist()) if CONTENT_HASH in rows.column_names else set()
        self._put(f"{target}{CONTENTS}", json.dumps(sorted(contents)).encode())
        self._write(f"{target}{name}", rows)
        self._carry_over(self._arrived(table, partition, target, contents), target)
        self._point(table, partition, target)
        arrived = self._arrived(table, partition, target, contents)
        self._carry_over(arrived, target)
        # A file that was written again since it was read is another one, and stays for the next run.
        read = set(partition.files)
        self._delete([*arrived, *(file for file in self._files(table) if file in read)])

    def read(self, file: DataFile) -> pa.Table:
        """The rows of a file."""
        bucket, key = _split(file.path)
        body = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return pq.read_table(io.BytesIO(body))

    def _arrived(self, table: Table, partition: Partition, target: str, contents: set[str]) -> list[DataFile]:
        """The files of a day that came after it was read, unless the new file holds rows of their content.

        Of such a content the next run takes the newer rows.
        """
        read = {file.path for file in partition.files}
        return [
            file
            for file in self._files(table)
            if _day_of(file.path) == partition.day
            and file.path not in read
            and not file.path.startswith(target)
            and _name(file.path).partition(".")[0] not in contents
        ]

    def _carry_over(self, files: Sequence[DataFile], target: str) -> None:
        for file in files:
            bucket, key = _split(file.path)
            _, copy = _split(target + _name(file.path))
            self._s3.copy_object(Bucket=bucket, Key=copy, CopySource={"Bucket": bucket, "Key": key})

    def _files(self, table: Table) -> Iterator[DataFile]:
        described = self._s3.get_paginator("list_objects_v2")
        _, prefix = _split(table.location)
        for page in described.paginate(Bucket=self._bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                hidden = _name(item["Key"]).startswith("_")
                if f"{PARTITION_COLUMN}=" in item["Key"] and item["Size"] and not hidden:
                    path = f"s3://{self._bucket}/{item['Key']}"
                    yield DataFile(path, item["Size"], item["ETag"], item["LastModified"])

    def _registered(self, table: Table) -> dict[str, str]:
        """Where readers look, by day."""
        found = wr.catalog.get_partitions(
            database=self._database, table=table.name, boto3_session=self._session
        )
        return {values[0]: location.rstrip("/") + "/" for location, values in found.items()}

    def _write(self, path: str, rows: pa.Table) -> None:
        buffer = io.BytesIO()
        pq.write_table(rows, buffer, compression="snappy")
        self._put(path, buffer.getvalue())

    def _put(self, path: str, content: bytes) -> None:
        bucket, key = _split(path)
        self._s3.put_object(Bucket=bucket, Key=key, Body=content)

    def _delete(self, files: Sequence[DataFile]) -> None:
        wr.s3.delete_objects([file.path for file in files], boto3_session=self._session)

    def _point(self, table: Table, partition: Partition, location: str) -> None:
        """Let readers look elsewhere: the one moment in which the partition changes."""
        names = {"DatabaseName": self._database, "TableName": table.name}
        storage = dict(
            self._glue.get_table(DatabaseName=self._database, Name=table.name)["Table"]["StorageDescriptor"]
        )
        storage["Location"] = location
        entry: dict[str, Any] = {"Values": [partition.day], "StorageDescriptor": storage}
        try:
            self._glue.update_partition(**names, PartitionValueList=[partition.day], PartitionInput=entry)
        except self._glue.exceptions.EntityNotFoundException:
            self._glue.create_partition(**names, PartitionInput=entry)


def compact(
    zone: RawZone, table: Table, closed_before: datetime.date, least_files: int, today: datetime.date
) -> list[Compacted]:
    """Compact the closed days of a table."""
    if not table.is_projected:
        # For a day that is not over, ingestion does not look where its partition points.
        closed_before = min(closed_before, today)
    return [
        _compact_partition(zone, table, partition)
        for partition in zone.partitions(table)
        if _is_due(table, partition, closed_before, least_files)
    ]


def _is_due(table: Table, partition: Partition, closed_before: datetime.date, least_files: int) -> bool:
    if datetime.date.fromisoformat(partition.day) >= closed_before:
        return False
    if partition.size > LARGEST_PARTITION_BYTES:
        logger.warning("%s %s has outgrown this job: compact it with Spark", table.name, partition.day)
        return False
    return partition.has_unseen or len(partition.files) >= least_files


def _compact_partition(zone: RawZone, table: Table, partition: Partition) -> Compacted:
    newest_first = sorted(partition.files, key=lambda file: file.age_order, reverse=True)
    rows = _together([zone.read(file) for file in newest_first])
    once = first_of_each(rows, table.keys)
    zone.replace(table, partition, once)
    done = Compacted(table.name, partition.day, len(partition.files), rows.num_rows, once.num_rows)
    logger.info("%s", done)
    return done


def first_of_each(rows: pa.Table, keys: Sequence[str]) -> pa.Table:
    """The first row of each key, in the order of the rows."""
    repeated = rows.select(list(keys)).to_pandas().duplicated(keep="first")
    return rows.filter(pa.array(~repeated.to_numpy()))


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables below one another; columns that a file was written without are null in its rows."""
    schema = pa.unify_schemas([table.schema.remove_metadata() for table in tables])
    return pa.concat_tables([_with_schema(table, schema) for table in tables])


def _with_schema(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table.column(field.name) if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _day_of(path: str) -> str:
    return path.split(f"{PARTITION_COLUMN}=", 1)[1].split("/", 1)[0]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _split(path: str) -> tuple[str, str]:
    bucket, _, key = path[len("s3://") :].partition("/")
    return bucket, key


def main(argv: Sequence[str], today: datetime.date | None = None) -> list[Compacted]:
    """Run the job."""
    now = datetime.datetime.now(datetime.timezone.utc)  # noqa: UP017  Python 3.9 has no datetime.UTC
    today = today or now.date()
    arguments = Arguments.parse(argv, today)
    zone = RawZone(boto3.Session(), arguments.raw_database, arguments.raw_bucket)
    done: list[Compacted] = []
    for name in arguments.tables:
        table = zone.table(name, arguments.row_keys.get(name, FILE_AND_LINE))
        done += compact(zone, table, arguments.closed_before, arguments.least_files, today)
    logger.info("compacted %d partitions of %s", len(done), ", ".join(arguments.tables))
    return done


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(message)s")
    main(sys.argv[1:])
