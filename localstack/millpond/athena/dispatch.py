"""Which function handles which kind of statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from millpond.athena import ddl, describe, explain, queries, show
from millpond.athena.results import QueryResult
from millpond.athena.run import StatementRun
from millpond.athena.sql import statements
from millpond.athena.sql.exceptions import NotSupported

Handler = Callable[[StatementRun, Any], QueryResult]

HANDLERS: dict[type[statements.Statement], Handler] = {
    statements.Query: queries.select,
    statements.Explain: explain.explain,
    statements.CreateTableAsSelect: queries.create_table_as,
    statements.InsertInto: queries.insert_into,
    statements.Update: queries.change_rows,
    statements.Delete: queries.change_rows,
    statements.Merge: queries.change_rows,
    statements.Unload: queries.unload,
    statements.CreateView: queries.create_view,
    statements.DropView: queries.drop_view,
    statements.Prepare: queries.prepare,
    statements.Deallocate: queries.deallocate,
    statements.CreateSchema: ddl.create_schema,
    statements.DropSchema: ddl.drop_schema,
    statements.AlterSchemaSetProperties: ddl.alter_schema,
    statements.CreateExternalTable: ddl.create_external_table,
    statements.CreateIcebergTable: ddl.create_iceberg_table,
    statements.DropTable: ddl.drop_table,
    statements.MsckRepairTable: ddl.repair,
    statements.Optimize: ddl.optimize,
    statements.Vacuum: ddl.vacuum,
    statements.ShowDatabases: show.show_databases,
    statements.ShowTables: show.show_tables,
    statements.ShowViews: show.show_views,
    statements.ShowColumns: show.show_columns,
    statements.ShowPartitions: show.show_partitions,
    statements.ShowTableProperties: show.show_properties,
    statements.ShowCreateTable: show.show_create_table,
    statements.ShowCreateView: show.show_create_view,
    statements.Describe: describe.describe,
    statements.DescribeView: describe.describe_view,
}


def handle(run: StatementRun, statement: statements.Statement) -> QueryResult:
    """Run a statement by its handler.

    Raises:
        NotSupported: There is none for its kind.
    """
    if isinstance(statement, statements.Execute):
        run, statement = queries.prepared(run, statement)
    if isinstance(statement, statements.AlterTable):
        return ddl.alter_table(run, statement)
    handler = HANDLERS.get(type(statement))
    if handler is None:
        raise NotSupported(f"{type(statement).__name__} is not supported")
    return handler(run, statement)
