"""What the demo has to show at its end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from millpond.demo.checks import RolesAtWork
from millpond.demo.events import PostedEvents
from millpond.demo.lake import IngestedSource, StackOutputs
from millpond.demo.pipelines import CompactedTable, CrawledTable, SparkSessions


@dataclass(frozen=True)
class MonthlyRevenue:
    """One month of the mart `monthly_revenue`."""

    month: str
    orders: int
    gross: Decimal
    returns: Decimal
    net: Decimal


@dataclass(frozen=True)
class WebEvents:
    """The way of the web events.

    Attributes:
        posted: What the API took and refused.
        distinct: How many different events lie in raw, each once after the compaction.
        sessions: Rows of the mart `fct_web_sessions`.
        in_sessions: The events that it counts.
    """

    posted: PostedEvents
    distinct: int
    sessions: int
    in_sessions: int


@dataclass(frozen=True)
class BatchLoad:
    """What the state machine did.

    Attributes:
        files: The keys in landing that it loaded again, to no effect.
        steps: The states that it went through.
    """

    files: list[str]
    steps: int


@dataclass(frozen=True)
class DayRun:
    """A day's way through the DAGs.

    Attributes:
        day: The day.
        seconds: How long each DAG took, in their order.
        url: Where Airflow's page is, or was.
        home: Where Airflow keeps its history and logs.
    """

    day: str
    seconds: dict[str, float]
    url: str
    home: str


@dataclass(frozen=True)
class DemoReport:
    """What was loaded, what came out, where it lies.

    Attributes:
        sources: What the ingestion log says of each source.
        events: The way of the web events; None where the stack has no event stream.
        spark_sessions: What the Spark job made of the events; None where there are none.
        compacted: The tables of raw before and after the compaction.
        crawled: The tables that the crawler found in landing.
        batch_load: The run of the state machine.
        revenue: The mart, by month.
        order_lines: Rows of `fct_order_lines`.
        roles: Under which roles all of it was done.
        seconds: How long each step took, in order.
        outputs: The stack's names.
        endpoint_url: Where the cloud answers, or answered.
        kept: Whether the cloud is still running.
        day_run: The day's way through the DAGs; None where the demo did all by itself.
    """

    sources: list[IngestedSource]
    events: WebEvents | None
    spark_sessions: SparkSessions | None
    compacted: list[CompactedTable]
    crawled: list[CrawledTable]
    batch_load: BatchLoad
    revenue: list[MonthlyRevenue]
    order_lines: int
    roles: RolesAtWork
    seconds: dict[str, float]
    outputs: StackOutputs
    endpoint_url: str
    kept: bool
    day_run: DayRun | None = None

    @property
    def net(self) -> Decimal:
        """The net revenue of all months."""
        return sum((month.net for month in self.revenue), Decimal(0))

    def to_dict(self) -> dict[str, Any]:
        """The report for programs; amounts are strings, so that no reader makes them inexact."""
        content = asdict(self)
        for month in content["revenue"]:
            month.update({name: str(month[name]) for name in ("gross", "returns", "net")})
        return content | {"net": str(self.net)}


def print_report(report: DemoReport, console: Console) -> None:
    """Show the report to a person."""
    console.print(_ingested(report.sources))
    if report.events:
        console.print(_events(report.events))
    if report.compacted:
        console.print(_compacted(report.compacted))
    console.print(_revenue(report))
    for sentence in _sentences(report):
        console.print(sentence, highlight=False, soft_wrap=True)
    example = "select country, sum(line_amount) from fct_order_lines group by 1 order by 2 desc limit 5"
    if report.kept:
        console.print(f"The lake is still there, at {report.endpoint_url}. Ask it:", highlight=False)
        console.print(f'  millpond query "{example}"', highlight=False, soft_wrap=True)
        console.print("  millpond stop    (ends it)", highlight=False)
        if report.day_run:
            console.print(f"Airflow's runs are at {report.day_run.url}", highlight=False)
            console.print(
                f"  millpond airflow stop --home {report.day_run.home}    (ends it)", highlight=False
            )
    else:
        console.print("To ask it yourself, keep it running:", highlight=False)
        console.print("  millpond demo --keep", highlight=False)
        console.print(f'  millpond query "{example}"', highlight=False, soft_wrap=True)
    total = sum(report.seconds.values())
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report.seconds.items())
    console.print(f"Done in {total:.1f} s: {steps}", style="dim", highlight=False, soft_wrap=True)


def _ingested(sources: Sequence[IngestedSource]) -> Table:
    table = Table("source", *_right("files", "refused", "lines", "loaded", "quarantined"), title="Ingested")
    for source in sources:
        numbers = (source.files, source.refused, source.lines, source.loaded, source.quarantined)
        table.add_row(source.source, *_counts(numbers))
    return table


def _events(events: WebEvents) -> Table:
    table = Table("web events", *_right("count"), title="From the API to fct_web_sessions")
    posted = events.posted
    for name, number in (
        (f"posted in {posted.requests:,} requests", posted.sent),
        ("refused by their contract", posted.refused),
        ("accepted, and arrived in raw", posted.accepted),
        ("different ones, after compaction", events.distinct),
        (f"counted in {events.sessions:,} sessions", events.in_sessions),
    ):
        table.add_row(name, f"{number:,}")
    return table


def _compacted(tables: Sequence[CompactedTable]) -> Table:
    names = ("files before", "after", "rows before", "after")
    shown = Table("table of raw", *_right(*names), title="Compacted")
    for each in tables:
        numbers = (each.before.files, each.after.files, each.before.rows, each.after.rows)
        shown.add_row(each.table, *_counts(numbers))
    return shown


def _revenue(report: DemoReport) -> Table:
    table = Table("month", *_right("orders", "gross", "returns", "net"), title="Monthly revenue")
    for month in report.revenue:
        amounts = (f"{amount:,.2f}" for amount in (month.gross, month.returns, month.net))
        table.add_row(month.month, f"{month.orders:,}", *amounts)
    table.add_section()
    table.add_row("all", f"{sum(month.orders for month in report.revenue):,}", "", "", f"{report.net:,.2f}")
    return table


def _sentences(report: DemoReport) -> Iterator[str]:
    outputs, roles = report.outputs, report.roles
    yield (
        f"{report.order_lines:,} order lines. Raw data lie in s3://{outputs.raw_bucket}, "
        f"marts in s3://{outputs.marts_bucket} (database {outputs.marts_database})."
    )
    for table in report.crawled:
        yield f"The crawler found {table.table}: {table.columns} columns, {table.records:,} records."
    yield (
        f"The state machine loaded {', '.join(report.batch_load.files)} again, which added nothing, "
        f"in {report.batch_load.steps} steps."
    )
    spark = report.spark_sessions
    if spark and spark.missing:
        yield f"The Spark job that parts events into sessions was left out. {escape(spark.missing)}."
    elif spark:
        yield f"The Spark job parted {spark.events:,} events into {spark.sessions:,} sessions."
    if report.day_run:
        dags = ", ".join(f"{dag} ({seconds:.0f} s)" for dag, seconds in report.day_run.seconds.items())
        yield f"Airflow took {report.day_run.day} through its DAGs: {dags}."
    if roles.enforced:
        yield f"{len(roles.used)} roles were at work under IAM's rules; no call was denied."
    else:
        yield "IAM was not enforced: nothing is known of rights."


def _counts(numbers: Iterable[int]) -> list[str]:
    return [f"{number:,}" for number in numbers]


def _right(*names: str) -> list[Column]:
    return [Column(name, justify="right") for name in names]
