"""What columns Parquet files have, as their footers say, read once per file.

Where a scan tells DuckDB the columns' names and types (its option `schema`), DuckDB knows neither how
many rows a file has nor which values, and joins tables in a bad order: by a hundred times in time, and
beyond its memory. Files that have the asked columns already are therefore read as they are, with all
that their footers tell; the option is left for files that differ from the table.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from millpond.athena.engine import EngineSession, literal

_MOST_FILES_OF_SCAN = 512
"""Reading the columns of more files at once would take longer than better estimates save."""

_MOST_FILES_KNOWN = 20_000

_Key = TypeVar("_Key", str, int)
_Fact = TypeVar("_Fact")


@dataclass(frozen=True)
class ParquetColumn:
    """A column of a file; `type` is None for nested columns, which are not compared."""

    name: str
    type: str | None
    field_id: int | None


ParquetColumns = tuple[ParquetColumn, ...]


class ParquetFooters:
    """The columns of files that were asked for before; a file never changes, its path is used once."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, ParquetColumns] = OrderedDict()
        self._sizes: OrderedDict[Path, dict[str, int]] = OrderedDict()
        self._lock = threading.Lock()

    def columns(self, session: EngineSession, paths: Sequence[Path]) -> dict[Path, ParquetColumns]:
        """The columns that each file has."""
        return self._find(session, paths, self._known, _read_columns)

    def common_columns(self, session: EngineSession, paths: Sequence[Path]) -> ParquetColumns | None:
        """The columns that files have, if all of them have the same; None otherwise, or if there are many."""
        if len(paths) > _MOST_FILES_OF_SCAN:
            return None
        distinct = set(self.columns(session, paths).values())
        return distinct.pop() if len(distinct) == 1 else None

    def column_bytes(
        self, session: EngineSession, paths: Sequence[Path], wanted: Callable[[ParquetColumn], bool]
    ) -> int:
        """How many bytes of files the wanted columns take."""
        total = 0
        for start in range(0, len(paths), _MOST_FILES_OF_SCAN):
            some = paths[start : start + _MOST_FILES_OF_SCAN]
            columns = self.columns(session, some)
            sizes = self._find(session, some, self._sizes, _read_sizes)
            total += sum(
                sizes[path].get(column.name, 0)
                for path, of_file in columns.items()
                for column in of_file
                if wanted(column)
            )
        return total

    def _find(
        self,
        session: EngineSession,
        paths: Sequence[Path],
        known: OrderedDict[Path, _Fact],
        read: Callable[[EngineSession, Sequence[Path]], dict[Path, _Fact]],
    ) -> dict[Path, _Fact]:
        with self._lock:
            found = {path: known[path] for path in paths if path in known}
        missing = [path for path in dict.fromkeys(paths) if path not in found]
        if missing:
            new = read(session, missing)
            found.update(new)
            with self._lock:
                known.update(new)
                while len(known) > _MOST_FILES_KNOWN:
                    known.popitem(last=False)
        return found


def names_as_they_are(
    columns: ParquetColumns | None,
    asked: Mapping[_Key, str],
    key_of: Callable[[ParquetColumn], _Key | None],
) -> dict[_Key, str] | None:
    """How files themselves name the asked columns, if they can be read without a mapping.

    Args:
        columns: What the files have, or None where they differ.
        asked: The types in DuckDB, by what the columns are found by: a name in lower case, a field id.
        key_of: What a file's column is found by.

    Returns:
        None if the files have not all of the columns with these types, each once.
    """
    if columns is None:
        return None
    names = {}
    for key, type_ in asked.items():
        found = [column for column in columns if key_of(column) == key]
        if len(found) != 1 or found[0].type != type_.replace(" ", ""):
            return None
        names[key] = found[0].name
    return names


def _read_columns(session: EngineSession, paths: Sequence[Path]) -> dict[Path, ParquetColumns]:
    """One query for all files; a footer's columns stand in the order of their tree, parents first."""
    files = ", ".join(literal(str(path)) for path in paths)
    rows = session.rows(
        f"SELECT file_name, name, duckdb_type, field_id, num_children FROM parquet_schema([{files}]) "
        "ORDER BY file_name, column_id"
    )
    trees: dict[str, list[tuple[str, str | None, int | None, int | None]]] = {}
    for file, *node in rows:
        trees.setdefault(file, []).append(tuple(node))
    shared: dict[ParquetColumns, ParquetColumns] = {}
    found = {Path(file): _top_level(nodes) for file, nodes in trees.items()}
    return {path: shared.setdefault(columns, columns) for path, columns in found.items()}


def _read_sizes(session: EngineSession, paths: Sequence[Path]) -> dict[Path, dict[str, int]]:
    """The compressed bytes of each file's top-level columns, over all row groups."""
    files = ", ".join(literal(str(path)) for path in paths)
    rows = session.rows(
        "SELECT file_name, split_part(path_in_schema, ', ', 1), sum(total_compressed_size)::BIGINT "
        f"FROM parquet_metadata([{files}]) GROUP BY ALL"
    )
    sizes: dict[Path, dict[str, int]] = {path: {} for path in paths}
    for file, column, size in rows:
        sizes[Path(file)][column] = size
    return sizes


def _top_level(nodes: Sequence[tuple[str, str | None, int | None, int | None]]) -> ParquetColumns:
    columns = []
    at = 1  # the root comes first
    while at < len(nodes):
        name, type_, field_id, children = nodes[at]
        plain = type_.replace(" ", "") if type_ and not children else None
        columns.append(ParquetColumn(name, plain, field_id))
        at = _behind(nodes, at)
    return tuple(columns)


def _behind(nodes: Sequence[tuple[str, str | None, int | None, int | None]], at: int) -> int:
    """The position behind a column and all that is in it."""
    open_ = 1
    while open_:
        open_ += (nodes[at][3] or 0) - 1
        at += 1
    return at
