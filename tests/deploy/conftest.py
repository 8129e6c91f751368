"""A project in a temporary folder, deployed to the local cloud as often as a test likes."""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from conftest import RunningCloud
from millpond.deploy import Deployment, UpResult

PREAMBLE = """\
import json
import pulumi
import pulumi_aws as aws
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
"""


@dataclass
class Stack:
    """A Pulumi project whose program a test replaces at will."""

    directory: Path
    endpoint_url: str
    console: Console = field(default_factory=lambda: Console(file=io.StringIO(), width=200))

    def write(self, program: str) -> None:
        text = PREAMBLE + textwrap.dedent(program)
        (self.directory / "__main__.py").write_text(text)

    def open(self, **options: Any) -> Deployment:
        options.setdefault("endpoint_url", self.endpoint_url)
        return Deployment.open(self.directory, "test", **options)

    def up(self, program: str | None = None) -> UpResult:
        if program is not None:
            self.write(program)
        return self.open().up(self.console)

    def preview(self, program: str) -> UpResult:
        self.write(program)
        return self.open().preview(self.console)

    def destroy(self) -> UpResult:
        return self.open().destroy(self.console)

    @property
    def shown(self) -> str:
        assert isinstance(self.console.file, io.StringIO)
        return self.console.file.getvalue()

    @property
    def state_path(self) -> Path:
        return self.directory / ".millpond" / "stacks" / "test.json"

    def state(self) -> dict[str, Any]:
        return json.loads(self.state_path.read_text())

    def change_state(self, change: Callable[[dict[str, Any]], None]) -> None:
        state = self.state()
        change(state)
        self.state_path.write_text(json.dumps(state))


@pytest.fixture
def stack(tmp_path: Path, cloud: RunningCloud) -> Iterator[Stack]:
    """An empty project; what a test leaves of it in the cloud is removed."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.test.yaml").write_text("config:\n  aws:region: us-east-1\n")
    project = Stack(tmp_path, cloud.endpoint_url)
    yield project
    if project.state_path.exists():
        project.change_state(lambda state: [item.pop("protect", None) for item in state["resources"]])
        project.destroy()
