"""Reads the shards of a stream and invokes a function with batches of their records, in order.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html

Each shard has a thread, which goes on to the next batch when the function is done with the one before, or
when the mapping says that it has been tried often or long enough. A shard that another was split or merged
into is begun when its parents have been read to their ends.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from datetime import UTC, datetime
from functools import partial
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
from millpond.kinesis import OrderedStream, find_stream

_log = logging.getLogger(__name__)

_MISSING_SECONDS = 0.5
_LONGEST_WAIT = 60.0
_FIRST_RETRY_SECONDS = 0.1
_LONGEST_RETRY_SECONDS = 5.0
_BEGIN = 0
_FOR_EVER = -1


class KinesisPoller:
    """One mapping's threads: one that looks for shards, and one for each shard."""

    def __init__(self, mapping: Mapping, pool: EnvironmentPool, max_concurrency: int) -> None:
        self._mapping = mapping
        self._pool = pool
        self._stopped = threading.Event()
        self._finished: set[str] = set()
        self._started: set[str] = set()
        self._thread = threading.Thread(target=self._look_for_shards, name="kinesis-poller", daemon=True)
        self._begin = self._positions()
        self._thread.start()

    def stop(self) -> None:
        """See `Poller`."""
        self._stopped.set()
        if (stream := find_stream(self._mapping.event_source_arn)) is not None:
            stream.wake()
        self._pool.wake()

    def join(self, timeout: float) -> None:
        """See `Poller`."""
        self._thread.join(timeout)

    def _positions(self) -> dict[str, int]:
        """After which record of each shard that is there now reading begins."""
        stream = find_stream(self._mapping.event_source_arn)
        return {shard.shard_id: self._position(shard) for shard in stream.shards.values()} if stream else {}

    def _position(self, shard: Shard) -> int:
        if self._mapping.starting_position == "LATEST":
            return shard.get_max_sequence_number()
        if self._mapping.starting_position == "AT_TIMESTAMP":
            return shard.get_sequence_number_at(float(self._mapping.starting_timestamp or 0))
        return _BEGIN

    def _look_for_shards(self) -> None:
        while not self._stopped.is_set():
            stream = find_stream(self._mapping.event_source_arn)
            if stream is None:
                self._stopped.wait(_MISSING_SECONDS)
                continue
            for shard in list(stream.shards.values()):
                if shard.shard_id not in self._started and self._parents_are_read(shard):
                    self._start(stream, shard)
            stream.wait(partial(self._may_go_on, stream), _LONGEST_WAIT)

    def _start(self, stream: OrderedStream, shard: Shard) -> None:
        self._started.add(shard.shard_id)
        after = self._begin.get(shard.shard_id, _BEGIN)
        reader = _ShardReader(self._mapping, self._pool, stream, shard, after, self._stopped)

        def read() -> None:
            if reader.read_to_end():
                self._finished.add(shard.shard_id)
                stream.wake()

        threading.Thread(target=read, name=f"kinesis-{shard.shard_id}", daemon=True).start()

    def _parents_are_read(self, shard: Shard) -> bool:
        parents = {shard.parent, shard.adjacent_parent} - {None}
        return parents <= self._finished

    def _may_go_on(self, stream: OrderedStream) -> bool:
        """Whether there is a shard to begin, or nothing to read any more."""
        is_over = self._stopped.is_set() or find_stream(self._mapping.event_source_arn) is not stream
        return is_over or any(
            shard.shard_id not in self._started and self._parents_are_read(shard)
            for shard in stream.shards.values()
        )


class _ShardReader:
    """Works off one shard."""

    def __init__(
        self,
        mapping: Mapping,
        pool: EnvironmentPool,
        stream: OrderedStream,
        shard: Shard,
        after: int,
        stopped: threading.Event,
    ) -> None:
        self._mapping = mapping
        self._pool = pool
        self._stream = stream
        self._shard = shard
        self._after = after
        self._stopped = stopped
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
        while not self._is_over():
            records = self._next_records()
            if records:
                if not self._work_off([r for r in records if self._filter.accepts(_filtered(r))]):
                    return False
                self._after = records[-1].sequence_number
                self._mapping.checkpoints.done(self._shard.shard_id, self._after)
            elif not self._shard.is_open:
                return True
        return False

    def _is_over(self) -> bool:
        return self._stopped.is_set() or find_stream(self._mapping.event_source_arn) is not self._stream

    def _next_records(self) -> list[Record]:
        """The next batch, which may wait for more records as long as the mapping's window says."""
        size = self._mapping.batch_size

        def enough(count: int) -> bool:
            found = len(self._stream.read(self._shard.shard_id, self._after, count))
            return found >= count or not self._shard.is_open or self._is_over()

        self._stream.wait(lambda: enough(1), _LONGEST_WAIT)
        if window := self._mapping.maximum_batching_window_in_seconds:
            self._stream.wait(lambda: enough(size), window)
        return self._stream.read(self._shard.shard_id, self._after, size)

    def _work_off(self, records: list[Record]) -> bool:
        """Invoke the function with these records until it is done with them, or they are given up.

        Returns:
            Whether that is so; otherwise the mapping was stopped before.
        """
        tries, delay = 0, _FIRST_RETRY_SECONDS
        while records:
            if self._is_over():
                return False
            target = self._mapping.resolve()
            if target is None:
                self._stopped.wait(_MISSING_SECONDS)
                continue
            fresh = [record for record in records if not self._is_too_old(record)]
            if len(fresh) < len(records):
                self._give_up(records[: len(records) - len(fresh)], target, None, tries, "RecordAgeExceeded")
                records = fresh
                continue
            outcome = self._invoke(target, records)
            if outcome is None:
                return False
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
            self._stopped.wait(delay)
            delay = min(delay * 2, _LONGEST_RETRY_SECONDS)
        return True

    def _invoke(self, target: InvocationTarget, records: list[Record]) -> Outcome | None:
        """Invoke the function; None if the mapping was stopped meanwhile."""
        slot = self._pool.reserve_for_queue(
            target.definition.arn, target.reserved_concurrency, self._stopped.is_set
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
        note = {
            "requestContext": {
                "requestId": outcome.request_id if outcome else None,
                "functionArn": target.invoked_arn,
                "condition": condition,
                "approximateInvokeCount": tries,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": outcome.executed_version if outcome else target.definition.version,
                "functionError": "Unhandled" if outcome and outcome.failed else None,
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
