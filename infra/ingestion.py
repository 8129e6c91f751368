"""From a file in landing to rows in raw: S3 event → queue → function, with a queue for what fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.function_code import function_archive
from infra.naming import Naming
from infra.policies import accept_bucket_events
from lake.contracts import SourceContract

RUNTIME = "python3.12"

_TIMEOUT_SECONDS = 120
_BATCH_SIZE = 10
# A message that failed so often is not failing by chance.
_MAX_RECEIVES = 5
_DEAD_LETTERS_KEPT_SECONDS = 14 * 24 * 3600
_PANDAS_LAYER = ("336392948345", "AWSSDKPandas-Python312")
_POWERTOOLS_LAYER = ("017000801446", "AWSLambdaPowertoolsPythonV3-python312-x86_64")


@dataclass(frozen=True)
class IngestionArgs:
    """Ingestion.

    Attributes:
        naming: What things are called.
        contracts: The sources.
        landing_bucket: Where files arrive.
        raw_bucket: Where rows go.
        raw_database: Whose tables get the partitions.
        role_arn: The function's role.
        needs: What must be there before the first file is taken in: the role's rights, the tables.
        concurrency: How many batches are worked on at the same time.
        memory_mb: The function's memory, and with it its processor time.
        log_retention_days: How long its logs are kept.
        pandas_layer_version: The version of the layer that brings pyarrow.
        powertools_layer_version: The version of the layer that brings Powertools.
    """

    naming: Naming
    contracts: Sequence[SourceContract]
    landing_bucket: pulumi.Input[str]
    raw_bucket: pulumi.Input[str]
    raw_database: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    needs: Sequence[pulumi.Resource]
    concurrency: int
    memory_mb: int
    log_retention_days: int
    pandas_layer_version: int
    powertools_layer_version: int


def function_name(naming: Naming) -> str:
    """The name of the ingest function, and of its queue."""
    return naming.name("ingest")


def log_group_name(naming: Naming) -> str:
    """Where the ingest function logs."""
    return f"/aws/lambda/{function_name(naming)}"


class Ingestion(pulumi.ComponentResource):
    """The queue of landing's events and the function that works it off."""

    def __init__(self, name: str, args: IngestionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:ingestion:Ingestion", name, None, opts)
        self._args = args
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = aws.sqs.Queue(
            "ingest-dead-letters",
            name=self._naming.name("ingest-dead-letters"),
            message_retention_seconds=_DEAD_LETTERS_KEPT_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=self._naming.tags,
            opts=self._child,
        )
        self.queue = self._queue()
        self.function = self._function()
        self._connect()
        self.register_outputs({"function": self.function.name, "queue_url": self.queue.url})

    def _queue(self) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            "ingest-queue",
            name=function_name(self._naming),
            # Six times the function's time limit, as AWS advises: throttled batches do not come twice.
            visibility_timeout_seconds=6 * _TIMEOUT_SECONDS,
            redrive_policy=self.dead_letters.arn.apply(
                lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": _MAX_RECEIVES})
            ),
            sqs_managed_sse_enabled=True,
            tags=self._naming.tags,
            opts=self._child,
        )

    def _function(self) -> aws.lambda_.Function:
        args, naming = self._args, self._naming
        log_group = aws.cloudwatch.LogGroup(
            "ingest-logs",
            name=log_group_name(naming),
            retention_in_days=args.log_retention_days,
            tags=naming.tags,
            opts=self._child,
        )
        return aws.lambda_.Function(
            "ingest-function",
            name=function_name(naming),
            description="Takes files from landing into raw.",
            runtime=RUNTIME,
            handler="ingest.handler.handle",
            code=function_archive("ingest", args.contracts),
            role=args.role_arn,
            timeout=_TIMEOUT_SECONDS,
            memory_size=args.memory_mb,
            layers=[
                naming.public_layer_arn(*_PANDAS_LAYER, args.pandas_layer_version),
                naming.public_layer_arn(*_POWERTOOLS_LAYER, args.powertools_layer_version),
            ],
            environment={
                "variables": {
                    "RAW_BUCKET": args.raw_bucket,
                    "RAW_DATABASE": args.raw_database,
                    "POWERTOOLS_SERVICE_NAME": "ingest",
                }
            },
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[log_group]),
        )

    def _connect(self) -> None:
        aws.lambda_.EventSourceMapping(
            "ingest-source",
            event_source_arn=self.queue.arn,
            function_name=self.function.name,
            batch_size=_BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": self._args.concurrency},
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.needs)),
        )
        # S3 tries the queue when it is configured, so the queue must already accept it.
        queue_policy = aws.sqs.QueuePolicy(
            "ingest-queue-policy",
            queue_url=self.queue.url,
            policy=accept_bucket_events(
                self._naming, function_name(self._naming), self._naming.bucket("landing")
            ),
            opts=self._child,
        )
        aws.s3.BucketNotification(
            "landing-events",
            bucket=self._args.landing_bucket,
            queues=[{"id": "ingest", "queue_arn": self.queue.arn, "events": ["s3:ObjectCreated:*"]}],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue_policy]),
        )
