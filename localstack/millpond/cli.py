"""The command line: reads arguments, calls one function, shows what it gives.

Data go to standard output, everything else to standard error. The exit code is 0, 1 (it
failed) or 2 (it was called wrongly).
"""

from __future__ import annotations

import csv
import gc
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from millpond import __version__, cli_access, cli_airflow, cli_state
from millpond.cli_options import AsJson, DataDir, Project, Stack, open_deployment, print_json
from millpond.exceptions import MillpondError
from millpond.server import process
from millpond.server.exceptions import NotRunning
from millpond.server.settings import DEFAULT_HOST, DEFAULT_PORT, ServerSettings

if TYPE_CHECKING:
    from millpond.client import QueryAnswer
    from millpond.deploy import UpResult

app = typer.Typer(
    help="An AWS lakehouse as code: the local cloud, and what deploys to it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cli_state.app, name="state")
app.add_typer(cli_airflow.app, name="airflow")
app.command()(cli_access.access)
_errors = Console(stderr=True)
_output = Console()

DEFAULT_DATA_DIR = Path(".millpond")
_COLLECT_AFTER = (10_000, 20, 20)


def _checked_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise typer.BadParameter(f"'{url}' is no URL (expected http://host:port)")
    return url.rstrip("/") if url else url


Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.", min=0, max=65535)]
S3Endpoint = Annotated[
    str | None,
    typer.Option(help="Work over another S3 at this URL, as LocalStack's.", callback=_checked_url),
]
EnforceIam = Annotated[
    bool, typer.Option("--enforce-iam/--no-enforce-iam", help="Let every call be decided by IAM policies.")
]


ExpectNoChanges = Annotated[bool, typer.Option(help="Fail, with exit code 1, if there are changes.")]


def main() -> None:
    """Run the command line; errors that a user can cause or mend end in one message."""
    # SDKs and services make much that stays: looking through it as often as Python does by itself took a
    # fifth of a command's time, and of the server's.
    gc.set_threshold(*_COLLECT_AFTER)
    try:
        app(standalone_mode=True)
    except MillpondError as error:
        _fail(str(error))


def _fail(message: str) -> None:
    _errors.print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True, highlight=False)
    sys.exit(1)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    """An AWS lakehouse as code: the local cloud, and what deploys to it."""
    if version:
        _output.print(__version__, highlight=False)
        raise typer.Exit


@app.command()
def serve(
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    s3_endpoint: S3Endpoint = None,
    enforce_iam: EnforceIam = True,
    end_with_stdin: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run the local cloud in the foreground; Ctrl-C ends it."""

    def ready(endpoint_url: str) -> None:
        _errors.print(f"The local cloud answers at [bold]{endpoint_url}[/] (Ctrl-C ends it)", highlight=False)

    settings = ServerSettings(
        data_dir.resolve(), host, port, s3_endpoint_url=s3_endpoint, enforce_iam=enforce_iam
    )
    process.serve(settings, ready, end_with_stdin)


@app.command()
def start(
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    s3_endpoint: S3Endpoint = None,
    enforce_iam: EnforceIam = True,
) -> None:
    """Run the local cloud in the background."""
    running = process.start(
        ServerSettings(data_dir.resolve(), host, port, s3_endpoint_url=s3_endpoint, enforce_iam=enforce_iam)
    )
    _errors.print(
        f"The local cloud answers at [bold]{running.endpoint_url}[/] (process {running.pid})", highlight=False
    )


@app.command()
def stop(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """End the local cloud that runs in the background."""
    running = process.stop(data_dir.resolve())
    _errors.print(f"Ended the local cloud at {running.endpoint_url}", highlight=False)


@app.command()
def status(data_dir: DataDir = DEFAULT_DATA_DIR, as_json: AsJson = False) -> None:
    """Tell whether the local cloud runs, and what its services say. Exit code 1 if it does not."""
    running = process.find(data_dir.resolve())
    health = process.health(running.endpoint_url) if running else None
    if running is None or health is None:
        raise NotRunning(data_dir.resolve())
    if as_json:
        print_json({"endpoint_url": running.endpoint_url, **health})
        return
    _output.print(f"Running at {running.endpoint_url} since {health['started_at']} (process {running.pid})")
    table = Table("service", "status")
    for service, word in health["services"].items():
        table.add_row(service, word)
    _output.print(table)


@app.command()
def logs(
    data_dir: DataDir = DEFAULT_DATA_DIR,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the log grows.")] = False,
) -> None:
    """Print the log of the local cloud that runs, or ran last, in the background."""
    for line in process.log_lines(data_dir.resolve(), follow):
        sys.stdout.write(line)
        sys.stdout.flush()


@app.command()
def up(
    stack: Stack = "local",
    project: Project = Path(),
    refresh: Annotated[bool, typer.Option("--refresh", help="Read the cloud first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Deploy the Pulumi program of a folder: make the cloud what the program says."""
    result = open_deployment(project, stack, to_run=True).up(_errors, refresh=refresh)
    if as_json:
        print_json({"outputs": result.outputs, "summary": result.summary})


@app.command()
def preview(
    stack: Stack = "local",
    project: Project = Path(),
    expect_no_changes: ExpectNoChanges = False,
    as_json: AsJson = False,
) -> None:
    """Show what `up` would do; changes nothing."""
    result = open_deployment(project, stack, to_run=True).preview(_errors)
    _report(result, expect_no_changes, as_json)


@app.command()
def refresh(
    stack: Stack = "local",
    project: Project = Path(),
    expect_no_changes: ExpectNoChanges = False,
    as_json: AsJson = False,
) -> None:
    """Read every resource from the cloud; show and record what differs or is gone."""
    result = open_deployment(project, stack).refresh(_errors)
    _report(result, expect_no_changes, as_json)


@app.command()
def destroy(stack: Stack = "local", project: Project = Path(), as_json: AsJson = False) -> None:
    """Remove everything that a stack deployed."""
    result = open_deployment(project, stack).destroy(_errors)
    if as_json:
        print_json({"summary": result.summary})


@app.command()
def outputs(stack: Stack = "local", project: Project = Path(), as_json: AsJson = False) -> None:
    """Print what a stack exported when it was last deployed."""
    values = _outputs(project, stack)
    if as_json:
        print_json(values)
        return
    table = Table("output", "value")
    for name, value in values.items():
        table.add_row(name, value if isinstance(value, str) else json.dumps(value))
    _output.print(table)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="A statement in Athena's SQL.")],
    database: Annotated[str | None, typer.Option(help="Default: the stack's marts.")] = None,
    workgroup: Annotated[str | None, typer.Option(help="Default: the stack's for analysts.")] = None,
    stack: Stack = "local",
    project: Project = Path(),
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a query through the Athena API and print its result as a table."""
    from millpond.client import Endpoint, run_query

    if as_csv and as_json:
        raise typer.BadParameter("--csv and --json exclude each other")
    deployed = (project / "Pulumi.yaml").exists() and (database is None or workgroup is None)
    exported = _outputs(project, stack) if deployed else {}
    answer = run_query(
        Endpoint.from_environment(),
        sql,
        database or exported.get("marts_database"),
        workgroup or exported.get("analyst_workgroup"),
    )
    if as_json:
        print_json(answer.dictionaries())
    elif as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(name for name, _ in answer.columns)
        writer.writerows(answer.rows)
    else:
        _print_table(answer)


@app.command()
def datagen(
    out: Annotated[Path, typer.Option(help="Folder to write to; must be empty.", file_okay=False)],
    days: Annotated[int, typer.Option(help="Number of days.", min=1)] = 30,
    orders_per_day: Annotated[int, typer.Option(help="Orders on a usual day.", min=1)] = 100,
    seed: Annotated[int, typer.Option(help="Another seed gives another shop.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make up the deliveries of a web shop: sales, customers, products, events, with dirt."""
    from millpond.datagen import DatagenSettings, generate

    result = generate(DatagenSettings(out.resolve(), days, orders_per_day, seed))
    if as_json:
        print_json(
            {
                source.name: {
                    "files": len(source.files),
                    "lines": source.lines,
                    "bad_lines": len(source.bad_lines),
                }
                for source in result.sources
            }
        )
        return
    table = Table("source", "files", "lines", "bad lines")
    for source in result.sources:
        table.add_row(source.name, str(len(source.files)), str(source.lines), str(len(source.bad_lines)))
    _output.print(table)


