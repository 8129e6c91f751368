"""Lambda's errors: those that clients see, in AWS's words, and those between the modules of the package."""

from __future__ import annotations

import json
from collections.abc import Sequence

from moto.core.exceptions import JsonRESTError

from millpond.request_constraints import told


class FunctionsError(Exception):
    """Something inside the package that its caller must deal with."""


class WorkerGone(FunctionsError):
    """An idle worker ended before it took the invocation: the function has seen nothing of it."""


class RuntimeStopped(FunctionsError):
    """The local cloud is shutting down and runs nothing more."""


class DistributionMissing(FunctionsError):
    """A package that a public layer consists of is not installed next to Millpond."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The package {name} is not installed in Millpond's environment; run `make setup`.")


class InvalidParameterValue(JsonRESTError):
    """A parameter is wrong, or names something that Millpond does not run."""

    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("InvalidParameterValueException", message)


class InvalidRequestContent(JsonRESTError):
    """The payload of an invocation is no JSON."""

    code = 400

    def __init__(self, reason: str) -> None:
        super().__init__(
            "InvalidRequestContentException",
            f"Could not parse request body into json: Could not parse payload into json: {reason}",
        )


class NotFound(JsonRESTError):
    """What the request names is not there."""

    code = 404

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


class RevisionOutdated(JsonRESTError):
    """A change was to be made to a revision that is not the latest."""

    code = 412

    def __init__(self) -> None:
        super().__init__(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. "
            "Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
        )


class ConstraintsViolated(JsonRESTError):
    """Members of a request are outside of what the API's model allows."""

    code = 400

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__("ValidationException", told(violations))


class ResourceConflict(JsonRESTError):
    """The resource exists already."""

    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ResourceConflictException", message)


class RequestTooLarge(JsonRESTError):
    """The payload is larger than an invocation may carry."""

    code = 413

    def __init__(self, limit: int) -> None:
        super().__init__(
            "RequestTooLargeException",
            f"Request must be smaller than {limit} bytes for the InvokeFunction operation",
        )


class PackageTooLarge(JsonRESTError):
    """A package is larger than a request may carry; the message tells the limit."""

    code = 413

    def __init__(self, message: str) -> None:
        super().__init__("RequestEntityTooLargeException", message)


class TooManyRequests(JsonRESTError):
    """No further environment may run; `reason` is one of Lambda's throttle reasons."""

    code = 429

    def __init__(self, reason: str) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")
        self.description = json.dumps({"Reason": reason, "Type": "User", "message": "Rate Exceeded."})


class UnsupportedFeature(JsonRESTError):
    """What AWS has and Millpond has not; the message names it."""

    code = 400

    def __init__(self, feature: str) -> None:
        super().__init__("InvalidParameterValueException", f"The local cloud does not support {feature}.")
