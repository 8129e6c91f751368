"""The files that a scan reads, as the formats' readers get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from millpond.athena.engine import literal
from millpond.athena.exceptions import HiveMetastoreError
from millpond.athena.sql.catalog import Column


@dataclass(frozen=True)
class FileSet:
    """Files of one format, with what is to be read from them.

    Attributes:
        paths: Where the objects' bytes lie.
        keys: The objects' keys, whose endings tell the compression.
        columns: The columns that are asked for.
        declared: All columns that the files hold, in the table's order.
        serde_parameters: The SerDe's properties.
        table_parameters: The table's properties.
        coerced: The columns that partitions declare with another type, which may become the table's.
    """

    paths: Sequence[Path]
    keys: Sequence[str]
    columns: Sequence[Column]
    declared: Sequence[Column]
    serde_parameters: Mapping[str, str]
    table_parameters: Mapping[str, str]
    coerced: frozenset[str] = frozenset()

    @property
    def exact_columns(self) -> Mapping[str, Column]:
        """The asked columns that the files should have in the declared types."""
        return {column.name: column for column in self.columns if column.name not in self.coerced}

    @property
    def text_parameters(self) -> Mapping[str, str]:
        """The properties that a text SerDe reads: its own, and the table's where it has none."""
        return {**self.table_parameters, **self.serde_parameters}

    @property
    def header_lines(self) -> int:
        """How many lines at the start of each file are no data."""
        return self._lines("skip.header.line.count")

    @property
    def footer_lines(self) -> int:
        """How many lines at the end of each file are no data."""
        return self._lines("skip.footer.line.count")

    def _lines(self, name: str) -> int:
        text = self.table_parameters.get(name) or self.serde_parameters.get(name, "0")
        try:
            return max(0, int(text))
        except ValueError:
            raise HiveMetastoreError(f"The table property {name} must be a number: '{text}'") from None

    def at(self, paths: Sequence[Path]) -> FileSet:
        """The same, in files that were converted."""
        return replace(self, paths=paths)


def file_list(paths: Sequence[Path]) -> str:
    """DuckDB's list of paths."""
    return f"[{', '.join(literal(str(path)) for path in paths)}]"
