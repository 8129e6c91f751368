"""The demo's steps, in order. Each one ends in the next or in an error that says what failed."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from millpond.airflow import AirflowSettings
from millpond.client import Endpoint
from millpond.demo.checks import (
    check_events_are_there_once,
    check_nobody_was_denied,
    check_nothing_is_lost,
    denials,
)
from millpond.demo.daily_run import batch_load_of, check_published, last_day, run_day, running_airflow
from millpond.demo.dbt import dbt_build
from millpond.demo.deliveries import Delivery, generated_shop, given_sales
from millpond.demo.events import PostedEvents, post, requests_of
from millpond.demo.exceptions import LinesLost
from millpond.demo.lake import Lake, StackOutputs, landing_key
from millpond.demo.pipelines import (
    CompactedTable,
    CrawledTable,
    SparkSessions,
    compact,
    crawl,
    crawled_tables,
    load_batch,
    make_sessions,
)
from millpond.demo.report import BatchLoad, DayRun, DemoReport, MonthlyRevenue, WebEvents
from millpond.deploy import Deployment
from millpond.server import process
from millpond.server.settings import ServerSettings

_DBT_PROJECT = "dbt_athena"
_EVENTS = "events"


@dataclass(frozen=True)
class DemoSettings:
    """What to run the demo on.

    Attributes:
        project: The folder with the Pulumi program and the dbt project.
        stack: The stack to deploy.
        server: Where the local cloud listens and keeps its data; one that runs there already is used.
        data: A folder of daily sales files, or None to generate all sources. Web events are made up always.
        keep: Leave the local cloud running.
        days: Days to generate.
        orders_per_day: Orders to generate for a usual day.
        airflow: Let Airflow's DAGs crawl, load, build, publish and maintain, as they do every day on AWS.
    """

    project: Path
    stack: str
    server: ServerSettings
    data: Path | None = None
    keep: bool = False
    days: int = 30
    orders_per_day: int = 100
    airflow: bool = False


def run_demo(settings: DemoSettings, console: Console) -> DemoReport:
    """Start, deploy, load, transform, check and report; progress goes to the console.

    Raises:
        ServerError: The local cloud did not start.
        DeployError: The program was not deployed.
        AirflowError: Airflow did not start, or one of its runs failed.
        DemoError: Something was lost, stalled or failed on the way.
    """
    steps = _Steps(console)
    given = given_sales(settings.data) if settings.data else None
    day = last_day(given) if given and settings.airflow else None
    Deployment.get_ready(settings.project)
    with _cloud(settings, steps) as endpoint, tempfile.TemporaryDirectory(prefix="millpond-demo-") as folder:
        denied_before = denials(endpoint)
        with steps.step("deploy"):
            deployment = Deployment.open(settings.project, settings.stack, endpoint_url=endpoint.url)
            deployed = deployment.up(console)
        lake = Lake(endpoint, StackOutputs.of(deployed.outputs))
        with steps.step("generate"):
            shop = generated_shop(Path(folder), settings.days, settings.orders_per_day)
        deliveries = given if given is not None else shop.deliveries
        with steps.step("ingest"):
            events_before = lake.count_rows(_EVENTS) if lake.outputs.events_url else 0
            posted = _ingest(lake, deliveries, shop.events, events_before, console)
        with steps.step("compact" if settings.airflow else "compact and crawl"):
            compacted, crawled = _compact_and_crawl(lake, posted is not None, not settings.airflow)
        with steps.step("check"):
            ingested = lake.ingested()
            check_nothing_is_lost(lake, deliveries, ingested)
            distinct = check_events_are_there_once(lake, posted, events_before) if posted else 0
        sessions = None
        if posted:
            with steps.step("sessions"):
                sessions = _sessions(lake, distinct, steps)
        day_run = None
        if settings.airflow:
            day_run = _run_dags(settings, lake, deployed.outputs, day or last_day(deliveries), steps)
            batch_load, crawled = batch_load_of(lake, day_run.day), crawled_tables(lake)
        else:
            with steps.step("dbt build"):
                batch_load = _build(settings, lake, [landing_key(deliveries[0])], steps)
        with steps.step("query"):
            analyst = lake.as_analyst()
            if day_run:
                check_published(analyst)
            revenue = _monthly_revenue(analyst)
            order_lines = int(analyst.query("SELECT count(*) FROM fct_order_lines").rows[0][0] or 0)
            web = _web_events(analyst, posted, distinct) if posted else None
        with steps.step("access"):
            roles = check_nobody_was_denied(endpoint, denied_before)
        return DemoReport(
            sources=ingested,
            events=web,
            spark_sessions=sessions,
            compacted=compacted,
            crawled=crawled,
            batch_load=batch_load,
            revenue=revenue,
            order_lines=order_lines,
            roles=roles,
            seconds=steps.seconds,
            outputs=lake.outputs,
            endpoint_url=endpoint.url,
            kept=settings.keep,
            day_run=day_run,
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


def _ingest(
    lake: Lake,
    deliveries: Sequence[Delivery],
    event_files: Sequence[Path],
    events_before: int,
    console: Console,
) -> PostedEvents | None:
    """Drop the files and, side by side with it, post the events; wait until all of it lies in raw."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    requests = list(requests_of(event_files)) if lake.outputs.events_url else []
    count = len(deliveries)
    with (
        ThreadPoolExecutor(1) as pages,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        dropping = progress.add_task("Dropping files into landing", total=count)
        ingesting = progress.add_task("Ingesting", total=count)
        posting = progress.add_task("Posting web events", total=len(requests), visible=bool(requests))
        posts = pages.submit(post, lake.outputs.events_url, requests, lambda: progress.advance(posting))
        lake.drop(deliveries, lambda: progress.advance(dropping))
        lake.wait_for_ingestion(lambda left: progress.update(ingesting, completed=max(count - left, 0)))
        posted = posts.result()
        if not requests:
            return None
        arriving = progress.add_task("Events arriving in raw", total=posted.accepted)
        lake.wait_for_rows(
            _EVENTS,
            events_before + posted.accepted,
            lambda rows: progress.update(arriving, completed=rows - events_before),
        )
    return posted


def _compact_and_crawl(
    lake: Lake, with_events: bool, with_landing: bool
) -> tuple[list[CompactedTable], list[CrawledTable]]:
    with ThreadPoolExecutor(1) as others:
        crawling = others.submit(crawl, lake) if with_landing else None
        return compact(lake, [_EVENTS]) if with_events else [], crawling.result() if crawling else []


def _sessions(lake: Lake, distinct: int, steps: _Steps) -> SparkSessions:
    """Let the Spark job make its table of sessions.

    Raises:
        LinesLost: It does not count each event once.
    """
    made = make_sessions(lake)
    if made.missing:
        steps.detail(f"Left out: {made.missing}")
    elif made.events != distinct:
        raise LinesLost(f"Raw has {distinct} events, but the Spark job's sessions count {made.events}.")
    return made


def _run_dags(
    settings: DemoSettings, lake: Lake, outputs: Mapping[str, Any], day: str, steps: _Steps
) -> DayRun:
    """Start Airflow and take a day through its DAGs."""
    home = settings.server.data_dir / "airflow" / "demo"
    asked = AirflowSettings(settings.project, settings.stack, lake.endpoint.url, home, port=0)
    with ExitStack() as ending:
        with steps.step("start Airflow"):
            running = ending.enter_context(running_airflow(asked, outputs, settings.keep, steps.detail))
        with steps.step("run the DAGs"):
            return run_day(asked, running, day, steps.detail)


def _build(settings: DemoSettings, lake: Lake, landing_keys: list[str], steps: _Steps) -> BatchLoad:
    """Build the marts while the state machine loads files again, which must not change them."""
    with ThreadPoolExecutor(1) as others:
        loading = others.submit(load_batch, lake, landing_keys)
        project, work_dir = settings.project / _DBT_PROJECT, settings.server.data_dir / "dbt"
        dbt_build(project, work_dir, lake.endpoint, lake.outputs, steps.detail)
        return BatchLoad(landing_keys, loading.result())


def _web_events(analyst: Lake, posted: PostedEvents, distinct: int) -> WebEvents:
    """What became of the events, up to the mart.

    Raises:
        LinesLost: The mart does not count each of them once.
    """
    answer = analyst.query("SELECT count(*), sum(events) FROM fct_web_sessions")
    sessions, in_sessions = (int(value or 0) for value in answer.rows[0])
    if in_sessions != distinct:
        raise LinesLost(f"Raw has {distinct} events, but the sessions count {in_sessions}.")
    return WebEvents(posted, distinct, sessions, in_sessions)


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
