"""What a role may do with queues, streams and topics."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement, title


def receive_messages(naming: Naming, queue: str) -> tuple[Statement, ...]:
    """Take messages from a queue, as an event source mapping does with the function's rights."""
    actions = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
    return (Statement(title(naming, "Receive", queue), actions, (naming.arn("sqs", queue),)),)


def send_messages(naming: Naming, queue: str) -> tuple[Statement, ...]:
    """Put messages into a queue."""
    return (Statement(title(naming, "Send", queue), ("sqs:SendMessage",), (naming.arn("sqs", queue),)),)


def put_records(naming: Naming, stream: str) -> tuple[Statement, ...]:
    """Put records into a stream."""
    arn = naming.arn("kinesis", f"stream/{stream}")
    return (Statement(title(naming, "PutRecords", stream), ("kinesis:PutRecords",), (arn,)),)


def read_stream(naming: Naming, stream: str) -> tuple[Statement, ...]:
    """Read a stream from its beginning to its end.

    https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    """
    actions = (
        "kinesis:DescribeStream",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    )
    return (
        Statement(title(naming, "ReadStream", stream), actions, (naming.arn("kinesis", f"stream/{stream}"),)),
    )
