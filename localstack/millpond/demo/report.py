"""What the demo has to show at its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from millpond.demo.lake import IngestedSource, StackOutputs


@dataclass(frozen=True)
class MonthlyRevenue:
    """One month of the mart `monthly_revenue`."""

    month: str
    orders: int
    gross: Decimal
    returns: Decimal
    net: Decimal


@dataclass(frozen=True)
class DemoReport:
    """What was loaded, what came out, where it lies.

    Attributes:
        sources: What the ingestion log says of each source.
        revenue: The mart, by month.
        order_lines: Rows of `fct_order_lines`.
        seconds: How long each step took, in order.
        outputs: The stack's names.
        endpoint_url: Where the cloud answers, or answered.
        kept: Whether the cloud is still running.
    """

    sources: list[IngestedSource]
    revenue: list[MonthlyRevenue]
    order_lines: int
    seconds: dict[str, float]
    outputs: StackOutputs
    endpoint_url: str
    kept: bool

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
    ingested = Table(
        "source", *_right("files", "refused", "lines", "loaded", "quarantined"), title="Ingested"
    )
    for source in report.sources:
        ingested.add_row(
            source.source,
            *(
                f"{n:,}"
                for n in (source.files, source.refused, source.lines, source.loaded, source.quarantined)
            ),
        )
    console.print(ingested)
    revenue = Table("month", *_right("orders", "gross", "returns", "net"), title="Monthly revenue")
    for month in report.revenue:
        amounts = (f"{amount:,.2f}" for amount in (month.gross, month.returns, month.net))
        revenue.add_row(month.month, f"{month.orders:,}", *amounts)
    revenue.add_section()
    revenue.add_row("all", f"{sum(month.orders for month in report.revenue):,}", "", "", f"{report.net:,.2f}")
    console.print(revenue)
    outputs = report.outputs
    console.print(
        f"{report.order_lines:,} order lines. Raw data lie in s3://{outputs.raw_bucket}, "
        f"marts in s3://{outputs.marts_bucket} (database {outputs.marts_database}).",
        highlight=False,
        soft_wrap=True,
    )
    example = "select country, sum(line_amount) from fct_order_lines group by 1 order by 2 desc limit 5"
    if report.kept:
        console.print(f"The lake is still there, at {report.endpoint_url}. Ask it:", highlight=False)
        console.print(f'  millpond query "{example}"', highlight=False, soft_wrap=True)
        console.print("  millpond stop    (ends it)", highlight=False)
    else:
        console.print("To ask it yourself, keep it running:", highlight=False)
        console.print("  millpond demo --keep", highlight=False)
        console.print(f'  millpond query "{example}"', highlight=False, soft_wrap=True)
    total = sum(report.seconds.values())
    steps = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report.seconds.items())
    console.print(f"Done in {total:.1f} s: {steps}", style="dim", highlight=False, soft_wrap=True)


def _right(*names: str) -> list[Column]:
    return [Column(name, justify="right") for name in names]
