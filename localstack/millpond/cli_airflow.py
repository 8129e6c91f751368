"""`millpond airflow`: the laptop's Airflow, which reads the project's DAGs as Amazon MWAA does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from millpond.cli_options import AsJson, Project, Stack, open_deployment, print_json

app = typer.Typer(help="Airflow on the laptop, as Amazon MWAA runs it.", no_args_is_help=True)

_errors = Console(stderr=True)
_output = Console()

Home = Annotated[Path, typer.Option(help="Where Airflow keeps its history and logs.", file_okay=False)]
DEFAULT_HOME = Path(".millpond/airflow/home")
DEFAULT_PORT = 8080


@app.command()
def start(
    port: Annotated[
        int, typer.Option(help="Of the web page; 0 takes a free one.", min=0, max=65535)
    ] = DEFAULT_PORT,
    stack: Stack = "local",
    project: Project = Path(),
    home: Home = DEFAULT_HOME,
) -> None:
    """Start Airflow in the background: the project's DAGs, on the lake that the stack deployed."""
    from millpond.airflow import AirflowSettings
    from millpond.airflow import start as start_airflow
    from millpond.client import Endpoint

    settings = AirflowSettings(
        project=project.resolve(),
        stack=stack,
        endpoint_url=Endpoint.from_environment().url,
        home=home.resolve(),
        port=port,
    )
    outputs = open_deployment(project, stack).outputs()
    running = start_airflow(settings, outputs, lambda step: _errors.print(f"[bold cyan]▸[/] {escape(step)}"))
    _errors.print(f"Airflow is ready at [bold]{running.url}[/] (process {running.pid})", highlight=False)


@app.command()
def stop(home: Home = DEFAULT_HOME) -> None:
    """End Airflow and all that it has started."""
    from millpond.airflow import stop as stop_airflow

    running = stop_airflow(home.resolve())
    _errors.print(f"Ended Airflow at {running.url}", highlight=False)


@app.command()
def status(home: Home = DEFAULT_HOME, as_json: AsJson = False) -> None:
    """Tell whether Airflow runs, and what its components say. Exit code 1 if it does not."""
    from millpond.airflow import find
    from millpond.airflow.exceptions import AirflowDoesNotRun

    running = find(home.resolve())
    if running is None:
        raise AirflowDoesNotRun(home.resolve())
    health = running.health()
    if as_json:
        print_json({"url": running.url, "pid": running.pid, "components": health})
        return
    _output.print(f"Running at {running.url} (process {running.pid})", highlight=False)
    table = Table("component", "status")
    for component, state in health.items():
        table.add_row(component, state)
    _output.print(table)
