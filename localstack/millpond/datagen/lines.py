"""Lines of text as a source delivers them, good and bad."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of a file, without its end.

    Attributes:
        text: What the file holds.
        defect: What makes it unacceptable, in words; None for a good line.
    """

    text: str
    defect: str | None = None


def csv_line(cells: Iterable[str]) -> str:
    """The cells as one line of CSV, quoted where they must be (RFC 4180)."""
    return ",".join(map(_quoted, cells))


def json_line(record: Mapping[str, object]) -> str:
    """The record as one line of JSON, in UTF-8 as it is."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _quoted(cell: str) -> str:
    if "," in cell or '"' in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell
