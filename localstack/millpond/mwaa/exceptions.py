"""The errors of Amazon MWAA's API.

https://docs.aws.amazon.com/mwaa/latest/API/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Sequence

from moto.core.exceptions import JsonRESTError

from millpond.request_constraints import told


class MwaaError(JsonRESTError):
    """An error of the API, told by `name`."""

    code = 400
    name: str

    def __init__(self, message: str) -> None:
        super().__init__(self.name, message)


class InvalidRequest(MwaaError):
    """What was asked for cannot be."""

    name = "ValidationException"


class ConstraintsViolated(InvalidRequest):
    """Members of a request are outside of what the API's model allows."""

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__(told(violations))


class EnvironmentNotFound(MwaaError):
    """There is no environment of that name or ARN."""

    code = 404
    name = "ResourceNotFoundException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Environment {name} was not found.")


class NoAirflowBehind(InvalidRequest):
    """An operation that a running Airflow would have to answer."""

    def __init__(self, operation: str, environment: str) -> None:
        super().__init__(
            f"{operation} is not supported locally: environment {environment} is kept as a definition, and "
            "no Airflow runs behind it"
        )


class Unsupported(InvalidRequest):
    """A part of an environment that the local cloud does not have."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported locally.")
