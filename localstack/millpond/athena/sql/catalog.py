"""What the analysis of a statement asks of the catalog, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.sql.types import SqlType
from millpond.athena.sql.zones import Zone

GLUE_CATALOG = "awsdatacatalog"
"""The name of the account's Glue catalog."""


@dataclass(frozen=True)
class DataCatalogs:
    """The data catalogs that statements may name, in lower case.

    https://docs.aws.amazon.com/athena/latest/ug/data-sources-glue-register.html

    Attributes:
        glue: The names of the account's Glue catalog: its own, and those it was registered under.
        others: Catalogs that were created for other sources.
    """

    glue: frozenset[str] = frozenset({GLUE_CATALOG})
    others: frozenset[str] = frozenset()

    def __contains__(self, name: str) -> bool:
        """Whether there is a catalog of this name."""
        return name.lower() in self.glue | self.others

    def resolve(self, name: str) -> str:
        """The catalog that a name stands for, in lower case; an unknown name stands for itself.

        Raises:
            NotSupported: It is a catalog that cannot be queried here.
        """
        name = name.lower()
        if name in self.others:
            raise NotSupported(
                f"Data catalog '{name}' cannot be queried locally; only the account's Glue catalog can"
            )
        return GLUE_CATALOG if name in self.glue else name


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
