"""Polls a queue and invokes a function with batches of its messages.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html

A batch is received only when an environment is free for it: messages that wait here would
become visible to others before the function has seen them.
"""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from moto.sqs.models import Message, sqs_backends

from millpond.functions.definition import Invocation, Outcome
from millpond.functions.event_sources.filters import RecordFilter
from millpond.functions.event_sources.mapping import Mapping
from millpond.functions.event_sources.responses import failed_items
from millpond.functions.exceptions import RuntimeStopped
from millpond.functions.pool import EnvironmentPool, Slot
from millpond.functions.target import InvocationTarget
from millpond.iam.enforcement import AccessDeniedError
from millpond.sqs.queue import ConcurrentQueue

_log = logging.getLogger(__name__)

# The event's limit is 6 MB; the rest of a record and the escapes of its body need room, too.
_MAX_BATCH_BYTES = 4 * 1024 * 1024
# How often to look whether a queue or function that is gone has come back.
_MISSING_SECONDS = 0.5
_LONGEST_WAIT = 60.0
# How often to look whether a role that may not read the queue may do so now.
_FORBIDDEN_SECONDS = 1.0


class SqsPoller:
    """One mapping's thread, and the threads of the batches that it has started."""

    def __init__(self, mapping: Mapping, pool: EnvironmentPool, max_concurrency: int) -> None:
        self._mapping = mapping
        self._pool = pool
        self._filter = RecordFilter(mapping.filter_patterns)
        self._stopped = threading.Event()
        concurrency = min(mapping.maximum_concurrency or max_concurrency, max_concurrency)
        self._places = threading.Semaphore(concurrency)
        self._batches = ThreadPoolExecutor(concurrency, thread_name_prefix="sqs-batch")
        self._thread = threading.Thread(target=self._poll, name="sqs-poller", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """See `Poller`."""
        self._stopped.set()
        if (queue := self._queue()) is not None:
            queue.wake()
        self._pool.wake()

    def join(self, timeout: float) -> None:
        """See `Poller`."""
        self._thread.join(timeout)

    def _poll(self) -> None:
        try:
            while not self._stopped.is_set():
                self._poll_once()
        except RuntimeStopped:
            return
        finally:
            self._batches.shutdown(wait=False)  # those that run come to their end

    def _poll_once(self) -> None:
        queue = self._queue()
        target = self._mapping.resolve()
        if queue is None or target is None:
            self._stopped.wait(_MISSING_SECONDS)
        elif queue.await_messages(_LONGEST_WAIT, stop=lambda: self._is_over(queue)):
            self._fill_batch(queue)
            self._start_batch(queue, target)

    def _is_over(self, queue: ConcurrentQueue) -> bool:
        """Whether to wait for this queue no longer; a queue of the same name may have replaced it."""
        return self._stopped.is_set() or self._queue() is not queue

    def _fill_batch(self, queue: ConcurrentQueue) -> None:
        window = self._mapping.maximum_batching_window_in_seconds
        if window:
            queue.await_messages(window, self._mapping.batch_size, stop=lambda: self._is_over(queue))

    def _start_batch(self, queue: ConcurrentQueue, target: InvocationTarget) -> None:
        while not self._places.acquire(timeout=0.5):
            if self._stopped.is_set():
                return
        slot = self._pool.reserve_for_queue(
            target.definition.arn, target.reserved_concurrency, self._stopped.is_set
        )
        messages = self._receive(queue, target) if slot is not None else []
        if slot is None or not messages:
            if slot is not None:
                slot.release()
            self._places.release()
            return
        self._batches.submit(self._run_batch, queue, slot, target, messages)

    def _receive(self, queue: ConcurrentQueue, target: InvocationTarget) -> list[Message]:
        """A batch; messages that the function does not want are deleted, as on AWS."""
        if not self._may(target, "ReceiveMessage"):
            self._stopped.wait(_FORBIDDEN_SECONDS)
            return []
        messages = queue.receive(self._mapping.batch_size, queue.visibility_seconds, _MAX_BATCH_BYTES)
        wanted = []
        for message in messages:
            if self._filter.accepts(sqs_record(message, queue)):
                wanted.append(message)
            else:
                queue.delete_message(str(message.receipt_handle))
        return wanted

    def _run_batch(
        self, queue: ConcurrentQueue, slot: Slot, target: InvocationTarget, messages: list[Message]
    ) -> None:
        try:
            with slot:
                event = {"Records": [sqs_record(message, queue) for message in messages]}
                invocation = Invocation(json.dumps(event).encode(), target.invoked_arn)
                outcome = slot.run(target.definition, invocation)
            done = self._done(messages, outcome)
            for message in done if self._may(target, "DeleteMessage") else []:
                queue.delete_message(str(message.receipt_handle))
        except RuntimeStopped:
            return  # the messages become visible again
        except Exception:
            _log.exception("A batch of %s for %s failed", queue.queue_arn, target.invoked_arn)
        finally:
            self._places.release()

    def _done(self, messages: list[Message], outcome: Outcome) -> list[Message]:
        """The messages that the function is done with; the others become visible again in time."""
        if outcome.failed:
            return []
        if not self._mapping.report_batch_item_failures:
            return messages
        failed = failed_items(outcome.payload, [message.id for message in messages])
        return [message for message in messages if message.id not in failed]

    def _may(self, target: InvocationTarget, operation: str) -> bool:
        """Whether the function's role lets Lambda do this with the queue."""
        _, _, _, _, account_id, name = self._mapping.event_source_arn.split(":", 5)
        try:
            target.definition.actor.check("sqs", operation, QueueUrl=f"https://sqs/{account_id}/{name}")
        except AccessDeniedError as error:
            _log.warning("%s is not polled: %s", self._mapping.event_source_arn, error)
            return False
        return True

    def _queue(self) -> ConcurrentQueue | None:
        name = self._mapping.event_source_arn.rpartition(":")[2]
        queue = sqs_backends[self._mapping.account_id][self._mapping.region].queues.get(name)
        return cast(ConcurrentQueue | None, queue)


def sqs_record(message: Message, queue: ConcurrentQueue) -> dict[str, Any]:
    """A message as it stands in the event.

    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    """
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    optional = {
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
    }
    attributes |= {name: value for name, value in optional.items() if value is not None}
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        **({"md5OfMessageAttributes": message.attribute_md5} if message.message_attributes else {}),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    names = {"StringValue": "stringValue", "BinaryValue": "binaryValue"}
    content = {ours: _text(value[theirs]) for theirs, ours in names.items() if value.get(theirs) is not None}
    return {**content, "stringListValues": [], "binaryListValues": [], "dataType": value["DataType"]}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
