"""The handlers of queries and of what contains one: SELECT, CTAS, INSERT, UPDATE, MERGE, UNLOAD, views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from millpond.athena import iceberg
from millpond.athena.exceptions import (
    AlreadyExists,
    HiveInvalidTableProperty,
    PathNotEmpty,
    QueryFailed,
    ResourceNotFound,
    TableNotFound,
)
from millpond.athena.hive.scan import parse_location
from millpond.athena.hive.tables import (
    HiveTableProperties,
    cast_columns,
    create_hive_table,
    hive_types,
    insert_into_hive_table,
)
from millpond.athena.hive.write import TableLayout, write_rows
from millpond.athena.results import QueryResult, write_csv_result
from millpond.athena.run import StatementRun
from millpond.athena.sql import statements
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import DuplicateColumnName, MismatchedColumnAliases, NotSupported
from millpond.athena.sql.parse import parse_statement
from millpond.athena.sql.plan import QueryPlan
from millpond.athena.views import ViewDefinition, view_input


class MissingColumnName(QueryFailed):
    """A column of a new table or view that has no name."""

    code = "MISSING_COLUMN_NAME"


class PreparedStatementNotFound(QueryFailed):
    """EXECUTE or DEALLOCATE of a name that the workgroup does not have."""

    code = "NOT_FOUND"


def select(run: StatementRun, statement: statements.Query) -> QueryResult:
    """SELECT: the rows as CSV."""
    plan = run.plan(statement)
    columns, rows = write_csv_result(run.context.session, run.sql(plan), plan.columns, run.output)
    return QueryResult(columns, rows, header=True, scanned_bytes=run.context.scanned_bytes)


def create_table_as(run: StatementRun, statement: statements.CreateTableAsSelect) -> QueryResult:
    """CREATE TABLE AS SELECT, for Hive and Iceberg tables."""
    name = run.resolve(statement.table)
    run.context.glue.database(name.database)
    if run.context.glue.find_table(name.database, name.table) is not None:
        if statement.if_not_exists:
            return run.rows_written(0)
        raise AlreadyExists(f"Table 'awsdatacatalog.{name.database}.{name.table}' already exists")
    plan = run.plan(statement.query)
    columns = _named_columns(plan, statement.column_aliases)
    sql = cast_columns(run.sql(plan), columns)
    if not statement.with_data:
        sql = f"SELECT * FROM ({sql}) WHERE false"
    kind = str(statement.properties.get("table_type", "HIVE")).upper()
    if kind == "ICEBERG":
        properties = iceberg.IcebergTableProperties.read(statement.properties).commented(statement.comment)
        count, files = iceberg.create_iceberg_table_as(run, name, sql, columns, properties)
    elif kind == "HIVE":
        hive = HiveTableProperties.read(statement.properties)
        count, files = create_hive_table(run, name, sql, columns, hive, statement.comment)
    else:
        raise HiveInvalidTableProperty(f"Table type {kind} is not supported")
    return run.rows_written(count, files)


def insert_into(run: StatementRun, statement: statements.InsertInto) -> QueryResult:
    """INSERT INTO, for Hive and Iceberg tables."""
    table = run.table(statement.table)
    if table.is_view:
        raise NotSupported("Inserting into views is not supported")
    sql = run.sql(run.plan_insert(statement))
    insert = iceberg.insert_into_iceberg_table if table.is_iceberg else insert_into_hive_table
    count, files = insert(run, table, sql)
    return run.rows_written(count, files)


def change_rows(
    run: StatementRun, statement: statements.Update | statements.Delete | statements.Merge
) -> QueryResult:
    """UPDATE, DELETE and MERGE."""
    target = run.table(statement.table)
    if target.is_view or not target.is_iceberg:
        raise NotSupported("Modifying Hive table rows is only supported for transactional tables")
    return run.rows_written(iceberg.apply_changes(run, run.plan_changes(statement)))


def unload(run: StatementRun, statement: statements.Unload) -> QueryResult:
    """UNLOAD: a query's rows as files, without a table."""
    properties = {name.lower(): value for name, value in statement.properties.items()}
    if "format" not in properties:
        raise HiveInvalidTableProperty("UNLOAD: the property 'format' is missing")
    location = parse_location(statement.location).as_folder
    if run.context.storage.list(location):
        raise PathNotEmpty(statement.location)
    plan = run.plan(statement.query)
    columns = _named_columns(plan, None)
    read = HiveTableProperties.read(
        {"write_compression" if name == "compression" else name: value for name, value in properties.items()}
    )
    hive_types(columns, read)
    layout = TableLayout(location, read.encoding, read.partitioned_by)
    partitions = write_rows(run.context, cast_columns(run.sql(plan), columns), columns, layout)
    files = [file for partition in partitions for file in partition.files]
    return run.rows_written(sum(partition.rows for partition in partitions), files)


