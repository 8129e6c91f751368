"""Why a file, or a record of it, is not taken in."""

from __future__ import annotations


class FileRefused(Exception):
    """The file cannot be read as its contract says; no line of it is taken in, and the log says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordRejected(Exception):
    """A record cannot be split into values; it goes to quarantine with this reason."""
