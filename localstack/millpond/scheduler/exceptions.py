"""What EventBridge Scheduler refuses."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError


class InvalidSchedule(JsonRESTError):
    """A part of a schedule is not valid."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class Conflict(JsonRESTError):
    """There is such a schedule or group already."""

    code = 409

    def __init__(self, what: str) -> None:
        super().__init__("ConflictException", f"{what} already exists.")
