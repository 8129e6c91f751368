"""From a file in landing to rows in raw: S3 event → queue → function, with a queue for what fails."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.function import Function, FunctionArgs, Layers
from infra.function_code import function_archive
from infra.naming import Naming
from infra.policies.resources import accept_bucket_events, accept_from_account
from lake.contracts import SourceContract

INGEST = "ingest"
DEAD_LETTERS = "ingest-dead-letters"

_TIMEOUT_SECONDS = 120
_BATCH_SIZE = 10
# A message that failed so often is not failing by chance.
_MAX_RECEIVES = 5
_DEAD_LETTERS_KEPT_SECONDS = 14 * 24 * 3600


@dataclass(frozen=True)
class IngestionArgs:
    """Ingestion.

    Attributes:
        naming: What things are called.
        contracts: The sources that arrive as files.
        landing_bucket: Where files arrive.
        raw_bucket: Where rows go.
        raw_database: Whose tables get the partitions.
        role_arn: The function's role.
        needs: What must be there before the first file is taken in: the role's rights, the tables.
        concurrency: How many batches are worked on at the same time; reserved for the function.
        memory_mb: The function's memory, and with it its processor time.
        log_retention_days: How long its logs are kept.
        key_arn: The key that encrypts them.
        layers: The versions of the public layers.
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
    key_arn: pulumi.Input[str]
    layers: Layers

    def __post_init__(self) -> None:
        if self.concurrency < 2:
            raise ValueError("an SQS source works on at least two batches at once")


class Ingestion(pulumi.ComponentResource):
    """The queue of landing's events and the function that works it off."""

    def __init__(self, name: str, args: IngestionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:ingestion:Ingestion", name, None, opts)
        self._args = args
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = self._dead_letters()
        self.queue = self._queue()
        self.function = self._function()
        self._connect()
        self.register_outputs({"function": self.function.name, "queue_url": self.queue.url})

    def _dead_letters(self) -> aws.sqs.Queue:
        source = self._naming.arn("sqs", self._naming.name(INGEST))
        queue = aws.sqs.Queue(
            "ingest-dead-letters",
            name=self._naming.name(DEAD_LETTERS),
            message_retention_seconds=_DEAD_LETTERS_KEPT_SECONDS,
            sqs_managed_sse_enabled=True,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [source]}, separators=(",", ":")
            ),
            tags=self._naming.tags,
            opts=self._child,
        )
        aws.sqs.QueuePolicy(
            "ingest-dead-letters-policy",
            queue_url=queue.url,
            policy=accept_from_account(self._naming, self._naming.name(DEAD_LETTERS)),
            opts=self._child,
        )
        return queue

    def _queue(self) -> aws.sqs.Queue:
        return aws.sqs.Queue(
            "ingest-queue",
            name=self._naming.name(INGEST),
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
        ingest = Function(
            "ingest",
            FunctionArgs(
                naming=naming,
                function=INGEST,
                description="Takes files from landing into raw.",
                handler="ingest.handler.handle",
                code=function_archive("ingest", args.contracts),
                layers=[args.layers.pandas_arn(naming), args.layers.powertools_arn(naming)],
                role_arn=args.role_arn,
                environment={
                    "RAW_BUCKET": args.raw_bucket,
                    "RAW_DATABASE": args.raw_database,
                    "POWERTOOLS_SERVICE_NAME": "ingest",
                },
                timeout_seconds=_TIMEOUT_SECONDS,
                memory_mb=args.memory_mb,
                reserved_concurrency=args.concurrency,
                log_retention_days=args.log_retention_days,
                key_arn=args.key_arn,
            ),
            self._child,
        )
        return ingest.function

    def _connect(self) -> None:
        aws.lambda_.EventSourceMapping(
            "ingest-source",
            event_source_arn=self.queue.arn,
            function_name=self.function.name,
            batch_size=_BATCH_SIZE,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": self._args.concurrency},
            tags=self._naming.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self._args.needs)),
        )
        # S3 tries the queue when it is configured, so the queue must already accept it.
        queue_policy = aws.sqs.QueuePolicy(
            "ingest-queue-policy",
            queue_url=self.queue.url,
            policy=accept_bucket_events(
                self._naming, self._naming.name(INGEST), self._naming.bucket("landing")
            ),
            opts=self._child,
        )
        aws.s3.BucketNotification(
            "landing-events",
            bucket=self._args.landing_bucket,
            queues=[{"id": "ingest", "queue_arn": self.queue.arn, "events": ["s3:ObjectCreated:*"]}],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[queue_policy]),
        )
