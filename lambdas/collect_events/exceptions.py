"""What can be wrong with a request, and with the stream."""

from __future__ import annotations


class RequestRefused(ValueError):
    """A request as a whole cannot be read; nothing of it is taken in.

    Attributes:
        status: The HTTP status that says so.
    """

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        super().__init__(reason)


class ValueRejected(ValueError):
    """A value breaks the contract."""


class StreamBusy(Exception):
    """The stream did not take all events, however often they were sent.

    Attributes:
        lost: The positions in the request of the events that it did not take.
    """

    def __init__(self, lost: tuple[int, ...]) -> None:
        self.lost = lost
        super().__init__(f"{len(lost)} events were not taken by the stream")
