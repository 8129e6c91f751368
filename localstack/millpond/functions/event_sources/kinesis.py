"""Reads the shards of a stream and invokes a function with batches of their records, in order.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html

Each shard has a thread, which goes on to the next batch when the function is done with the one before, or
when the mapping says that it has been tried often or long enough.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from moto.kinesis.models import Record, Shard

from millpond.delivery import DeliveryError
from millpond.functions.definition import Invocation, Outcome
from millpond.functions.destinations import send_record
from millpond.functions.event_sources.filters import RecordFilter
from millpond.functions.event_sources.mapping import Mapping
from millpond.functions.event_sources.responses import failed_items
from millpond.functions.exceptions import RuntimeStopped
from millpond.functions.pool import EnvironmentPool
from millpond.functions.target import InvocationTarget
from millpond.kinesis import OrderedStream, ShardWatch

_log = logging.getLogger(__name__)

_MISSING_SECONDS = 0.5
_FIRST_RETRY_SECONDS = 0.1
_LONGEST_RETRY_SECONDS = 5.0
_FOR_EVER = -1
_FAILED = "PROBLEM: Function call failed"


class KinesisPoller:
    """Reads one mapping's stream."""

    def __init__(self, mapping: Mapping, pool: EnvironmentPool, max_concurrency: int) -> None:
        self._mapping = mapping
        self._pool = pool
        self._watch = ShardWatch(mapping.event_source_arn, self._begin, self._read)
        self._watch.start()

    def stop(self) -> None:
        """See `Poller`."""
        self._watch.stop()
        self._pool.wake()

    def join(self, timeout: float) -> None:
        """See `Poller`."""
        self._watch.join(timeout)

    def _begin(self, shard: Shard) -> int:
        """After which record of a shard that is there now reading begins."""
        if self._mapping.starting_position == "LATEST":
            return shard.get_max_sequence_number()
        if self._mapping.starting_position == "AT_TIMESTAMP":
            return shard.get_sequence_number_at(float(self._mapping.starting_timestamp or 0))
        return 0

    def _read(self, stream: OrderedStream, shard: Shard, after: int) -> bool:
        return _ShardReader(self._mapping, self._pool, self._watch, stream, shard, after).read_to_end()


