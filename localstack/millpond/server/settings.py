"""What a local cloud is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from millpond import ACCOUNT_ID, DEFAULT_REGION

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 4566


@dataclass(frozen=True)
class ServerSettings:
    """The settings of one local cloud.

    Attributes:
        data_dir: Where objects, function code, spilled data and logs lie; one cloud at a time
            may use it.
        host: The address to listen on.
        port: The port to listen on.
        account_id: The account that the keys `test`/`test` belong to.
        region: The region of clients that name none.
    """

    data_dir: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    account_id: str = ACCOUNT_ID
    region: str = DEFAULT_REGION

    @property
    def endpoint_url(self) -> str:
        """Where AWS clients find the cloud."""
        return f"http://{self.host}:{self.port}"
