"""What a local cloud is started with."""

from __future__ import annotations

from collections.abc import Mapping
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
        s3_endpoint_url: Another S3 that keeps the objects, as LocalStack's; without it this cloud does.
        enforce_iam: Whether every call is decided by its caller's policies; otherwise all are allowed.
    """

    data_dir: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    account_id: str = ACCOUNT_ID
    region: str = DEFAULT_REGION
    s3_endpoint_url: str | None = None
    enforce_iam: bool = True

    @property
    def endpoint_url(self) -> str:
        """Where AWS clients find the cloud."""
        return f"http://{self.host}:{self.port}"

    @property
    def other_endpoints(self) -> Mapping[str, str]:
        """The services that this cloud leaves to others, and where those answer."""
        return {"s3": self.s3_endpoint_url} if self.s3_endpoint_url else {}
