"""What can go wrong between the command line and the endpoint."""

from __future__ import annotations

from millpond.exceptions import MillpondError


class ClientError(MillpondError):
    """The endpoint does not do what was asked of it."""


class EndpointUnreachable(ClientError):
    """Nothing answers at the endpoint."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"No AWS endpoint answers at {url}. Start the local cloud with `millpond start`, "
            "or set AWS_ENDPOINT_URL to where yours is."
        )


class QueryFailed(ClientError):
    """Athena ended the query without a result; the message is Athena's."""
