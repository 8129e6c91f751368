"""Everything that can go wrong while deploying, each with what the user can do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from millpond.exceptions import MillpondError


class DeployError(MillpondError):
    """A deployment could not be done as asked; the message is written for the user."""


class ProjectError(DeployError):
    """The folder holds no Pulumi project that this engine can run, or its settings are wrong."""


class StateLocked(DeployError):
    """Another run works on the same stack."""

    def __init__(self, stack: str, holder: str) -> None:
        super().__init__(
            f"stack '{stack}' is being changed by another run ({holder}); wait until it ends, then try again"
        )


class StateUnreadable(DeployError):
    """The state file is not one that this version can read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the state file {path} cannot be read: {reason}")


class StateEditRefused(DeployError):
    """A change of the state by hand would leave it wrong, or is not what was meant."""


class ChangesNotExpected(DeployError):
    """A run that was to find nothing to do found something."""

    def __init__(self, changes: int) -> None:
        super().__init__(f"no changes were expected, but there are {changes}")


class ProgramFailed(DeployError):
    """The user's program raised, or ended before it had registered everything."""


class ResourceError(DeployError):
    """One resource cannot be checked, made, changed or removed."""

    def __init__(self, urn: str, message: str, declared_at: str | None = None) -> None:
        _, _, types_and_name = urn.partition("::")[2].partition("::")
        types, _, name = types_and_name.partition("::")
        place = f"\n  declared at {declared_at}" if declared_at else ""
        package, _, module_and_type = types.rpartition("$")[2].partition(":")
        module, _, type_ = module_and_type.partition(":")
        super().__init__(f"{package}:{module.partition('/')[0]}:{type_} '{name}': {message}{place}")
        self.urn = urn


class InternalError(ResourceError):
    """The engine itself failed on a resource: a defect to report, not a mistake of the user."""

    def __init__(self, urn: str, cause: Exception, declared_at: str | None = None) -> None:
        super().__init__(urn, f"the engine failed on it: {type(cause).__name__}: {cause}", declared_at)
        self.__cause__ = cause


class DeploymentFailed(DeployError):
    """A run ended with errors of single resources; what succeeded before stays in the state."""

    def __init__(self, errors: Sequence[DeployError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class UnsupportedType(DeployError):
    """There is no declaration for a resource type."""

    def __init__(self, token: str) -> None:
        super().__init__(f"the embedded engine does not support the resource type '{token}'")


class UnsupportedInvoke(DeployError):
    """There is no implementation of a provider function."""

    def __init__(self, token: str) -> None:
        super().__init__(f"the embedded engine does not support the function '{token}'")


class InvalidInputs(DeployError):
    """A resource's inputs do not fit its type; the message has one line per mistake."""


class CannotReplaceProtected(DeployError):
    """A change would delete a protected resource."""

    def __init__(self, changed: str) -> None:
        super().__init__(
            f"it is protected, and the change of {changed} would replace it; "
            "remove `protect=True` and run `up` first, if that is meant"
        )


class UnknownStack(DeployError):
    """A program refers to a stack that was never deployed from here."""

    def __init__(self, reference: str, directory: Path, known: Sequence[str]) -> None:
        super().__init__(
            f"there is no stack '{reference}' in {directory} (there are {', '.join(known) or 'none'}); "
            "the embedded engine finds the stacks of one state directory only: deploy it there first"
        )


class TransformFailed(DeployError):
    """A function of the program that changes resources or calls raised."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(f"a transform of {what} failed: {reason}")


class UnsupportedHook(DeployError):
    """The program wants to be called around operations."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the embedded engine does not support hooks of resources; '{name}' would never be called"
        )


class OutputNotFilled(DeployError):
    """Something is made of an output that the SDK says is always there, and that no declaration fills."""

    def __init__(self, what: str, unfilled: Mapping[str, frozenset[str]]) -> None:
        known = "; ".join(f"of '{name}': {', '.join(sorted(outputs))}" for name, outputs in unfilled.items())
        super().__init__(
            f"{what} is made of an output that the embedded engine does not fill yet"
            + (f" (those that it does not fill, {known})" if known else "")
        )


class AlreadyThere(DeployError):
    """Something else has the name of a resource that is to be made."""

    def __init__(self, id_: str) -> None:
        super().__init__(
            f"there is already one, '{id_}', that this stack did not make; choose another name, or take it "
            f"over with `ResourceOptions(import_='{id_}')`"
        )


class CloudError(DeployError):
    """The cloud refused or failed an operation; carries the service's own code and message."""