@app.command()
def demo(
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of daily sales (*.csv, *.csv.gz), not generated.", file_okay=False),
    ] = None,
    keep: Annotated[bool, typer.Option(help="Leave the local cloud running.")] = False,
    days: Annotated[int, typer.Option(help="Days to generate.", min=1)] = 30,
    orders_per_day: Annotated[int, typer.Option(help="Orders to generate for a usual day.", min=1)] = 100,
    stack: Stack = "local",
    project: Project = Path(),
    port: Port = DEFAULT_PORT,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    enforce_iam: EnforceIam = True,
    airflow: Annotated[bool, typer.Option("--airflow", help="Let Airflow's DAGs run the day.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run the whole lakehouse: start, deploy, load, transform, test, query, stop."""
    from millpond.demo import DemoSettings, run_demo
    from millpond.demo.report import print_report

    report = run_demo(
        DemoSettings(
            project=project.resolve(),
            stack=stack,
            server=ServerSettings(data_dir.resolve(), port=port, enforce_iam=enforce_iam),
            data=data.resolve() if data else None,
            keep=keep,
            days=days,
            orders_per_day=orders_per_day,
            airflow=airflow,
        ),
        _errors,
    )
    if as_json:
        print_json(report.to_dict())
    else:
        print_report(report, _output)


def _report(result: UpResult, expect_no_changes: bool, as_json: bool) -> None:
    """Print what a run counted; the changes are a failure only where none are expected."""
    from millpond.deploy.exceptions import ChangesNotExpected

    if as_json:
        print_json({"summary": result.summary})
    if expect_no_changes and result.changes:
        raise ChangesNotExpected(result.changes)


def _outputs(project: Path, stack: str) -> dict[str, Any]:
    return open_deployment(project, stack).outputs()


def _print_table(answer: QueryAnswer) -> None:
    table = Table()
    for name, type_ in answer.columns:
        table.add_column(escape(name), justify="right" if type_ in _NUMERIC else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*("[dim]NULL[/]" if value is None else escape(value) for value in row))
    _output.print(table)
    _errors.print(
        f"{len(answer.rows)} rows, {answer.milliseconds} ms, {answer.scanned_bytes:,} bytes scanned, "
        f"{_cost(answer)}",
        highlight=False,
        style="dim",
    )


def _cost(answer: QueryAnswer) -> str:
    from millpond.client import DOLLARS_PER_TERABYTE

    if not answer.billed_bytes:
        return "free on AWS"
    megabytes = answer.billed_bytes // 10**6
    return f"on AWS ${answer.dollars:.5f} for {megabytes:,} MB at ${DOLLARS_PER_TERABYTE:.2f} a TB"


_NUMERIC = frozenset({"tinyint", "smallint", "integer", "bigint", "real", "float", "double", "decimal"})
