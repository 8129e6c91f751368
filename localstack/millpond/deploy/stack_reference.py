"""Answers a program's `StackReference`: the exports of another stack in the same state directory."""

from __future__ import annotations

from pathlib import Path

from millpond.deploy.exceptions import UnknownStack
from millpond.deploy.monitor import Registered
from millpond.deploy.project import Project, StackSettings
from millpond.deploy.resource import STACK_TYPE, Urn
from millpond.deploy.state import StateFile


class StackReferences:
    """The stacks that a program can refer to."""

    def __init__(self, directory: Path, project: Project) -> None:
        self._directory = directory
        self._project = project

    def read(self, reference: str) -> Registered:
        """What a stack exported when it was last deployed; `stack`, or `organization/project/stack`."""
        *above, stack = reference.split("/")
        if not (self._directory / f"{stack}.json").is_file():
            raise UnknownStack(reference, self._directory, self._known())
        # A stack that is encrypted is opened with its own salt, which its settings have.
        path = self._project.directory / f"Pulumi.{stack}.yaml"
        cipher = StackSettings.load(self._project, stack).cipher if path.is_file() else None
        state = StateFile(self._directory, stack, cipher)
        if above and above[-1] not in self._projects(state):
            raise UnknownStack(reference, self._directory, self._known())
        outputs, secret_outputs = state.outputs
        answer = {"name": reference, "outputs": dict(outputs), "secretOutputNames": sorted(secret_outputs)}
        return Registered(reference, answer, frozenset({"outputs"} if secret_outputs else ()))

    def _known(self) -> list[str]:
        return sorted(path.stem for path in self._directory.glob("*.json"))

    def _projects(self, state: StateFile) -> set[str]:
        """The project of a stack; one that deployed nothing may be anybody's."""
        stacks = [Urn.parse(item.urn) for item in state.resources().values() if item.type == STACK_TYPE]
        return {urn.project for urn in stacks}
