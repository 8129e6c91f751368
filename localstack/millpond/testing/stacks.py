"""Pulumi programs deployed for a test, and destroyed after it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from millpond.deploy import Deployment, UpResult

NEW_STACK = "test"
"""The name of a stack that nobody has settings for."""


@dataclass
class DeployedStack:
    """A stack that is deployed: what its program exported, and what the last run of it did.

    Attributes:
        outputs: What the program exported, secrets in the clear.
        summary: How many resources the last run created, updated, replaced, deleted and left alone.
        shown: What `millpond up` would have shown, for messages and for reading.
    """

    deployment: Deployment
    outputs: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, int] = field(default_factory=dict)
    shown: str = ""

    def up(self) -> None:
        """Deploy what the program says now."""
        from rich.console import Console

        text = io.StringIO()
        try:
            self._keep(self.deployment.up(Console(file=text, width=110)))
        finally:
            self.shown = text.getvalue()

    def destroy(self) -> None:
        """Remove everything that the stack has; a second time does nothing."""
        from rich.console import Console

        text = io.StringIO()
        try:
            self._keep(self.deployment.destroy(Console(file=text, width=110)))
        finally:
            self.shown = text.getvalue()

    def _keep(self, result: UpResult) -> None:
        self.outputs, self.summary = dict(result.outputs), dict(result.summary)


@contextlib.contextmanager
def deployed(
    endpoint_url: str,
    project: Path,
    state_dir: Path,
    stack: str | None,
    config: Mapping[str, Any],
    *,
    destroy: bool,
) -> Iterator[DeployedStack]:
    """Deploy a project's program and destroy it at the end, also when it was deployed in part.

    Args:
        endpoint_url: Where to; goes before the endpoints that the stack's settings name.
        project: The folder with `Pulumi.yaml`.
        state_dir: Where the stack's state goes, so that the project's folder stays as it is.
        stack: One of the project's (`Pulumi.<stack>.yaml`), or None for a new one without settings.
        config: Settings over those of the stack; keys without a namespace are the project's own.
        destroy: Whether to destroy it at the end; False leaves that to the cloud's own end.

    Raises:
        DeployError: It cannot be deployed, or not be destroyed.
    """
    from millpond.deploy import Deployment

    deployment = Deployment.open(
        project, stack or NEW_STACK, state_dir, endpoint_url, _texts(config), new_stack=stack is None
    )
    running = DeployedStack(deployment)
    try:
        running.up()
        yield running
    finally:
        if destroy:
            running.destroy()


def _texts(config: Mapping[str, Any]) -> dict[str, str]:
    """Settings as Pulumi keeps them: texts, and JSON for everything else."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
