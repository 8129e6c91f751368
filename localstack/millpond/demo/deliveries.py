"""The files that the demo drops into landing, and what an independent reader finds in them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from millpond.datagen import DatagenSettings, generate
from millpond.demo.exceptions import NoSalesFiles

_SOURCES = ("customers", "products", "sales")


@dataclass(frozen=True)
class Delivery:
    """One file of one source."""

    source: str
    path: Path


@dataclass(frozen=True)
class Content:
    """What a file holds: the SHA-256 of its uncompressed bytes, and how many lines of data."""

    sha256: str
    lines: int


@dataclass(frozen=True)
class Shop:
    """What a made-up shop delivers.

    Attributes:
        deliveries: Its files; some are sent twice, as owners do, and must add nothing.
        events: What its pages send, a file for each day.
    """

    deliveries: Sequence[Delivery]
    events: Sequence[Path]


def given_sales(folder: Path) -> list[Delivery]:
    """The daily sales files of a folder.

    Raises:
        NoSalesFiles: It has none.
    """
    files = sorted(file for pattern in ("*.csv", "*.csv.gz") for file in folder.glob(pattern))
    if not files:
        raise NoSalesFiles(folder)
    return [Delivery("sales", file) for file in files]


def generated_shop(folder: Path, days: int, orders_per_day: int) -> Shop:
    """What a made-up shop delivers."""
    result = generate(DatagenSettings(folder, days, orders_per_day))
    deliveries = [
        Delivery(source.name, file)
        for source in result.sources
        if source.name in _SOURCES
        for file in (*source.files, *source.copies)
    ]
    return Shop(deliveries, list(result.source("events").files))


def content_of(path: Path) -> Content | None:
    """Count a file's lines of data; None for what is not even a readable text."""
    try:
        data = path.read_bytes()
        if path.suffix == ".gz":
            data = gzip.decompress(data)
        text = data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        return None
    if path.name.removesuffix(".gz").endswith(".csv"):
        lines = sum(1 for row in csv.reader(io.StringIO(text, newline="")) if row) - 1
    else:
        lines = sum(1 for line in text.splitlines() if line.strip())
    return Content(hashlib.sha256(data).hexdigest(), max(lines, 0))
