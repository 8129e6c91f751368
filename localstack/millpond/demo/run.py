"""The demo's steps, in order. Each one ends in the next or in an error that says what failed."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from millpond.client import Endpoint
from millpond.demo.dbt import dbt_build
from millpond.demo.deliveries import Delivery, content_of, generated_shop, given_sales
from millpond.demo.exceptions import LinesLost
from millpond.demo.lake import IngestedSource, Lake, StackOutputs
from millpond.demo.report import DemoReport, MonthlyRevenue
from millpond.deploy import Deployment
from millpond.server import process
from millpond.server.settings import ServerSettings

_DBT_PROJECT = "dbt_athena"


@dataclass(frozen=True)
class DemoSettings:
    """What to run the demo on.

    Attributes:
        project: The folder with the Pulumi program and the dbt project.
        stack: The stack to deploy.
        server: Where the local cloud listens and keeps its data; one that runs there already is used.
        data: A folder of daily sales files, or None to generate all sources.
        keep: Leave the local cloud running.
        days: Days to generate.
        orders_per_day: Orders to generate for a usual day.
    """

    project: Path
    stack: str
    server: ServerSettings
    data: Path | None = None
    keep: bool = False
    days: int = 30
    orders_per_day: int = 100


def run_demo(settings: DemoSettings, console: Console) -> DemoReport:
    """Start, deploy, load, transform, check and report; progress goes to the console.

    Raises:
        ServerError: The local cloud did not start.
        DeployError: The program was not deployed.
        DemoError: Something was lost, stalled or failed on the way.
    """
    steps = _Steps(console)
    deliveries = given_sales(settings.data) if settings.data else None
    with _cloud(settings, steps) as endpoint:
        with steps.step("deploy"):
            deployment = Deployment.open(settings.project, settings.stack, endpoint_url=endpoint.url)
            deployed = deployment.up(console)
        lake = Lake(endpoint, StackOutputs.of(deployed.outputs))
        with tempfile.TemporaryDirectory(prefix="millpond-demo-") as folder:
            if deliveries is None:
                with steps.step("generate"):
                    deliveries = generated_shop(Path(folder) / "shop", settings.days, settings.orders_per_day)
            with steps.step("ingest"):
                _ingest(lake, deliveries, console)
            with steps.step("check"):
                ingested = lake.ingested()
                check_nothing_is_lost(lake, deliveries, ingested)
        with steps.step("dbt build"):
            work_dir = settings.server.data_dir / "dbt"
            dbt_build(settings.project / _DBT_PROJECT, work_dir, endpoint, lake.outputs, steps.detail)
        with steps.step("query"):
            revenue = _monthly_revenue(lake)
            order_lines = int(lake.query("SELECT count(*) FROM fct_order_lines").rows[0][0] or 0)
        return DemoReport(
            ingested, revenue, order_lines, steps.seconds, lake.outputs, endpoint.url, settings.keep
        )


@contextmanager
def _cloud(settings: DemoSettings, steps: _Steps) -> Iterator[Endpoint]:
    """A running local cloud: the one that is there, or one that ends with the demo unless it is kept."""
    running = process.find(settings.server.data_dir)
    if running and process.health(running.endpoint_url):
        steps.say(f"Using the local cloud that runs at {running.endpoint_url}")
        yield Endpoint(running.endpoint_url)
        return
    if settings.keep:
        with steps.step("start"):
            kept = process.start(settings.server)
        yield Endpoint(kept.endpoint_url)
        return
    with steps.step("start"):
        log = process.log_file(settings.server.data_dir)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as output:
            # Its end of the pipe closes with this process, however this process ends.
            child = subprocess.Popen(
                process.serve_command(settings.server, "--end-with-stdin"),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        endpoint = Endpoint(process.wait_until_ready(child, settings.server).endpoint_url)
    try:
        yield endpoint
    finally:
        child.communicate()


def _ingest(lake: Lake, deliveries: Sequence[Delivery], console: Console) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    count = len(deliveries)
    with Progress(*columns, console=console, transient=True) as progress:
        dropping = progress.add_task("Dropping files into landing", total=count)
        lake.drop(deliveries, lambda: progress.advance(dropping))
        ingesting = progress.add_task("Ingesting", total=count)
        lake.wait_for_ingestion(lambda left: progress.update(ingesting, completed=max(count - left, 0)))


def check_nothing_is_lost(
    lake: Lake, deliveries: Sequence[Delivery], ingested: Sequence[IngestedSource]
) -> None:
    """Compare what was delivered with the ingestion log, and the log with what the tables hold.

    Raises:
        LinesLost: A file or a line is missing.
    """
    logged = lake.logged_lines()
    for delivery in deliveries:
        content = content_of(delivery.path)
        if content and content.sha256 in logged:
            if logged[content.sha256] != content.lines:
                raise LinesLost(
                    f"{delivery.path} has {content.lines} lines of data, "
                    f"but the ingestion log says {logged[content.sha256]}."
                )
            continue
        # What can be read here and was not loaded must have been refused; of the rest there is only the name.
        statuses = lake.statuses(delivery)
        if not statuses or (content and "refused" not in statuses):
            raise LinesLost(f"{delivery.path} was delivered, but the ingestion log does not know it.")
    for source in ingested:
        if source.lines == 0:
            continue
        rows = lake.count_rows(source.source)
        bad = lake.count_rows("quarantine", f"source = '{source.source}'")
        if (rows, bad) != (source.loaded, source.quarantined) or rows + bad != source.lines:
            raise LinesLost(
                f"{source.source}: {source.lines} lines came in. The log says {source.loaded} were loaded "
                f"and {source.quarantined} quarantined, but raw has {rows} rows and quarantine {bad}."
            )


def _monthly_revenue(lake: Lake) -> list[MonthlyRevenue]:
    answer = lake.query(
        "SELECT date_format(month, '%Y-%m'), orders, gross_revenue, returns, net_revenue "
        "FROM monthly_revenue ORDER BY month"
    )
    return [
        MonthlyRevenue(row[0] or "", int(row[1] or 0), *(Decimal(value or 0) for value in row[2:]))
        for row in answer.rows
    ]


class _Steps:
    """Names each step as it begins and measures it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.seconds: dict[str, float] = {}

    def say(self, text: str) -> None:
        self._console.print(f"[bold cyan]▸[/] {escape(text)}", highlight=False)

    def detail(self, line: str) -> None:
        self._console.print(f"  {escape(line)}", style="dim", highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.say(name)
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 2)
