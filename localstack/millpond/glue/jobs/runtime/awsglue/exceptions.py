"""What the local `awsglue` does not have."""

from __future__ import annotations


class NotSupportedLocally(NotImplementedError):
    """A part of Glue's API, or an option, that the local cloud's jobs do not have."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not supported by the local cloud's Glue jobs.")
