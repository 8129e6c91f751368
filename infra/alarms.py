"""What must not go on unnoticed in a lake, as a table of alarms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

_MINUTE = 60


@dataclass(frozen=True)
class Metric:
    """A metric of CloudWatch: one line of the dashboard."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str


@dataclass(frozen=True)
class Alarm:
    """Something that must not go on unnoticed.

    Attributes:
        name: What it is called.
        description: What has happened and what to do.
        metric: What is watched.
        threshold: It rings above this.
        minutes: And when it stays there so long.
        rings_below: It rings below the threshold in place of above it.
        rings_without_data: It rings too when there is nothing to compare; elsewhere, where nothing happens,
            nothing is wrong.
    """

    name: str
    description: str
    metric: Metric
    threshold: float
    minutes: int = 5
    rings_below: bool = False
    rings_without_data: bool = False


@dataclass(frozen=True)
class Watched:
    """What the lake's alarms are about.

    Attributes:
        functions: The functions, by name.
        queue: The queue of files.
        dead_letters: Where files end that cannot be taken in.
        state_machine_arn: The state machine.
        stream: The stream of events; None without one.
        delivery: The delivery stream.
        api_id: The API.
    """

    functions: Mapping[str, pulumi.Input[str]]
    queue: pulumi.Input[str]
    dead_letters: pulumi.Input[str]
    state_machine_arn: pulumi.Input[str]
    stream: pulumi.Input[str] | None = None
    delivery: pulumi.Input[str] | None = None
    api_id: pulumi.Input[str] | None = None


def alarms_of(watched: Watched) -> list[Alarm]:
    """The alarms of a lake."""
    alarms = [
        Alarm(
            "files-given-up",
            "Files could not be taken in. Read the function's log, mend the cause, redrive the queue.",
            Metric(
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                {"QueueName": watched.dead_letters},
                "Maximum",
            ),
            threshold=0,
        ),
        Alarm(
            "files-waiting",
            "A file has waited for half an hour. Is the function throttled, or too slow?",
            Metric("AWS/SQS", "ApproximateAgeOfOldestMessage", {"QueueName": watched.queue}, "Maximum"),
            threshold=30 * _MINUTE,
        ),
        Alarm(
            "batch-load-failed",
            "A batch load failed. The execution's history says in which state.",
            Metric("AWS/States", "ExecutionsFailed", {"StateMachineArn": watched.state_machine_arn}, "Sum"),
            threshold=0,
        ),
    ]
    for name, function in watched.functions.items():
        dimensions = {"FunctionName": function}
        alarms += [
            Alarm(
                f"{name}-errors",
                "The function fails. Its log says why.",
                Metric("AWS/Lambda", "Errors", dimensions, "Sum"),
                threshold=0,
            ),
            Alarm(
                f"{name}-throttles",
                "The function is called more often than its concurrency allows.",
                Metric("AWS/Lambda", "Throttles", dimensions, "Sum"),
                threshold=0,
                minutes=15,
            ),
        ]
    if watched.stream is not None and watched.delivery is not None and watched.api_id is not None:
        alarms += [
            Alarm(
                "events-refused-by-stream",
                "The stream takes fewer events than arrive; the API answers 503 and the pages try again.",
                Metric(
                    "AWS/Kinesis", "WriteProvisionedThroughputExceeded", {"StreamName": watched.stream}, "Sum"
                ),
                threshold=0,
            ),
            Alarm(
                "events-not-delivered",
                "Events have waited for half an hour on their way to raw. The delivery's log says why.",
                Metric(
                    "AWS/Firehose",
                    "DeliveryToS3.DataFreshness",
                    {"DeliveryStreamName": watched.delivery},
                    "Maximum",
                ),
                threshold=30 * _MINUTE,
            ),
            Alarm(
                "events-api-errors",
                "The API of the events answers with errors of its own.",
                Metric("AWS/ApiGateway", "5xx", {"ApiId": watched.api_id}, "Sum"),
                threshold=0,
            ),
        ]
    return alarms
