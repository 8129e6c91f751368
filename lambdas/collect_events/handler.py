"""The function's entry: a request of the HTTP API."""

from __future__ import annotations

import datetime
import functools
import os
import time
from pathlib import Path
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from collect_events.collection import Collection
from collect_events.stream import EventStream
from lake.contract_files import read_folder

# Where the deployment puts it in the archive; the variable CONTRACTS names another folder.
CONTRACTS = Path(__file__).parent.parent / "contracts"

logger = Logger(service="collect-events")
metrics = Metrics(namespace=os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "lake"), service="collect-events")


@logger.inject_lambda_context
@metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take the events of a request into the stream, and answer."""
    collected = _collection().collect(event)
    for name in ("accepted", "rejected", "lost"):
        metrics.add_metric(f"events_{name}", MetricUnit.Count, getattr(collected, name))
    if collected.response["statusCode"] >= 400:
        logger.warning("not taken whole", extra={"answer": collected.response["body"]})
    return collected.response


@functools.cache
def _collection() -> Collection:
    """What a worker keeps from one request to the next: the connection and the contract."""
    contracts = read_folder(Path(os.environ.get("CONTRACTS", CONTRACTS)))
    (contract,) = (contract for contract in contracts if contract.delivery == "stream")
    stream = EventStream(boto3.client("kinesis"), os.environ["STREAM_NAME"], time.sleep)
    return Collection(contract, stream, lambda: datetime.datetime.now(datetime.UTC).replace(tzinfo=None))
