"""What Step Functions refuses, and what its tasks fail with."""

from __future__ import annotations

from moto.core.exceptions import AWSError


class InvalidDefinition(AWSError):
    """A definition is no Amazon States Language, or needs what the local cloud does not have."""

    TYPE = "InvalidDefinition"

    def __init__(self, problem: str) -> None:
        super().__init__(f"Invalid State Machine Definition: '{problem}'")


class RoleRefused(AWSError):
    """Step Functions may not take on a machine's role."""

    TYPE = "AccessDeniedException"

    def __init__(self, role_arn: str) -> None:
        super().__init__(
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
            f"to assume the provided role {role_arn}."
        )


class MachineTypeUnsupported(AWSError):
    """An operation is asked of a machine of the other type."""

    TYPE = "StateMachineTypeNotSupported"

    def __init__(self) -> None:
        super().__init__("This operation is not supported by this type of state machine")


class MachineExists(AWSError):
    """There is a machine of this name, which is another one."""

    TYPE = "StateMachineAlreadyExists"

    def __init__(self, arn: str) -> None:
        super().__init__(f"State Machine Already Exists: '{arn}'")


class VersionsUnsupported(AWSError):
    """A version or an alias of a machine is to be executed."""

    TYPE = "ValidationException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"The local cloud does not execute versions and aliases of machines, as {arn}")


class UnsupportedIntegration(ValueError):
    """A task names a service that does not execute in the local cloud."""

    def __init__(self, service: str) -> None:
        super().__init__(f"the local cloud does not run tasks of {service}")
