"""What EventBridge refuses."""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError

from millpond.exceptions import InvalidEventPattern


class InvalidEventPatternRefused(JsonRESTError):
    """A rule is given what is no event pattern."""

    code = 400

    def __init__(self, error: InvalidEventPattern) -> None:
        super().__init__(
            "InvalidEventPatternException", f"Event pattern is not valid. Reason: {error.reason}"
        )


class InvalidParameter(JsonRESTError):
    """A parameter of EventBridge's API is not valid."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class UnsupportedTarget(JsonRESTError):
    """A rule is given a target that nothing in the local cloud delivers to."""

    code = 400

    def __init__(self, arn: str, supported: str) -> None:
        super().__init__(
            "ValidationException",
            f"The local cloud cannot send events to {arn}. It can to: {supported}.",
        )


class DeliveryFailed(Exception):
    """A target did not take an event.

    Attributes:
        code: As it stands in a dead letter's `ERROR_CODE`.
        retryable: Whether another try may help.
    """

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.retryable = retryable
