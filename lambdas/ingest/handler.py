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
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from ingest.ingestion import Ingestion
from ingest.ledger import Ledger
from ingest.raw_writer import RawWriter
from ingest.s3_events import created_files
from lake.contract_files import read_json_folder

# Written into the archive by the deployment.
CONTRACTS = Path(__file__).parent.parent / "contracts"

logger = Logger(service="ingest")
_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take in the files of a batch; answers which messages failed."""
    return dict(process_partial_response(event, _ingest_message, _processor, context))


def _ingest_message(record: SQSRecord) -> None:
    for file in created_files(record.body):
        try:
            entry = _ingestion().ingest(file)
        except Exception:
            logger.exception("not taken in, to be tried again", extra={"source_file": str(file)})
            raise
        if entry is None:
            logger.info("already taken in", extra={"source_file": str(file)})
        elif entry.status == "refused" or entry.quarantined:
            logger.warning("taken in with losses", extra=asdict(entry))
        else:
            logger.info("taken in", extra=asdict(entry))


@functools.cache
def _ingestion() -> Ingestion:
    """What a worker keeps from one event to the next: connections, contracts, registered partitions."""
    return connect(CONTRACTS)


def connect(contracts: Path) -> Ingestion:
    """An ingestion with the endpoint, region and credentials of the environment."""
    s3, glue = boto3.client("s3"), boto3.client("glue")
    bucket, database = os.environ["RAW_BUCKET"], os.environ["RAW_DATABASE"]
    return Ingestion(
        contracts=read_json_folder(contracts),
        landing=s3,
        writer=RawWriter(s3, glue, bucket, database),
        ledger=Ledger(s3, bucket, lambda: datetime.datetime.now(datetime.UTC).replace(tzinfo=None)),
    )
