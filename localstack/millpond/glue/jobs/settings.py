"""What the execution of jobs can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class JobSettings:
    """How jobs run on this machine.

    Attributes:
        data_dir: Where the folders of the runs lie, each as long as its run.
        endpoint_url: The local cloud's address, which jobs get as `AWS_ENDPOINT_URL`.
        other_endpoints: Where the services answer that the local cloud leaves to others; jobs get them
            as `AWS_ENDPOINT_URL_<SERVICE>`.
        seconds_per_minute: How long a minute of a job's `Timeout` and `NotifyDelayAfter` takes.
    """

    data_dir: Path
    endpoint_url: str
    other_endpoints: Mapping[str, str] = field(default_factory=dict)
    seconds_per_minute: float = 60.0

    @property
    def s3_endpoint_url(self) -> str:
        """Where the scripts and the data are."""
        return self.other_endpoints.get("s3", self.endpoint_url)
