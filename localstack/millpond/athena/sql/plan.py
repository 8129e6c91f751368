"""What the translation of a query gives: SQL for DuckDB with its tables left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from millpond.athena.sql.catalog import GLUE_CATALOG, Column, DataCatalogs, TableName, TableVersion


@dataclass(frozen=True)
class Session:
    """What a query is resolved against.

    Attributes:
        catalog: The default catalog, `awsdatacatalog` unless the query context says otherwise.
        database: The default database, if the query context has one.
        data_catalogs: The catalogs that there are.
    """

    catalog: str = GLUE_CATALOG
    database: str | None = None
    data_catalogs: DataCatalogs = field(default_factory=DataCatalogs)


@dataclass(frozen=True)
class TableScan:
    """One table that a query reads.

    Attributes:
        placeholder: The identifier that stands for the table in `QueryPlan.sql`.
        table: Its full name.
        columns: The columns that the query uses, hidden ones included; the scan must give at
            least these, under these names.
        partition_filter: A condition in DuckDB's dialect over this table's columns that holds for
            every row that the query needs, or None. A scan may use it to leave out files.
        version: The `FOR VERSION/TIMESTAMP AS OF` expression, or None.
    """

    placeholder: str
    table: TableName
    columns: tuple[str, ...]
    partition_filter: str | None = None
    version: TableVersion | None = None


@dataclass(frozen=True)
class QueryPlan:
    """A translated query.

    Attributes:
        sql: DuckDB's dialect; each table is the quoted identifier of its scan's placeholder.
        columns: Names and types of the result, as Athena reports them.
        scans: The tables that it reads.
    """

    sql: str
    columns: tuple[Column, ...]
    scans: tuple[TableScan, ...]

    def render(self, relations: Mapping[str, str]) -> str:
        """The SQL to run, with each placeholder defined by a relation's SQL (a SELECT)."""
        return render(self.sql, self.scans, relations)


@dataclass(frozen=True)
class RowChangePlan:
    """A translated UPDATE, DELETE or MERGE: the rows that it changes, to be applied by the table format.

    The SQL gives one row per change: `$operation` (`insert`, `update` or `delete`), `$path` and
    `$position` (the data file and the row's position in it, from 0; NULL for an insert), then the
    target's columns with their new values (NULL for a delete). The scan of the target must give
    `$path` and `$position` beside its columns.

    Attributes:
        target: The table that is changed.
        target_placeholder: Which of the scans is the target's.
        sql: DuckDB's dialect, with placeholders as in `QueryPlan`.
        columns: The target's columns, in its order.
        scans: All tables that are read, the target's included.
    """

    target: TableName
    target_placeholder: str
    sql: str
    columns: tuple[Column, ...]
    scans: tuple[TableScan, ...]

    def render(self, relations: Mapping[str, str]) -> str:
        """The SQL to run, with each placeholder defined by a relation's SQL (a SELECT)."""
        return render(self.sql, self.scans, relations)


def render(sql: str, scans: Sequence[TableScan], relations: Mapping[str, str]) -> str:
    """A plan's SQL behind definitions of its placeholders; no query is put around it, so its order stays."""
    definitions = ", ".join(f'"{scan.placeholder}" AS ({relations[scan.placeholder]})' for scan in scans)
    if not definitions:
        return sql
    if sql.startswith("WITH "):
        return f"WITH {definitions}, {sql.removeprefix('WITH ')}"
    return f"WITH {definitions} {sql}"
