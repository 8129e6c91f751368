"""What a deployment hands back to whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class UpResult:
    """The outcome of a run that did not fail.

    `outputs` are the stack's exports with secrets in the clear, `secret_outputs` names those.
    `summary` counts resources by what was done to them: created, updated, replaced, deleted, unchanged.
    """

    outputs: dict[str, Any]
    summary: dict[str, int]
    secret_outputs: frozenset[str] = field(default=frozenset())

    @property
    def changes(self) -> int:
        """How many resources something was, or is to be, done to."""
        return sum(count for done, count in self.summary.items() if done != "unchanged")