def create_view(run: StatementRun, statement: statements.CreateView) -> QueryResult:
    """CREATE [OR REPLACE] VIEW."""
    name = run.resolve(statement.view)
    glue = run.context.glue
    glue.database(name.database)
    existing = glue.find_table(name.database, name.table)
    if existing is not None and not existing.is_view:
        raise AlreadyExists(f"Table already exists: 'awsdatacatalog.{name.database}.{name.table}'")
    if existing is not None and not statement.or_replace:
        raise AlreadyExists(f"View already exists: 'awsdatacatalog.{name.database}.{name.table}'")
    columns = _named_columns(run.plan(statement.query), None)
    session = run.request.session
    view = ViewDefinition(statement.query.text, session.catalog, session.database, tuple(columns))
    definition = view_input(name, view, "hadoop")
    if existing is None:
        glue.create_table(name.database, definition)
    else:
        glue.update_table(name.database, definition)
    return run.text_result()


def drop_view(run: StatementRun, statement: statements.DropView) -> QueryResult:
    """DROP VIEW."""
    name = run.resolve(statement.view)
    found = run.context.glue.find_table(name.database, name.table)
    if found is not None and not found.is_view:
        raise NotSupported(f"'{name.database}.{name.table}' is a table, not a view: use DROP TABLE")
    if found is not None:
        run.context.glue.delete_table(name.database, name.table)
    elif not statement.if_exists:
        raise TableNotFound(f"View 'awsdatacatalog.{name.database}.{name.table}' does not exist")
    return run.text_result()


def prepare(run: StatementRun, statement: statements.Prepare) -> QueryResult:
    """PREPARE."""
    run.service.put_prepared_statement(run.request.workgroup, statement.name, statement.statement.text, "")
    return run.text_result()


def deallocate(run: StatementRun, statement: statements.Deallocate) -> QueryResult:
    """DEALLOCATE PREPARE."""
    with _named_in_query():
        run.service.remove_prepared_statement(run.request.workgroup, statement.name)
    return run.text_result()


def prepared(run: StatementRun, statement: statements.Execute) -> tuple[StatementRun, statements.Statement]:
    """EXECUTE: the statement that was prepared, with its values."""
    with _named_in_query():
        found = run.service.prepared_statement(run.request.workgroup, statement.name)
    inner = parse_statement(found.query_statement)
    values = statement.parameters or run.request.parameters
    return run.with_request(replace(run.request, parameters=values)), inner


@contextmanager
def _named_in_query() -> Iterator[None]:
    """The API's refusal as the error of a query that names what is not there."""
    try:
        yield
    except ResourceNotFound as error:
        raise PreparedStatementNotFound(error.message) from None


def _named_columns(plan: QueryPlan, aliases: Sequence[str] | None) -> list[Column]:
    """The columns that a table or view gets: each with a name, and each name once."""
    names = [column.name for column in plan.columns]
    if aliases is not None:
        if len(aliases) != len(names):
            raise MismatchedColumnAliases(
                f"Column alias list has {len(aliases)} entries but relation has {len(names)} columns"
            )
        names = list(aliases)
    for position, name in enumerate(names, start=1):
        if not name or name.startswith("_col"):
            raise MissingColumnName(f"Column name not specified at position {position}")
    names = [name.lower() for name in names]
    for name in names:
        if names.count(name) > 1:
            raise DuplicateColumnName(f"Column name '{name}' specified more than once")
    return [Column(name, column.type, column.zone) for name, column in zip(names, plan.columns, strict=True)]
