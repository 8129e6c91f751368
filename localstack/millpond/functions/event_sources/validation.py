"""What event source mappings may say, and their translation from the service to the poller."""

from __future__ import annotations

from typing import Any, cast

from moto.awslambda.models import EventSourceMapping
from moto.sqs.models import sqs_backends

from millpond.functions.event_sources.filters import patterns_of
from millpond.functions.event_sources.mapping import Mapping
from millpond.functions.event_sources.registry import poller_for
from millpond.functions.exceptions import InvalidParameterValue, UnsupportedFeature
from millpond.functions.invoke_configs import check_record_destination
from millpond.functions.target import InvocationTarget, ResolveTarget
from millpond.iam.enforcement import AccessDeniedError
from millpond.kinesis import find_stream
from millpond.sqs import ConcurrentQueue

# What a mapping may have on AWS and is not done here yet.
_UNSUPPORTED = ("KMSKeyArn", "ProvisionedPollerConfig", "TumblingWindowInSeconds")


def check_mapping(spec: dict[str, Any], target: InvocationTarget, account_id: str, region: str) -> None:
    """Refuse a mapping that cannot work, in Lambda's words.

    Raises:
        UnsupportedFeature: The source or a setting is not supported here.
        InvalidParameterValue: The settings contradict each other or the queue.
    """
    arn = spec.get("EventSourceArn") or ""
    if not arn:
        raise InvalidParameterValue("Unrecognized event source.")
    poller_for(arn)
    for name in _UNSUPPORTED:
        if spec.get(name):
            raise UnsupportedFeature(f"{name} of event source mappings")
    patterns_of(spec.get("FilterCriteria"))
    if arn.split(":")[2] == "kinesis":
        _check_stream(spec, arn, target)
        if destination := on_failure_of(spec.get("DestinationConfig")):
            check_record_destination(destination)
        return
    if on_failure_of(spec.get("DestinationConfig")):
        raise InvalidParameterValue(
            "Unsupported DestinationConfig parameter for given event source mapping type."
        )
    _check_batching(spec, fifo=arn.endswith(".fifo"))
    _check_queue(arn, target, account_id, region)
    _check_rights(arn, target)


def mapping_of(stored: EventSourceMapping, resolve: ResolveTarget) -> Mapping:
    """A mapping as its poller needs it."""
    return Mapping(
        uuid=stored.uuid,
        account_id=stored.account_id,
        region=stored.region,
        event_source_arn=stored.event_source_arn,
        resolve=resolve,
        batch_size=stored.batch_size,
        maximum_batching_window_in_seconds=stored.max_batch_window or 0,
        report_batch_item_failures="ReportBatchItemFailures" in (stored.function_response_types or []),
        filter_patterns=patterns_of(stored.filter_criteria),
        maximum_concurrency=(stored.scaling_config or {}).get("MaximumConcurrency"),
        starting_position=stored.starting_position,
        starting_timestamp=stored.starting_position_timestamp,
        maximum_record_age_in_seconds=_or_for_ever(stored.max_record_age),
        maximum_retry_attempts=_or_for_ever(stored.max_retry_attempts),
        bisect_batch_on_function_error=bool(stored.bisect_on_error),
        on_failure_arn=on_failure_of(stored.destination_config),
    )


def on_failure_of(destination_config: dict[str, Any] | None) -> str | None:
    """Who is told of what is given up."""
    destination: str | None = ((destination_config or {}).get("OnFailure") or {}).get("Destination")
    return destination


def _check_batching(spec: dict[str, Any], *, fifo: bool) -> None:
    batch_size = spec.get("BatchSize") or 10
    window = spec.get("MaximumBatchingWindowInSeconds") or 0
    most = 10 if fifo else 10_000
    if not 1 <= batch_size <= most:
        raise InvalidParameterValue(f"BatchSize {batch_size} exceeds the max of {most}")
    if fifo and window:
        raise InvalidParameterValue("Batching window is not supported for FIFO queues")
    if batch_size > 10 and not window:
        raise InvalidParameterValue(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    concurrency = (spec.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if concurrency is not None and not 2 <= concurrency <= 1000:
        raise InvalidParameterValue("MaximumConcurrency must be between 2 and 1000")


def _or_for_ever(limit: int | None) -> int:
    return -1 if limit is None else int(limit)


def _check_stream(spec: dict[str, Any], arn: str, target: InvocationTarget) -> None:
    if (spec.get("ParallelizationFactor") or 1) > 1:
        raise UnsupportedFeature("ParallelizationFactor above 1 of event source mappings")
    batch_size = spec.get("BatchSize") or 100
    if not 1 <= batch_size <= 10_000:
        raise InvalidParameterValue(f"BatchSize {batch_size} exceeds the max of 10000")
    position = spec.get("StartingPosition")
    if position not in ("LATEST", "TRIM_HORIZON", "AT_TIMESTAMP"):
        raise InvalidParameterValue(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: "
            "Member must not be null."
        )
    if (position == "AT_TIMESTAMP") != (spec.get("StartingPositionTimestamp") is not None):
        raise InvalidParameterValue("StartingPositionTimestamp goes with the starting position AT_TIMESTAMP.")
    if find_stream(arn) is None:
        raise InvalidParameterValue(f"Stream not found: {arn}")
    name = arn.rpartition("/")[2]
    for operation in ("GetRecords", "GetShardIterator", "DescribeStream"):
        try:
            target.definition.actor.check("kinesis", operation, StreamName=name)
        except AccessDeniedError:
            raise InvalidParameterValue(
                f"Cannot access stream {arn}. Please ensure the role can perform the GetRecords, "
                "GetShardIterator, DescribeStream, ListShards, and DescribeStreamSummary Actions on your "
                "stream in IAM."
            ) from None


def _check_rights(arn: str, target: InvocationTarget) -> None:
    """The function's role must let Lambda read the queue."""
    _, _, _, _, account_id, name = arn.split(":", 5)
    for operation in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        try:
            target.definition.actor.check("sqs", operation, QueueUrl=f"https://sqs/{account_id}/{name}")
        except AccessDeniedError:
            raise InvalidParameterValue(
                f"The provided execution role does not have permissions to call {operation} on SQS"
            ) from None


def _check_queue(arn: str, target: InvocationTarget, account_id: str, region: str) -> None:
    queue = cast(ConcurrentQueue | None, sqs_backends[account_id][region].queues.get(arn.rpartition(":")[2]))
    if queue is None or queue.queue_arn != arn:
        raise InvalidParameterValue(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    timeout = target.definition.timeout_seconds
    if queue.visibility_seconds < timeout:
        raise InvalidParameterValue(
            f"Queue visibility timeout: {queue.visibility_seconds} seconds "
            f"is less than Function timeout: {timeout} seconds"
        )
