"""What can go wrong while data are made up."""

from millpond.exceptions import MillpondError


class DatagenError(MillpondError):
    """The data cannot be generated."""


class InvalidSettings(DatagenError):
    """A setting has a value that makes no sense."""


class OutputNotEmpty(DatagenError):
    """The output folder holds something else: old and new deliveries would mix."""
