"""The root of every error that is written for a user, and the errors of modules that have no package."""

from __future__ import annotations


class MillpondError(Exception):
    """Something that a user can cause or mend: the command line shows the message and nothing else."""


class InvalidEventPattern(ValueError):
    """A text is no event pattern; says why in EventBridge's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
