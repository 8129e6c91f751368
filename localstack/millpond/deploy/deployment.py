"""A project and a stack, opened for deploying: what the command line and the tests call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from millpond.deploy.results import UpResult


class Deployment:
    """One stack of one Pulumi project."""

    @classmethod
    def open(
        cls, project_dir: Path, stack: str, state_dir: Path, endpoint_url: str | None = None
    ) -> Deployment:
        """Read the project's settings for a stack; `endpoint_url` overrides whatever they say."""
        raise NotImplementedError

    def up(self, console: Console) -> UpResult:
        """Make the cloud what the program says."""
        raise NotImplementedError

    def preview(self, console: Console) -> UpResult:
        """Show what `up` would do; changes nothing."""
        raise NotImplementedError

    def destroy(self, console: Console) -> UpResult:
        """Remove everything that the stack's state knows."""
        raise NotImplementedError

    def outputs(self) -> dict[str, Any]:
        """The stack's exports as of the last run."""
        raise NotImplementedError
