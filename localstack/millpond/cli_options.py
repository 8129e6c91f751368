"""Options that several commands have, and what the commands of one kind share."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from millpond.deploy import Deployment

Project = Annotated[Path, typer.Option(help="Folder with the Pulumi.yaml.", file_okay=False)]
Stack = Annotated[str, typer.Option(help="The stack: its settings are in Pulumi.<stack>.yaml.")]
DataDir = Annotated[Path, typer.Option(help="Where objects, code and logs lie.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def open_deployment(project: Path, stack: str, *, to_run: bool = False) -> Deployment:
    """Open a stack; `AWS_ENDPOINT_URL` and its like go before the endpoints that its settings name.

    If its program is `to_run`, the process of the program loads what it needs while this one does.
    """
    if to_run:
        from millpond.deploy import program
        from millpond.deploy.project import Project as PulumiProject

        program.get_ready(PulumiProject.load(project))
    from millpond.client import Endpoint
    from millpond.deploy import Deployment

    if not os.environ.get("AWS_ENDPOINT_URL"):
        return Deployment.open(project.resolve(), stack)
    given = Endpoint.from_environment()
    return Deployment.open(project.resolve(), stack, endpoint_url=given.url, service_urls=given.service_urls)


def print_json(content: object) -> None:
    """Print a command's result for programs."""
    sys.stdout.write(json.dumps(content, indent=2, default=str) + "\n")
