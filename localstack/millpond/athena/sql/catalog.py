"""What the analysis of a statement asks of the catalog, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from millpond.athena.sql.types import SqlType
from millpond.athena.sql.zones import Zone


@dataclass(frozen=True)
class TableName:
    """The full name of a table; all three parts in lower case, as Glue stores them.

    `table` carries the suffix of a metadata table where there is one (`orders$partitions`).
    """

    catalog: str
    database: str
    table: str


@dataclass(frozen=True)
class Column:
    """A column of a table or of a result.

    `zone` is for a result's timestamp with time zone: the zone that Athena shows it in, if not UTC;
    `comment` is for a new table's column.
    """

    name: str
    type: SqlType
    zone: Zone | None = None
    comment: str | None = None


@dataclass(frozen=True)
class TableDefinition:
    """A table or view as the analysis sees it.

    Attributes:
        name: Its full name.
        columns: In order, the partition columns last.
        hidden_columns: Those that `SELECT *` leaves out (`$path`).
        view_query: The query of a view in Trino's dialect, None for a table.
        view_catalog: The catalog in which the view's query resolves its names.
        view_database: The database in which the view's query resolves its names.
    """

    name: TableName
    columns: tuple[Column, ...]
    hidden_columns: tuple[Column, ...] = ()
    view_query: str | None = None
    view_catalog: str | None = None
    view_database: str | None = None


@dataclass(frozen=True)
class TableVersion:
    """Time travel: `kind` is `version` or `timestamp`, `expression` is DuckDB SQL for the value."""

    kind: str
    expression: str


class CatalogReader(Protocol):
    """The catalog, as far as a statement's analysis needs it."""

    def table(self, name: TableName, version: TableVersion | None = None) -> TableDefinition:
        """The definition of a table or view, as it is or as it was.

        Raises:
            SqlError: `SCHEMA_NOT_FOUND` or `TABLE_NOT_FOUND`, in Athena's words.
        """
