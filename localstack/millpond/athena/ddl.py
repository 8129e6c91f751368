"""The handlers of DDL: schemas, and tables of either kind.

Hive's and Iceberg's tables know different forms of ALTER TABLE; `_ALTERATIONS` says which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from moto.glue.exceptions import EntityNotFoundException

from millpond.athena import iceberg
from millpond.athena.exceptions import AlreadyExists, HiveInvalidTableProperty, SchemaNotFound, TableNotFound
from millpond.athena.glue import GlueTable
from millpond.athena.hive import ddl as hive
from millpond.athena.results import QueryResult
from millpond.athena.run import StatementRun
from millpond.athena.sql import statements
from millpond.athena.sql.catalog import Column
from millpond.athena.sql.exceptions import DuplicateColumnName, NotSupported
from millpond.athena.sql.types import SqlType
from millpond.s3 import S3Location

_S = TypeVar("_S", bound=statements.AlterTable)


def create_schema(run: StatementRun, statement: statements.CreateSchema) -> QueryResult:
    """CREATE DATABASE."""
    name = run.resolve_schema(statement.schema)
    try:
        run.context.glue.create_database(
            name, statement.comment or "", statement.location or "", statement.properties
        )
    except AlreadyExists:
        if not statement.if_not_exists:
            raise hive.DdlFailed(
                f"Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
                f"Database {name} already exists"
            ) from None
    return run.text_result()


def drop_schema(run: StatementRun, statement: statements.DropSchema) -> QueryResult:
    """DROP DATABASE; with CASCADE its tables go too."""
    name = run.resolve_schema(statement.schema)
    glue = run.context.glue
    if not glue.has_database(name):
        if statement.if_exists:
            return run.text_result()
        raise hive.DdlFailed(f"SemanticException [Error 10072]: Database does not exist: {name}")
    tables = glue.tables(name)
    if tables and not statement.cascade:
        raise hive.DdlFailed(
            f"Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            f"InvalidOperationException(message:Database {name} is not empty. One or more tables exist.)"
        )
    for table in tables:
        _drop(run, table)
    glue.delete_database(name)
    return run.text_result()


def alter_schema(run: StatementRun, statement: statements.AlterSchemaSetProperties) -> QueryResult:
    """ALTER DATABASE … SET DBPROPERTIES."""
    name = run.resolve_schema(statement.schema)
    database = run.context.glue.database(name)
    changed = replace(database, parameters={**database.parameters, **statement.properties})
    run.context.glue.update_database(changed)
    return run.text_result()


def create_external_table(run: StatementRun, statement: statements.CreateExternalTable) -> QueryResult:
    """CREATE EXTERNAL TABLE."""
    name = run.resolve(statement.table)
    if statement.properties.get("table_type", "").upper() == "ICEBERG":
        raise hive.DdlFailed("External keyword not supported for table type ICEBERG")
    run.context.glue.database(name.database)
    if run.context.glue.find_table(name.database, name.table) is not None:
        if statement.if_not_exists:
            return run.text_result()
        raise hive.DdlFailed(
            "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
            f"AlreadyExistsException(message:Table {name.table} already exists.)"
        )
    hive.create_table(run.context, name, statement)
    return run.text_result()


def create_iceberg_table(run: StatementRun, statement: statements.CreateIcebergTable) -> QueryResult:
    """CREATE TABLE … TBLPROPERTIES ('table_type' = 'ICEBERG')."""
    name = run.resolve(statement.table)
    properties = {key.lower(): value for key, value in statement.properties.items()}
    if properties.get("table_type", "").upper() != "ICEBERG":
        raise HiveInvalidTableProperty(
            "CREATE TABLE without EXTERNAL makes an Iceberg table: "
            "TBLPROPERTIES must say 'table_type'='ICEBERG', or write CREATE EXTERNAL TABLE"
        )
    if run.context.glue.find_table(name.database, name.table) is not None and statement.if_not_exists:
        return run.text_result()
    names = [column.name for column in statement.columns]
    for column_name in names:
        if names.count(column_name) > 1:
            raise DuplicateColumnName(f"Column '{column_name}' specified more than once")
    columns = [
        Column(column.name, _stored(column.type), comment=column.comment) for column in statement.columns
    ]
    read = iceberg.IcebergTableProperties.read(
        {**properties, "location": statement.location, "partitioning": statement.partitioning}
    )
    iceberg.create_iceberg_table(run, name, columns, read.commented(statement.comment))
    return run.text_result()


def drop_table(run: StatementRun, statement: statements.DropTable) -> QueryResult:
    """DROP TABLE: of a Hive table the files stay, of an Iceberg table they go."""
    name = run.resolve(statement.table)
    found = run.context.glue.find_table(name.database, name.table)
    if found is None:
        if statement.if_exists:
            return run.text_result()
        raise hive.DdlFailed(f"SemanticException [Error 10001]: Table not found {name.database}.{name.table}")
    if found.is_view:
        raise hive.DdlFailed("SemanticException [Error 10159]: Cannot drop a view with DROP TABLE")
    _drop(run, found)
    return run.text_result()


def repair(run: StatementRun, statement: statements.MsckRepairTable) -> QueryResult:
    """MSCK REPAIR TABLE."""
    table = _hive_table(run, statement.table)
    return run.text_result(("",), [(line,) for line in hive.repair(run.context, table)])


def optimize(run: StatementRun, statement: statements.Optimize) -> QueryResult:
    """OPTIMIZE … REWRITE DATA USING BIN_PACK [WHERE …]."""
    table = _iceberg_table(run, statement.table)
    condition = _partition_condition(run, table, statement) if statement.where is not None else None
    return run.rows_written(iceberg.maintenance.optimize(run.context, table, condition))


def _partition_condition(run: StatementRun, table: GlueTable, statement: statements.Optimize) -> str | None:
    """The condition of OPTIMIZE in DuckDB's dialect: that of a DELETE of the same rows.

    Raises:
        NotSupported: It is not about partition columns alone.
    """
    delete = statements.Delete(
        statement.table,
        statement.where,
        text=statement.text,
        parameter_count=statement.parameter_count,
    )
    plan = run.plan_changes(delete)
    [target] = [scan for scan in plan.scans if scan.placeholder == plan.target_placeholder]
    used = {column for column in target.columns if not column.startswith("$")}
    if len(plan.scans) > 1 or not used <= iceberg.maintenance.partition_sources(run.context, table):
        raise NotSupported(
            "Unexpected FilterNode found in plan; probably connector was not able to handle provided "
            "WHERE expression"
        )
    return target.partition_filter


def vacuum(run: StatementRun, statement: statements.Vacuum) -> QueryResult:
    """VACUUM."""
    iceberg.maintenance.vacuum(run.context, _iceberg_table(run, statement.table))
    return run.rows_written(0)


def alter_table(run: StatementRun, statement: statements.AlterTable) -> QueryResult:
    """ALTER TABLE, of either kind of table."""
    table = run.table(statement.table)
    if table.is_view:
        raise hive.DdlFailed(f"SemanticException {table.name} is a view: ALTER TABLE does not apply")
    of_hive, of_iceberg = _ALTERATIONS[type(statement)]
    alter = of_iceberg if table.is_iceberg else of_hive
    if alter is None:
        kind = "Iceberg" if table.is_iceberg else "Hive"
        words = type(statement).__name__.removeprefix("AlterTable")
        raise NotSupported(f"ALTER TABLE {words} is not supported for {kind} tables")
    alter(run, table, statement)
    return run.text_result()


def _drop(run: StatementRun, table: GlueTable) -> None:
    run.context.glue.delete_table(table.database, table.name)
    if table.is_iceberg and table.storage.location:
        folder = S3Location.parse(table.storage.location).as_folder
        if run.context.storage.has_bucket(folder.bucket):
            run.context.storage.delete([handle.location for handle in run.context.storage.list(folder)])


def _stored(type_: SqlType) -> SqlType:
    """In DDL a bare `timestamp` means Iceberg's only precision."""
    return SqlType(type_.name, (6,)) if type_.name.startswith("timestamp") else type_


