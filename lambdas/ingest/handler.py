"""The function's entry: a batch of messages from the queue, each with S3 events of the landing bucket.

A message that fails goes back to the queue alone, and after some attempts to the dead-letter queue.
"""

from __future__ import annotations

import datetime
import functools
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from ingest.ingestion import Ingestion, LandedFile
from ingest.ledger import Ledger, LogEntry
from ingest.raw_writer import RawWriter
from ingest.s3_events import created_files
from lake.contract_files import read_folder

# Where the deployment puts them in the archive; the variable CONTRACTS names another folder.
CONTRACTS = Path(__file__).parent.parent / "contracts"

logger = Logger(service="ingest")


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take in the files of a batch; answers which messages failed."""
    failed = [message["messageId"] for message in event["Records"] if not _succeeds(message)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _succeeds(message: dict[str, Any]) -> bool:
    try:
        for file in created_files(message["body"]):
            _report(file, _ingestion().ingest(file))
    except Exception:
        # Whatever it was, the other messages are none the worse for it, and this one comes again.
        logger.exception("failed, to be tried again", extra={"message_body": message["body"]})
        return False
    return True


def _report(file: LandedFile, entry: LogEntry | None) -> None:
    if entry is None:
        logger.info("taken in before", extra={"source_file": str(file)})
    elif entry.status == "refused" or entry.quarantined:
        logger.warning("taken in with losses", extra=asdict(entry))
    else:
        logger.info("taken in", extra=asdict(entry))


@functools.cache
def _ingestion() -> Ingestion:
    """What a worker keeps from one event to the next: connections, contracts, registered partitions."""
    contracts = read_folder(Path(os.environ.get("CONTRACTS", CONTRACTS)))
    s3, glue = boto3.client("s3"), boto3.client("glue")
    bucket, database = os.environ["RAW_BUCKET"], os.environ["RAW_DATABASE"]

    def now() -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)

    return Ingestion(
        contracts={contract.source: contract for contract in contracts if contract.delivery == "files"},
        landing=s3,
        writer=RawWriter(s3, glue, bucket, database, now),
        ledger=Ledger(s3, bucket, now),
    )
