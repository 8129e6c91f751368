"""Day after day: the shop changes, sells, and delivers its files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from millpond.datagen import catalogue, sales
from millpond.datagen.catalogue import Catalogue
from millpond.datagen.customers import CustomerBase
from millpond.datagen.events import WebLog
from millpond.datagen.exceptions import OutputNotEmpty
from millpond.datagen.files import write_text
from millpond.datagen.lines import Line
from millpond.datagen.result import BadLine, DatagenResult, SourceSummary
from millpond.datagen.sales import Till
from millpond.datagen.settings import DatagenSettings

# On this day the shop sends its sales twice, the second time under another name.
_DAY_OF_THE_COPY = 5


def generate(settings: DatagenSettings) -> DatagenResult:
    """Write every delivery of every day into `settings.out`, one folder per source.

    Raises:
        OutputNotEmpty: The folder already holds something.
    """
    if settings.out.exists() and any(settings.out.iterdir()):
        raise OutputNotEmpty(f"{settings.out} is not empty: name a new folder, or empty this one.")

    products = Catalogue(settings.seed, settings.start)
    customers = CustomerBase(settings.seed, settings.start, settings.orders_per_day)
    till = Till(settings.seed, settings.start, settings.orders_per_day)
    web_log = WebLog(settings.seed, settings.start, settings.orders_per_day)

    to_customers = _Outbox(settings.out, "customers", ".jsonl")
    to_events = _Outbox(settings.out, "events", ".jsonl")
    to_products = _Outbox(settings.out, "products", ".csv", catalogue.HEADER)
    to_sales = _Outbox(settings.out, "sales", ".csv.gz", sales.HEADER)

    for age, day in enumerate(settings.calendar):
        products.turn_to(day)
        customers.turn_to(day)
        to_customers.send(day, customers.delivery(day))
        to_events.send(day, web_log.delivery(day, products, customers))
        to_products.send(day, products.delivery(day))
        to_sales.send(day, till.delivery(day, products, customers))
        if age == _DAY_OF_THE_COPY:
            to_sales.send_last_again(day)

    outboxes = (to_customers, to_events, to_products, to_sales)
    return DatagenResult(settings.out, tuple(outbox.summary() for outbox in outboxes))


class _Outbox:
    """Writes the files of one source and keeps account of them."""

    def __init__(self, out: Path, source: str, suffix: str, header: str | None = None) -> None:
        self._folder = out / source
        self._suffix = suffix
        self._header = header
        self._files: list[Path] = []
        self._copies: list[Path] = []
        self._lines = 0
        self._bad_lines: list[BadLine] = []

    def send(self, day: date, lines: list[Line]) -> None:
        """Write the day's file; a source that has nothing to tell sends none."""
        if not lines:
            return
        path = self._folder / f"{day.isoformat()}{self._suffix}"
        header = [self._header] if self._header else []
        write_text(path, "\n".join([*header, *(line.text for line in lines)]) + "\n")
        self._files.append(path)
        self._lines += len(lines)
        self._bad_lines += [
            BadLine(path, number, line.defect)
            for number, line in enumerate(lines, len(header) + 1)
            if line.defect
        ]

    def send_last_again(self, day: date) -> None:
        """Write what was sent last once more, byte for byte."""
        if self._files:
            copy = self._folder / f"{day.isoformat()}-again{self._suffix}"
            copy.write_bytes(self._files[-1].read_bytes())
            self._copies.append(copy)

    def summary(self) -> SourceSummary:
        """What was sent so far."""
        return SourceSummary(
            self._folder.name, tuple(self._files), tuple(self._copies), self._lines, tuple(self._bad_lines)
        )
