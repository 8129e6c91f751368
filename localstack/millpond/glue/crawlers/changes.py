"""What a crawl changed in the catalog, as ListCrawls and the log summarise it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator

Added, Updated, Deleted = "ADD", "UPDATE", "DELETE"


class Changes:
    """Counts the tables and partitions that were added, updated or deleted."""

    def __init__(self) -> None:
        self._tables: dict[str, list[str]] = defaultdict(list)
        self._partitions: dict[str, int] = defaultdict(int)

    def table(self, change: str, name: str) -> None:
        """A table was changed."""
        self._tables[change].append(name)

    def partitions(self, change: str, count: int) -> None:
        """Partitions were changed."""
        if count:
            self._partitions[change] += count

    def tables_of(self, change: str) -> int:
        """How many tables were changed so."""
        return len(self._tables[change])

    @property
    def summary(self) -> str | None:
        """ListCrawls' `Summary`; None if nothing was changed."""
        summary: dict[str, dict[str, str]] = {}
        for change, names in self._tables.items():
            if names:
                entry = {"Details": {"names": names}, "Count": len(names)}
                summary.setdefault("TABLE", {})[change] = json.dumps(entry)
        for change, count in self._partitions.items():
            summary.setdefault("PARTITION", {})[change] = json.dumps({"Count": count})
        return json.dumps(summary) if summary else None

    def lines(self) -> Iterator[str]:
        """The lines of the log's summary."""
        for kind, counts in (
            ("PARTITION", self._partitions),
            ("TABLE", {change: len(names) for change, names in self._tables.items() if names}),
        ):
            if counts:
                yield f"Run Summary For {kind}:"
                yield from (f"{change}: {count}" for change, count in counts.items())
