"""All that crawls and runs, in one object that the server starts and ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from millpond.s3 import ObjectStorage
from millpond.schedules import Clock


@dataclass(frozen=True)
class GlueSettings:
    """How crawlers and jobs run on this machine.

    Attributes:
        data_dir: Where runs keep what they need on disk.
        endpoint_url: The local cloud's address, which jobs get as `AWS_ENDPOINT_URL`.
        other_endpoints: Where the services answer that the local cloud leaves to others; jobs get them as
            `AWS_ENDPOINT_URL_<SERVICE>`.
    """

    data_dir: Path
    endpoint_url: str
    other_endpoints: Mapping[str, str] = field(default_factory=dict)


class GlueRuntime:
    """What the runs of every account and region share.

    Attributes:
        settings: See `GlueSettings`.
        storage: Where the objects are that crawlers and jobs read.
        clock: Starts what is scheduled.
    """

    def __init__(self, settings: GlueSettings, storage: ObjectStorage) -> None:
        self.settings = settings
        self.storage = storage
        self.clock = Clock()
        self._endings: list[Callable[[], None]] = [self.clock.shutdown]

    def at_shutdown(self, end: Callable[[], None]) -> None:
        """Call a function once when the local cloud ends; it ends children and threads, and soon."""
        self._endings.append(end)

    def shutdown(self) -> None:
        """End every run, schedule and thread."""
        while self._endings:
            self._endings.pop()()
