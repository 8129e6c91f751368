"""A queue that many threads may use at once.

moto's queue hands a message to two receivers that ask at the same moment, and loses one that
is sent while another is deleted. Here everything that touches the messages holds the queue's
lock, and a send, or the end of a visibility timeout, wakes those who wait.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import DEDUPLICATION_TIME_IN_SECONDS, Message, Queue

# What moto makes. Like AWS, a queue remembers no handle of a message that is gone: one that is
# well-formed can be deleted any number of times.
_RECEIPT_HANDLE = re.compile("[a-z]{185}")
# A waiter looks at the messages at least that often, whatever happened to its clock.
_LONGEST_WAIT = 5.0


class ConcurrentQueue(Queue):
    """moto's queue with a lock, an index of receipt handles, and no functions called from within."""

    BASE_ATTRIBUTES = [*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"]  # noqa: RUF012 - moto has it so
    redrive_allow_policy: str = ""
    """Which queues may send their dead letters here; moto takes it and never tells it."""

    def __init__(self, name: str, region: str, account_id: str, **attributes: Any) -> None:
        super().__init__(name, region, account_id, **attributes)
        self._received: dict[str, Message] = {}
        # When which deduplication id was sent, also after its message is gone; the oldest first.
        self._sent: dict[tuple[str, str | None], float] = {}

    def _set_attributes(self, attributes: dict[str, Any], now: float | None = None) -> None:
        """Set the attributes that are named; moto drops the policy whenever it is not among them."""
        kept = getattr(self, "_policy_json", None)
        super()._set_attributes(attributes, now)
        if kept is not None and "Policy" not in attributes:
            self._policy_json = kept

    @property
    def attributes(self) -> dict[str, Any]:
        """What GetQueueAttributes tells; an empty policy is none."""
        told: dict[str, Any] = super().attributes
        return {name: value for name, value in told.items() if name != "RedriveAllowPolicy" or value}

    @property
    def visibility_seconds(self) -> int:
        """How long a received message stays invisible unless the receiver says otherwise."""
        return int(self.visibility_timeout)  # type: ignore[attr-defined]  # moto sets it by name

    def add_message(self, message: Message) -> None:
        """Append a message, unless a FIFO queue has seen it in the last five minutes."""
        with self._messages_lock:
            moved = any(message.all_receipt_handles)  # from another queue: it was taken already
            if self.fifo_queue and not moved and self._is_duplicate(message):
                return
            self._messages.append(message)
            self._messages_lock.notify_all()

    def receive(self, count: int, visibility_timeout: int, max_bytes: int | None = None) -> list[Message]:
        """Take messages off the visible ones for a while; the list holds copies.

        Messages received too often go to the dead-letter queue, expired ones go away.

        Args:
            count: How many at most.
            visibility_timeout: How many seconds they stay invisible to others.
            max_bytes: The size of all bodies together, if it is limited.
        """
        taken: list[Message] = []
        exhausted: list[Message] = []
        with self._messages_lock:
            now = unix_time_millis()
            busy_groups = self._busy_groups(now)
            size = 0
            for message in self._in_order():
                if len(taken) == count:
                    break
                if not _is_available(message, now) or message.group_id in busy_groups:
                    continue
                if self._is_expired(message, now):
                    self._remove(message)
                elif self._is_exhausted(message):
                    self._remove(message)
                    exhausted.append(message)
                elif max_bytes is not None and taken and size + len(message.body) > max_bytes:
                    break
                else:
                    size += len(message.body)
                    taken.append(self._take(message, visibility_timeout))
        # Outside of this queue's lock: two queues may be each other's dead-letter queue.
        for message in exhausted:
            if self.dead_letter_queue is not None:
                self.dead_letter_queue.add_message(message)
        return taken

    def delete_message(self, receipt_handle: str) -> None:
        """Remove a message for good; deleting it twice is no error."""
        with self._messages_lock:
            message = self._received.get(receipt_handle)
            if message is not None:
                self._remove(message)
                self._messages_lock.notify_all()  # a FIFO group may be free now
            elif not _RECEIPT_HANDLE.fullmatch(receipt_handle):
                raise ReceiptHandleIsInvalid

    def set_visibility(self, receipt_handle: str, seconds: int) -> None:
        """Make a received message visible again in so many seconds."""
        with self._messages_lock:
            message = self._received.get(receipt_handle)
            if message is None:
                raise ReceiptHandleIsInvalid
            message.change_visibility(seconds)
            self._messages_lock.notify_all()

    def await_messages(self, timeout: float, count: int = 1, stop: Callable[[], bool] | None = None) -> bool:
        """Wait until `count` messages can be received; False if there are fewer when the time is up.

        Args:
            timeout: Seconds.
            count: How many messages to wait for.
            stop: Ends the wait when it is true; whoever makes it true calls `wake`.
        """
        end = unix_time_millis() + timeout * 1000
        with self._messages_lock:
            while True:
                now = unix_time_millis()
                waiting, next_change = self._availability(now, count)
                if waiting == count:
                    return True
                if now >= end or (stop is not None and stop()):
                    return False
                seconds = (min(end, next_change) - now) / 1000
                self._messages_lock.wait(min(max(seconds, 0.001), _LONGEST_WAIT))

    def wake(self) -> None:
        """Let those who wait look again whether they should stop."""
        with self._messages_lock:
            self._messages_lock.notify_all()

    def _availability(self, now: float, enough: int) -> tuple[int, float]:
        """How many messages can be received, up to `enough`, and when (in ms) the next one can."""
        busy_groups = self._busy_groups(now)
        available, next_change = 0, float("inf")
        for message in self._messages:
            if not _is_available(message, now):
                next_change = min(next_change, max(message.visible_at, message.delayed_until))
            elif message.group_id not in busy_groups:
                available += 1
                if available == enough:
                    break
        return available, next_change

    def _take(self, message: Message, visibility_timeout: int) -> Message:
        message.mark_received(visibility_timeout=visibility_timeout)
        self._received[str(message.receipt_handle)] = message
        return copy.copy(message)

    def _remove(self, message: Message) -> None:
        if message in self._messages:  # a purge may have been faster
            self._messages.remove(message)
        for handle in message.all_receipt_handles:
            if handle is not None:
                self._received.pop(handle, None)

    def _busy_groups(self, now: float) -> set[str]:
        """FIFO groups with a message in flight: the next one must wait for it."""
        if not self.fifo_queue:
            return set()
        return {
            message.group_id for message in self._messages if message.group_id and message.visible_at > now
        }

    def _in_order(self) -> list[Message]:
        """The messages as they are received: those of a FIFO group one after the other."""
        if not self.fifo_queue:
            return list(self._messages)
        groups: dict[str | None, list[Message]] = {}
        for message in self._messages:
            groups.setdefault(message.group_id, []).append(message)
        return [message for group in groups.values() for message in group]

    def _is_duplicate(self, message: Message) -> bool:
        """Whether a FIFO queue has taken such a message in the last five minutes; it remembers this one."""
        if message.deduplication_id is None:
            return False
        now = unix_time_millis()
        earliest = now - DEDUPLICATION_TIME_IN_SECONDS * 1000
        while self._sent and next(iter(self._sent.values())) < earliest:
            del self._sent[next(iter(self._sent))]
        per_group = getattr(self, "deduplication_scope", None) == "messageGroup"
        key = (message.deduplication_id, message.group_id if per_group else None)
        if key in self._sent:
            return True
        self._sent[key] = now
        return False

    def _is_expired(self, message: Message, now: float) -> bool:
        retention: int = self.message_retention_period  # type: ignore[attr-defined]  # moto sets it by name
        return (message.sent_timestamp or 0) + retention * 1000 <= now

    def _is_exhausted(self, message: Message) -> bool:
        if self.dead_letter_queue is None or not self.redrive_policy:
            return False
        return message.approximate_receive_count >= int(self.redrive_policy["maxReceiveCount"])


def _is_available(message: Message, now: float) -> bool:
    return message.visible_at <= now and message.delayed_until <= now
