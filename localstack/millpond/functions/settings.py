"""What the execution of functions can be told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


def _environments() -> int:
    """Two for each core, but no more than one for each GiB of memory: pandas alone takes 150 MB."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return max(2, min(2 * (os.cpu_count() or 1), gibibytes))


@dataclass(frozen=True)
class FunctionSettings:
    """How functions run on this machine.

    Attributes:
        data_dir: Where code, layers and the environments' private folders lie.
        endpoint_url: The local cloud's address, which functions get as `AWS_ENDPOINT_URL`.
        other_endpoints: Where the services answer that the local cloud leaves to others; functions get
            them as `AWS_ENDPOINT_URL_<SERVICE>`.
        max_environments: How many environments run at once. Queued work (asynchronous events,
            event sources) waits for a free one. A synchronous caller waits `caller_patience`
            seconds and then gets one beyond the limit, up to four times as many: a function that
            waits for another one must not wait for its own place. After that it is throttled.
        caller_patience: See above.
        idle_seconds: How long an environment is kept warm.
        init_seconds: How long importing the handler's module may take before the invocation's
            own time limit begins to run, as on AWS.
        retry_delays: Seconds before the first and second retry of an asynchronous invocation.
            AWS waits 60 and 120; nobody wants to wait that long at a desk.
    """

    data_dir: Path
    endpoint_url: str
    other_endpoints: Mapping[str, str] = field(default_factory=dict)
    max_environments: int = field(default_factory=_environments)
    caller_patience: float = 1.0
    idle_seconds: float = 300.0
    init_seconds: float = 10.0
    retry_delays: tuple[float, float] = (1.0, 2.0)

    @property
    def most_environments(self) -> int:
        """How many environments there may be for callers that wait."""
        return 4 * self.max_environments