class _ShardReader:
    """Works off one shard."""

    def __init__(
        self,
        mapping: Mapping,
        pool: EnvironmentPool,
        watch: ShardWatch,
        stream: OrderedStream,
        shard: Shard,
        after: int,
    ) -> None:
        self._mapping = mapping
        self._pool = pool
        self._watch = watch
        self._stream = stream
        self._shard = shard
        self._after = after
        self._filter = RecordFilter(mapping.filter_patterns, payload="data")

    def read_to_end(self) -> bool:
        """Read until the shard ends, which it does only if it is closed, or until the mapping is stopped."""
        checkpoints, shard_id = self._mapping.checkpoints, self._shard.shard_id
        with checkpoints.working_on(shard_id):
            self._after = checkpoints.position(shard_id, self._after)
            try:
                return self._read()
            except RuntimeStopped:
                pass
            except Exception:
                _log.exception("Reading %s of %s failed", shard_id, self._stream.arn)
            return False

    def _read(self) -> bool:
        while not self._watch.is_over(self._stream):
            records = self._next_records()
            if records:
                if not self._work_off([r for r in records if self._filter.accepts(_filtered(r))]):
                    return False
                self._after = records[-1].sequence_number
                self._mapping.checkpoints.done(self._shard.shard_id, self._after)
            elif not self._shard.is_open:
                return True
        return False

    def _next_records(self) -> list[Record]:
        """The next batch, which may wait for more records as long as the mapping's window says."""
        size, shard = self._mapping.batch_size, self._shard
        self._watch.await_records(self._stream, shard, self._after, 1)
        if window := self._mapping.maximum_batching_window_in_seconds:
            self._watch.await_records(self._stream, shard, self._after, size, window)
        return self._stream.read(shard.shard_id, self._after, size)

    def _work_off(self, records: list[Record]) -> bool:
        """Invoke the function with these records until it is done with them, or they are given up.

        Returns:
            Whether that is so; otherwise the mapping was stopped before.
        """
        tries, delay = 0, _FIRST_RETRY_SECONDS
        while records:
            if self._watch.is_over(self._stream):
                return False
            target = self._mapping.resolve()
            if target is None:
                self._watch.pause(_MISSING_SECONDS)
                continue
            fresh = [record for record in records if not self._is_too_old(record)]
            if len(fresh) < len(records):
                self._give_up(records[: len(records) - len(fresh)], target, None, tries, "RecordAgeExceeded")
                records = fresh
                continue
            outcome = self._invoke(target, records)
            if outcome is None:
                return False
            self._mapping.checkpoints.last_result = _FAILED if outcome.failed else "OK"
            left = self._left(records, outcome)
            if not left:
                return True
            if len(left) < len(records):
                tries = 0
            elif self._mapping.bisect_batch_on_function_error and outcome.failed and len(left) > 1:
                middle = len(left) // 2
                return self._work_off(left[:middle]) and self._work_off(left[middle:])
            records, tries = left, tries + 1
            if 0 <= self._mapping.maximum_retry_attempts < tries:
                self._give_up(records, target, outcome, tries, "RetryAttemptsExhausted")
                return True
            self._watch.pause(delay)
            delay = min(delay * 2, _LONGEST_RETRY_SECONDS)
        return True

    def _invoke(self, target: InvocationTarget, records: list[Record]) -> Outcome | None:
        """Invoke the function; None if the mapping was stopped meanwhile."""
        slot = self._pool.reserve_for_queue(
            target.definition.arn, target.reserved_concurrency, self._watch.is_stopped
        )
        if slot is None:
            return None
        role, source = target.definition.role, self._mapping.event_source_arn
        described = [kinesis_record(record, self._shard, role, source) for record in records]
        with slot:
            payload = json.dumps({"Records": described}).encode()
            return slot.run(target.definition, Invocation(payload, target.invoked_arn))

    def _left(self, records: list[Record], outcome: Outcome) -> list[Record]:
        """What is to be tried again: all from the first record on that failed."""
        if outcome.failed:
            return records
        if not self._mapping.report_batch_item_failures:
            return []
        numbers = [str(record.sequence_number) for record in records]
        failed = failed_items(outcome.payload, numbers)
        first = next((place for place, number in enumerate(numbers) if number in failed), len(records))
        return records[first:]

    def _is_too_old(self, record: Record) -> bool:
        limit = self._mapping.maximum_record_age_in_seconds
        return limit != _FOR_EVER and time.time() - record.created_at > limit

    def _give_up(
        self,
        records: list[Record],
        target: InvocationTarget,
        outcome: Outcome | None,
        tries: int,
        condition: str,
    ) -> None:
        """Say where records lie that the function will not see again, if somebody wants to know.

        https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
        """
        _log.warning(
            "%s gives up %d records of %s: %s",
            target.invoked_arn,
            len(records),
            self._mapping.event_source_arn,
            condition,
        )
        if not self._mapping.on_failure_arn:
            return
        note: dict[str, Any] = {
            "requestContext": {
                "requestId": outcome.request_id if outcome else str(uuid.uuid4()),
                "functionArn": target.invoked_arn,
                "condition": condition,
                "approximateInvokeCount": tries,
            },
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "KinesisBatchInfo": {
                "shardId": self._shard.shard_id,
                "startSequenceNumber": str(records[0].sequence_number),
                "endSequenceNumber": str(records[-1].sequence_number),
                "approximateArrivalOfFirstRecord": _iso(records[0]),
                "approximateArrivalOfLastRecord": _iso(records[-1]),
                "batchSize": len(records),
                "streamArn": self._mapping.event_source_arn,
            },
        }
        if outcome is not None:
            note["responseContext"] = {
                "statusCode": 200,
                "executedVersion": outcome.executed_version,
                "functionError": "Unhandled" if outcome.failed else None,
            }
        try:
            send_record(self._mapping.on_failure_arn, note, target.definition.actor)
        except DeliveryError:
            _log.exception("The destination %s took no record", self._mapping.on_failure_arn)


def kinesis_record(record: Record, shard: Shard, role: str, stream_arn: str) -> dict[str, Any]:
    """A record as it stands in the event.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    """
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": str(record.sequence_number),
            "data": record.data,
            "approximateArrivalTimestamp": round(record.created_at, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard.shard_id}:{record.sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": role,
        "awsRegion": stream_arn.split(":")[3],
        "eventSourceARN": stream_arn,
    }


def _filtered(record: Record) -> dict[str, Any]:
    """A record as filters see it: its data is text or JSON there."""
    return {
        "data": record.to_json()["Data"].decode(errors="replace"),
        "partitionKey": record.partition_key,
        "sequenceNumber": str(record.sequence_number),
        "approximateArrivalTimestamp": record.created_at,
    }


def _iso(record: Record) -> str:
    moment = datetime.fromtimestamp(record.created_at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
