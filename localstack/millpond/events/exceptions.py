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


class NotFound(JsonRESTError):
    """There is no such rule or bus."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)

    @classmethod
    def bus(cls, name: str) -> NotFound:
        """There is no bus of this name."""
        return cls(f"Event bus {name} does not exist.")

    @classmethod
    def rule(cls, name: str, bus_name: str) -> NotFound:
        """A bus has no rule of this name."""
        return cls(f"Rule {name} does not exist on EventBus {bus_name}.")


class TooManyTargets(JsonRESTError):
    """A rule is given more targets than it may have."""

    code = 400

    def __init__(self) -> None:
        super().__init__(
            "LimitExceededException", "The requested resource exceeds the maximum number allowed."
        )


class UnsupportedTarget(JsonRESTError):
    """A rule is given a target that nothing in the local cloud delivers to."""

    code = 400

    def __init__(self, arn: str, supported: str) -> None:
        super().__init__(
            "ValidationException",
            f"The local cloud cannot send events to {arn}. It can to: {supported}.",
        )


class InputNotMade(Exception):
    """What a template for JSON comes to with an event is no JSON: AWS drops such events."""

    def __init__(self, text: str) -> None:
        super().__init__(f"This is no JSON, so that it is not delivered: {text}")


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
