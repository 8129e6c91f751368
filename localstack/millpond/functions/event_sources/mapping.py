"""An event source mapping, as its poller knows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from millpond.functions.target import ResolveTarget


@dataclass(frozen=True)
class Mapping:
    """An enabled event source mapping, with the names of Lambda's API."""

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


class Poller(Protocol):
    """Reads one mapping's source until it is stopped."""

    def stop(self) -> None:
        """Begin to end: no new batch is started. Returns at once."""

    def join(self, timeout: float) -> None:
        """Wait for the end."""
