"""What Firehose refuses, and why a record is not delivered as it should be."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError


class InvalidArgument(JsonRESTError):
    """A setting of a delivery stream, or a record, is not valid or not supported here."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("InvalidArgumentException", message)


class RecordFailed(Exception):
    """A record goes to the error prefix.

    Attributes:
        code: As it stands in the error's description.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotDelivered(Exception):
    """Records could not be written; they are tried again."""
