"""What callers of an API are told when their request does not come through."""

from __future__ import annotations


class RequestRefused(Exception):
    """A request that gets no answer from an integration.

    Attributes:
        status: The HTTP status.
        message: As it stands in the body.
        error_type: As REST APIs say in `x-amzn-ErrorType`.
    """

    def __init__(self, status: int, message: str, error_type: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error_type = error_type


class NoSuchRoute(RequestRefused):
    """No API, stage or route is at this address."""

    def __init__(self) -> None:
        super().__init__(404, "Not Found")


class Unsupported(RequestRefused):
    """An API is set up with what the local cloud does not do."""

    def __init__(self, what: str) -> None:
        super().__init__(501, f"The local cloud does not support {what}")
