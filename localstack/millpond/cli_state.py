"""`millpond state`: looks at a stack's state and changes it by hand, without touching the cloud."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from millpond.cli_options import AsJson, Project, Stack, open_deployment, print_json

app = typer.Typer(
    help="Look at what a stack's state says, and change it by hand; the cloud stays as it is.",
    no_args_is_help=True,
)
_errors = Console(stderr=True)
_output = Console()

Resource = Annotated[str, typer.Argument(help="A URN, or a name that is unique in the stack.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command("list")
def list_resources(stack: Stack = "local", project: Project = Path(), as_json: AsJson = False) -> None:
    """List the resources that the state has."""
    resources = open_deployment(project, stack).state.resources()
    if as_json:
        print_json(
            [{"urn": item.urn, "type": item.type, "name": item.name, "id": item.id} for item in resources]
        )
        return
    table = Table("type", "name", "id", "")
    for item in resources:
        table.add_row(item.type, escape(item.name), escape(item.id), "protected" if item.protect else "")
    _output.print(table)


@app.command()
def show(
    resource: Resource, stack: Stack = "local", project: Project = Path(), as_json: AsJson = False
) -> None:
    """Print all that the state has of a resource, secrets masked."""
    found = open_deployment(project, stack).state.shown(resource)
    if as_json:
        print_json(found)
        return
    for name, value in found.items():
        text = value if isinstance(value, str) else json.dumps(value, indent=2)
        _output.print(f"[bold]{escape(name)}[/]: {escape(text)}", highlight=False, soft_wrap=True)


@app.command()
def delete(
    resource: Resource,
    stack: Stack = "local",
    project: Project = Path(),
    yes: Yes = False,
    force: Annotated[bool, typer.Option("--force", help="Delete it although it is protected.")] = False,
) -> None:
    """Forget a resource; the cloud keeps it, and the next `up` makes another."""
    state = open_deployment(project, stack).state
    urn = state.find(resource).urn
    _ask(f"Forget {urn}? The cloud keeps it, but this stack will not know of it any more.", yes)
    state.delete(urn, force=force)
    _say(f"Forgot {urn}")


@app.command()
def rename(
    resource: Resource,
    name: Annotated[str, typer.Argument(help="The name that the program uses from now on.")],
    stack: Stack = "local",
    project: Project = Path(),
    yes: Yes = False,
) -> None:
    """Call a resource as the program does from now on, without replacing it."""
    state = open_deployment(project, stack).state
    urn = state.find(resource).urn
    _ask(f"Rename {urn} to '{name}'?", yes)
    _say(f"It is {state.rename(urn, name).urn} now")


@app.command()
def unprotect(
    resource: Annotated[str | None, typer.Argument(help="A URN or a unique name.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All resources of the stack.")] = False,
    stack: Stack = "local",
    project: Project = Path(),
    yes: Yes = False,
) -> None:
    """Let a resource, or all, be deleted; a program that protects it does so again with the next `up`."""
    if (resource is None) != everything:
        raise typer.BadParameter("give a resource, or --all")
    state = open_deployment(project, stack).state
    _ask(f"Unprotect {'all resources' if resource is None else state.find(resource).urn}?", yes)
    _say(f"Unprotected {len(state.unprotect(resource))}")


@app.command("export")
def export_state(
    stack: Stack = "local",
    project: Project = Path(),
    file: Annotated[Path | None, typer.Option(help="Write to a file.", dir_okay=False)] = None,
) -> None:
    """Print the whole state as JSON; secrets stay encrypted where the state has them so."""
    document = open_deployment(project, stack).state.export()
    if file is None:
        print_json(document)
    else:
        file.write_text(json.dumps(document, indent=1))


@app.command("import")
def import_state(
    stack: Stack = "local",
    project: Project = Path(),
    file: Annotated[Path | None, typer.Option(help="Read from a file.", exists=True, dir_okay=False)] = None,
    yes: Yes = False,
) -> None:
    """Put a state that was exported in place of this one."""
    state = open_deployment(project, stack).state
    document = _parsed(file.read_text() if file else sys.stdin.read())
    _ask(f"Replace the state of stack '{stack}' ({len(state.resources())} resources)?", yes)
    _say(f"Imported {state.import_(document)} resources")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"that is no JSON: {error}") from error


def _ask(question: str, yes: bool) -> None:
    """Nothing is changed without a yes; where nobody can be asked, `--yes` is the only one."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"{question} Give --yes, as there is nobody to ask")
    typer.confirm(question, abort=True, err=True)


def _say(text: str) -> None:
    _errors.print(escape(text), highlight=False, soft_wrap=True)
