"""An event source mapping, as its poller knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from millpond.functions.target import ResolveTarget


@dataclass(frozen=True)
class Mapping:
    """An enabled event source mapping, with the names of Lambda's API.

    Attributes:
        starting_position: Of a stream: `LATEST`, `TRIM_HORIZON` or `AT_TIMESTAMP`.
        starting_timestamp: For `AT_TIMESTAMP`, in seconds since 1970.
        maximum_record_age_in_seconds: Of a stream's records; -1 is for ever.
        maximum_retry_attempts: For a batch of a stream; -1 is for ever.
        on_failure_arn: Who is told of records of a stream that are given up.
        checkpoints: The last record of each of a stream's shards that the function is done with; outlives
            a poller that makes way for another one.
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
    checkpoints: dict[str, int] = field(default_factory=dict, compare=False)


class Poller(Protocol):
    """Reads one mapping's source until it is stopped."""

    def stop(self) -> None:
        """Begin to end: no new batch is started. Returns at once."""

    def join(self, timeout: float) -> None:
        """Wait for the end."""
