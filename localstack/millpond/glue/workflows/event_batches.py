"""Events that wait until there are enough of them, or long enough, to start a workflow.

https://docs.aws.amazon.com/glue/latest/dg/starting-workflow-eventbridge.html
"""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Hashable

from millpond.schedules import At, Clock

_LONGEST_WINDOW = 900

Start = Callable[[list[str]], None]
"""Starts the workflow with the ids of events."""


class EventBatches:
    """The events that wait, by trigger.

    Args:
        clock: Ends the windows.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, list[str]] = {}

    def add(self, key: Hashable, event_id: str, size: int, window: int | None, start: Start) -> None:
        """Let an event wait for others; the one that makes the batch full starts the workflow at once.

        Args:
            key: The trigger.
            event_id: The event's.
            size: How many events make a batch.
            window: Seconds after which a batch that is not full starts it too.
            start: What to do with the batch.
        """
        with self._lock:
            batch = self._waiting.setdefault(key, [])
            batch.append(event_id)
            if len(batch) == 1 and size > 1:
                seconds = datetime.timedelta(seconds=window or _LONGEST_WINDOW)
                end = At(datetime.datetime.now(datetime.UTC) + seconds)
                self._clock.set(("batch", key), end, lambda _: self._flush(key, start))
            full = len(batch) >= size
        if full:
            self._flush(key, start)

    def _flush(self, key: Hashable, start: Start) -> None:
        with self._lock:
            batch = self._waiting.pop(key, [])
            self._clock.cancel(("batch", key))
        if batch:
            start(batch)
