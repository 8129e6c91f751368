"""An event source mapping, as its poller knows it."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Protocol

from millpond.functions.target import ResolveTarget


class Checkpoints:
    """The last record of each of a stream's shards that the function is done with, and what came of it.

    A poller that makes way for another one may still wait for its last batch: the other one takes a shard up
    when that has ended.
    """

    def __init__(self) -> None:
        self.last_result = "No records processed"
        self._positions: dict[str, int] = {}
        self._shards: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def working_on(self, shard_id: str) -> contextlib.AbstractContextManager[bool]:
        """Waits until nobody else works on a shard, and keeps others from it."""
        return self._shards[shard_id]

    def position(self, shard_id: str, default: int) -> int:
        """The last record's number."""
        return self._positions.get(shard_id, default)

    def done(self, shard_id: str, position: int) -> None:
        """The function is done with everything up to this record."""
        self._positions[shard_id] = position


@dataclass(frozen=True)
class Mapping:
    """An enabled event source mapping, with the names of Lambda's API.

    Attributes:
        starting_position: Of a stream: `LATEST`, `TRIM_HORIZON` or `AT_TIMESTAMP`.
        starting_timestamp: For `AT_TIMESTAMP`, in seconds since 1970.
        maximum_record_age_in_seconds: Of a stream's records; -1 is for ever.
        maximum_retry_attempts: For a batch of a stream; -1 is for ever.
        on_failure_arn: Who is told of records of a stream that are given up.
        checkpoints: How far a stream's shards have been worked off, whichever poller did it.
    """

    uuid: str
    account_id: str
    region: str
    event_source_arn: str
    resolve: ResolveTarget
    batch_size: int
    maximum_batching_window_in_seconds: int = 0
    report_batch_item_failures: bool = False
    maximum_concurrency: int | None = None
    filter_patterns: tuple[str, ...] = ()
    starting_position: str | None = None
    starting_timestamp: float | None = None
    maximum_record_age_in_seconds: int = -1
    maximum_retry_attempts: int = -1
    bisect_batch_on_function_error: bool = False
    on_failure_arn: str | None = None
    checkpoints: Checkpoints = field(default_factory=lambda: Checkpoints(), compare=False)


class Poller(Protocol):
    """Reads one mapping's source until it is stopped."""

    def stop(self) -> None:
        """Begin to end: no new batch is started. Returns at once."""

    def join(self, timeout: float) -> None:
        """Wait for the end."""
