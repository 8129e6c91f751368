"""The layout of the raw zone: its tables, the columns that ingestion adds, and where the files lie.

    <source>/ingest_date=2026-01-31/<content hash>.parquet        the rows of a file, typed
    <source>/compacted/ingest_date=2026-01-31/<id>/…              a day's rows in one file, once it is over
    quarantine/ingest_date=2026-01-31/<source>-<hash>.parquet     its rows that break the contract
    ingestion_log/<source>/<hash>.json                            what became of the file, written last
    _claims/<source>/<hash>.json                                  who began with it, and on which date
    <stream>/ingest_date=2026-01-31/…                             the events of a stream, as they arrive
    <stream>_errors/…                                             what could not be converted, untouched
    event_sessions/session_date=2026-01-31/…                      what the Spark job makes of the events
    pipeline_runs/<pipeline>/<run>.json                           what became of each run of a pipeline

Every key of a file follows from its content and the claim, so a second attempt writes the same objects again.
"""

from __future__ import annotations

from dataclasses import dataclass

PARTITION_COLUMN = "ingest_date"
QUARANTINE = "quarantine"
INGESTION_LOG = "ingestion_log"
CLAIMS = "_claims"
EVENT_SESSIONS = "event_sessions"
PIPELINE_RUNS = "pipeline_runs"
SESSION_PARTITION_COLUMN = "session_date"
COMPACTED = "compacted"
# Beside a compacted file: the hashes of the contents whose rows it holds. Athena skips what begins with _.
COMPACTED_CONTENTS = "_contents.json"
RESERVED_TABLES = frozenset({QUARANTINE, INGESTION_LOG, EVENT_SESSIONS, PIPELINE_RUNS})


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
    TableColumn("_delivered_at", "timestamp", "When the file was put into landing, in UTC."),
)

STREAM_AUDIT_COLUMNS = (
    TableColumn("_ingested_at", "timestamp", "When the event was taken in, in UTC."),
    TableColumn("_request_id", "string", "The request that brought the event."),
)

EVENT_SESSIONS_COLUMNS = (
    TableColumn("visitor", "string", "The customer, or the browser's session of an unknown visitor."),
    TableColumn("session_number", "int", "Which session of the visitor on that day, from 1."),
    TableColumn("customer_id", "bigint", "The customer, if known."),
    TableColumn("started_at", "timestamp", "The session's first event, in UTC."),
    TableColumn("ended_at", "timestamp", "The session's last event, in UTC."),
    TableColumn("events", "bigint", "How many events it has."),
    TableColumn("product_views", "bigint", "How many of them look at a product."),
    TableColumn("has_checkout", "boolean", "Whether it ended in an order."),
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
    TableColumn("delivered_at", "timestamp", "When the file was put into landing, in UTC."),
    TableColumn("completed_at", "timestamp", "When all of it was written, in UTC."),
)

PIPELINE_RUNS_COLUMNS = (
    TableColumn("pipeline", "string", "The DAG."),
    TableColumn("run_id", "string", "Airflow's name for the run."),
    TableColumn("days", "array<string>", "The days that it was about."),
    TableColumn("status", "string", "succeeded or failed, as of the run's last attempt."),
    TableColumn("failed_tasks", "array<string>", "The tasks that failed or could not start for it."),
    TableColumn("category", "string", "data, permission, throttling, infrastructure or code."),
    TableColumn("message", "string", "What the first of them said."),
    TableColumn("row_count", "bigint", "Rows that it was about, where it counts them."),
    TableColumn("started_at", "timestamp", "In UTC."),
    TableColumn("ended_at", "timestamp", "In UTC."),
    TableColumn("seconds", "double", "How long it took."),
)


def table_prefix(table: str) -> str:
    """Where a table's files lie in the raw bucket."""
    return f"{table}/"


def partition_prefix(table: str, ingest_date: str) -> str:
    """Where the files of one ingestion date lie."""
    return f"{table_prefix(table)}{PARTITION_COLUMN}={ingest_date}/"


def compacted_prefix(table: str) -> str:
    """Where the compacted files of a source's days lie."""
    return f"{table_prefix(table)}{COMPACTED}/"


def errors_prefix(stream: str) -> str:
    """Where a stream's records lie that could not be converted; no table reads there."""
    return f"{stream}_errors/"


def rows_file(content_hash: str) -> str:
    """The name of the object with a file's valid rows, in the folder of its day."""
    return f"{content_hash}.parquet"


def quarantine_key(source: str, ingest_date: str, content_hash: str) -> str:
    """The object with a file's bad rows."""
    return f"{partition_prefix(QUARANTINE, ingest_date)}{source}-{content_hash}.parquet"


def log_key(source: str, content_hash: str) -> str:
    """The object that says what became of a file."""
    return f"{table_prefix(INGESTION_LOG)}{source}/{content_hash}.json"


def claim_key(source: str, content_hash: str) -> str:
    """The object that the first attempt at a file leaves behind."""
    return f"{CLAIMS}/{source}/{content_hash}.json"
