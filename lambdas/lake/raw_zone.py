"""The layout of the raw zone: its tables, the columns that ingestion adds, and where the files lie.

    <source>/ingest_date=2026-01-31/<content hash>.parquet        the rows of a file, typed
    quarantine/ingest_date=2026-01-31/<source>-<hash>.parquet     its rows that break the contract
    ingestion_log/<source>/<hash>.json                            what became of the file, written last
    _claims/<source>/<hash>.json                                  who began with it, and on which date

Every key follows from the content and the claim, so a second attempt writes the same objects again.
"""

from __future__ import annotations

from dataclasses import dataclass

PARTITION_COLUMN = "ingest_date"
QUARANTINE = "quarantine"
INGESTION_LOG = "ingestion_log"
CLAIMS = "_claims"
RESERVED_TABLES = frozenset({QUARANTINE, INGESTION_LOG})


@dataclass(frozen=True)
class TableColumn:
    """A column of a table in raw, with its type in Glue's spelling."""

    name: str
    type: str
    description: str


AUDIT_COLUMNS = (
    TableColumn("_source_file", "string", "The object in landing that the row came in."),
    TableColumn("_line_number", "bigint", "The line of that file, the first line being 1."),
    TableColumn("_ingested_at", "timestamp", "When the file was taken in, in UTC."),
    TableColumn("_content_hash", "string", "SHA-256 of the file's uncompressed content."),
)

QUARANTINE_COLUMNS = (
    TableColumn("source", "string", "The source whose contract the row breaks."),
    TableColumn("source_file", "string", "The object in landing that the row came in."),
    TableColumn("line_number", "bigint", "The line of that file, the first line being 1."),
    TableColumn("reason", "string", "What is wrong with the row, all of it."),
    TableColumn("raw_text", "string", "The row as it was delivered."),
    TableColumn("content_hash", "string", "SHA-256 of the file's uncompressed content."),
    TableColumn("ingested_at", "timestamp", "When the file was taken in, in UTC."),
)

INGESTION_LOG_COLUMNS = (
    TableColumn("source", "string", "The folder in landing, and so the source."),
    TableColumn("source_file", "string", "The object in landing."),
    TableColumn("content_hash", "string", "SHA-256 of the file's uncompressed content."),
    TableColumn("status", "string", "loaded, or refused with a reason: then no line was taken in."),
    TableColumn("reason", "string", "Why the file was refused."),
    TableColumn("lines", "bigint", "Lines of data in the file: always loaded + quarantined."),
    TableColumn("loaded", "bigint", "Rows written to the source's table."),
    TableColumn("quarantined", "bigint", "Rows written to quarantine."),
    TableColumn("ignored_fields", "array<string>", "Fields of the file that no contract names."),
    TableColumn("ingest_date", "string", "The partition that the rows lie in."),
    TableColumn("ingested_at", "timestamp", "When the file was taken in, in UTC."),
    TableColumn("completed_at", "timestamp", "When all of it was written, in UTC."),
)


def table_prefix(table: str) -> str:
    """Where a table's files lie in the raw bucket."""
    return f"{table}/"


def partition_prefix(table: str, ingest_date: str) -> str:
    """Where the files of one ingestion date lie."""
    return f"{table_prefix(table)}{PARTITION_COLUMN}={ingest_date}/"


def rows_key(source: str, ingest_date: str, content_hash: str) -> str:
    """The object with a file's valid rows."""
    return f"{partition_prefix(source, ingest_date)}{content_hash}.parquet"


def quarantine_key(source: str, ingest_date: str, content_hash: str) -> str:
    """The object with a file's bad rows."""
    return f"{partition_prefix(QUARANTINE, ingest_date)}{source}-{content_hash}.parquet"


def log_key(source: str, content_hash: str) -> str:
    """The object that says what became of a file."""
    return f"{table_prefix(INGESTION_LOG)}{source}/{content_hash}.json"


def claim_key(source: str, content_hash: str) -> str:
    """The object that the first attempt at a file leaves behind."""
    return f"{CLAIMS}/{source}/{content_hash}.json"