def _hive_table(run: StatementRun, name: statements.QualifiedName) -> GlueTable:
    table = run.table(name)
    if table.is_iceberg or table.is_view:
        raise NotSupported(f"{table.database}.{table.name} is no Hive table")
    return table


def _iceberg_table(run: StatementRun, name: statements.QualifiedName) -> GlueTable:
    table = run.table(name)
    if not table.is_iceberg:
        raise NotSupported(f"{table.database}.{table.name} is no Iceberg table")
    return table


def _rename(run: StatementRun, table: GlueTable, statement: statements.AlterTableRename) -> None:
    """RENAME TO, within or between databases: the catalog's entry moves, the files stay."""
    new = statement.new_name.resolve(replace(run.request.session, database=table.database))
    glue = run.context.glue
    if not glue.has_database(new.database):
        raise SchemaNotFound(f"Schema '{new.database}' does not exist")
    if glue.find_table(new.database, new.table) is not None:
        raise AlreadyExists(f"Table 'awsdatacatalog.{new.database}.{new.table}' already exists")
    glue.create_table(new.database, {**table.input, "Name": new.table})
    try:
        glue.delete_table(table.database, table.name)
    except EntityNotFoundException:
        # Somebody else dropped it meanwhile: the new name must not bring it back.
        glue.delete_table(new.database, new.table)
        raise TableNotFound(f"Table 'awsdatacatalog.{table.database}.{table.name}' does not exist") from None


