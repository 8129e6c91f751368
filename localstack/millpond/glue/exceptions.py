"""What the Glue Data Catalog refuses beyond moto's own errors.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-exceptions.html
"""

from __future__ import annotations

from moto.core.exceptions import JsonRESTError


class GlueRefusal(JsonRESTError):
    """An error of Glue's API."""

    code = 400
    name = "InvalidInputException"

    def __init__(self, message: str) -> None:
        super().__init__(self.name, message)


class InvalidInput(GlueRefusal):
    """A request that contradicts itself or the catalog."""


class ValidationFailed(GlueRefusal):
    """A request outside of what the API's model allows."""

    name = "ValidationException"


class InvalidState(GlueRefusal):
    """What is stored does not fit the request: a partition's value that is not of its key's type."""

    name = "InvalidStateException"


class EntityNotFound(GlueRefusal):
    """A table version or partition index that does not exist."""

    name = "EntityNotFoundException"


class ConcurrentModification(GlueRefusal):
    """Somebody else gave the table a new version in the meantime."""

    name = "ConcurrentModificationException"

    def __init__(self) -> None:
        super().__init__("Update table failed due to concurrent modifications.")


class UnsupportedOperation(GlueRefusal):
    """An operation or option of Glue's API that the local cloud does not have."""

    name = "UnknownOperationException"

    def __init__(self, what: str) -> None:
        super().__init__(f"Glue's {what} is not supported locally.")
