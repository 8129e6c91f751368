"""One statement on its way through its handler: what the handler may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from millpond.athena.catalog import AthenaCatalog, relation_of
from millpond.athena.context import QueryContext
from millpond.athena.exceptions import SchemaNotFound
from millpond.athena.execution import QueryRequest
from millpond.athena.glue import GlueTable
from millpond.athena.output import ManagedOutput, ResultTarget, S3Output
from millpond.athena.results import (
    ROW_COUNT_COLUMNS,
    MemoryRows,
    QueryResult,
    ResultColumn,
    Row,
    write_manifest,
    write_text_result,
)
from millpond.athena.sql.catalog import GLUE_CATALOG, TableName
from millpond.athena.sql.plan import QueryPlan, RowChangePlan
from millpond.athena.sql.planner import plan_query
from millpond.athena.sql.row_changes import plan_insert, plan_row_changes
from millpond.athena.sql.statements import Delete, InsertInto, Merge, QualifiedName, Query, Update
from millpond.athena.sql.types import SqlType
from millpond.s3 import S3Location

if TYPE_CHECKING:
    from millpond.athena.service import AthenaService


@dataclass(frozen=True)
class StatementRun:
    """A statement that runs.

    Attributes:
        request: What was asked for.
        context: The engine's cursor, the objects and the Glue catalog.
        catalog: The tables as the analysis sees them.
        service: Athena itself, for prepared statements.
    """

    request: QueryRequest
    context: QueryContext
    catalog: AthenaCatalog
    service: AthenaService

    def plan(self, query: Query) -> QueryPlan:
        """Translate a query."""
        return plan_query(query, self.request.session, self.catalog, self.request.parameters)

    def plan_insert(self, statement: InsertInto) -> QueryPlan:
        """Translate the query of an INSERT, its columns arranged as the table's."""
        return plan_insert(statement, self.request.session, self.catalog, self.request.parameters)

    def plan_changes(self, statement: Update | Delete | Merge) -> RowChangePlan:
        """Translate a statement that changes rows."""
        return plan_row_changes(statement, self.request.session, self.catalog, self.request.parameters)

    def sql(self, plan: QueryPlan) -> str:
        """The SQL to run, its tables filled in."""
        return plan.render({scan.placeholder: relation_of(self.context, scan) for scan in plan.scans})

    def resolve(self, name: QualifiedName) -> TableName:
        """The full name of a table.

        Raises:
            SchemaNotFound: It is in another catalog than Glue's.
        """
        found = name.resolve(self.request.session)
        _check_catalog(found.catalog)
        return found

    def resolve_schema(self, name: QualifiedName) -> str:
        """The name of a database.

        Raises:
            SchemaNotFound: It is in another catalog than Glue's.
        """
        catalog, database = name.resolve_schema(self.request.session)
        _check_catalog(catalog)
        return database

    def table(self, name: QualifiedName) -> GlueTable:
        """A table of the Glue catalog."""
        found = self.resolve(name)
        return self.context.glue.table(found.database, found.table)

    def with_request(self, request: QueryRequest) -> StatementRun:
        """The same run for another statement, as EXECUTE needs it."""
        return replace(self, request=request)

    @property
    def output(self) -> ResultTarget:
        """Where its result goes."""
        location = self.request.output_object
        storage = self.context.storage
        return S3Output(storage, location) if location is not None else ManagedOutput(storage)

    def text_result(
        self, columns: Sequence[str] = (), rows: Sequence[Row] = (), type_name: str = "string"
    ) -> QueryResult:
        """Finish a DDL or utility statement: its rows as plain text."""
        result_columns = tuple(ResultColumn(name, SqlType(type_name), is_plain=True) for name in columns)
        write_text_result(result_columns, rows, self.output)
        return QueryResult(result_columns, MemoryRows(rows), scanned_bytes=self.context.scanned_bytes)

    def rows_written(self, count: int, files: Sequence[S3Location] | None = None) -> QueryResult:
        """Finish a statement that wrote rows, with the manifest of the files if it has one."""
        manifest = write_manifest(self.output, files) if files is not None else None
        return QueryResult(
            ROW_COUNT_COLUMNS,
            update_count=count,
            scanned_bytes=self.context.scanned_bytes,
            manifest=manifest,
        )


def _check_catalog(name: str) -> None:
    if name != GLUE_CATALOG:
        raise SchemaNotFound(f"Catalog '{name}' does not exist")