_Alter = Callable[[StatementRun, GlueTable, Any], None]

_ALTERATIONS: dict[type[statements.AlterTable], tuple[_Alter | None, _Alter | None]] = {
    statements.AlterTableAddColumns: (
        lambda run, table, s: hive.add_columns(run.context, table, s.columns),
        lambda run, table, s: iceberg.schema_changes.add_columns(run.context, table, s.columns),
    ),
    statements.AlterTableReplaceColumns: (
        lambda run, table, s: hive.replace_columns(run.context, table, s.columns),
        None,
    ),
    statements.AlterTableChangeColumn: (
        lambda run, table, s: hive.change_column(run.context, table, s.old_name, s.column, s.first, s.after),
        lambda run, table, s: iceberg.schema_changes.change_column(
            run.context, table, s.old_name, s.column, s.first, s.after
        ),
    ),
    statements.AlterTableDropColumn: (
        None,
        lambda run, table, s: iceberg.schema_changes.drop_column(run.context, table, s.column.lower()),
    ),
    statements.AlterTableRename: (None, _rename),
    statements.AlterTableSetProperties: (
        lambda run, table, s: hive.set_properties(run.context, table, s.properties),
        lambda run, table, s: iceberg.properties.set_properties(run.context, table, s.properties),
    ),
    statements.AlterTableUnsetProperties: (
        lambda run, table, s: hive.unset_properties(run.context, table, s.names),
        lambda run, table, s: iceberg.properties.unset_properties(run.context, table, s.names),
    ),
    statements.AlterTableSetLocation: (
        lambda run, table, s: hive.set_location(run.context, table, s.location, s.partition),
        None,
    ),
    statements.AlterTableAddPartitions: (
        lambda run, table, s: hive.add_partitions(run.context, table, s.partitions, s.if_not_exists),
        None,
    ),
    statements.AlterTableDropPartitions: (
        lambda run, table, s: hive.drop_partitions(run.context, table, s.partitions, s.if_exists),
        None,
    ),
    statements.AlterTableRenamePartition: (
        lambda run, table, s: hive.rename_partition(run.context, table, s.old_values, s.new_values),
        None,
    ),
}
