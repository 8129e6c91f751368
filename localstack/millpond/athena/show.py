"""SHOW: the catalog as Hive prints it; clients get each line as one value.

https://docs.aws.amazon.com/athena/latest/ug/show-create-table.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from millpond.athena import iceberg
from millpond.athena.describe import column_names, shown_columns
from millpond.athena.exceptions import TableNotFound
from millpond.athena.glue import GlueColumn, GlueTable
from millpond.athena.hive.write import partition_name
from millpond.athena.results import QueryResult
from millpond.athena.run import StatementRun
from millpond.athena.sql import statements
from millpond.athena.sql.exceptions import NotSupported
from millpond.athena.views import read_view


def show_databases(run: StatementRun, statement: statements.ShowDatabases) -> QueryResult:
    """SHOW DATABASES."""
    names = [database.name for database in run.context.glue.databases()]
    return _lines(run, "database_name", _matching(names, statement.pattern))


def show_tables(run: StatementRun, statement: statements.ShowTables) -> QueryResult:
    """SHOW TABLES: views too, as in Athena."""
    tables = run.context.glue.tables(_database(run, statement.schema))
    return _lines(run, "tab_name", _matching([table.name for table in tables], statement.pattern))


def show_views(run: StatementRun, statement: statements.ShowViews) -> QueryResult:
    """SHOW VIEWS."""
    tables = run.context.glue.tables(_database(run, statement.schema))
    names = [table.name for table in tables if table.is_view]
    return _lines(run, "views", _matching(names, statement.pattern), "varchar")


def show_columns(run: StatementRun, statement: statements.ShowColumns) -> QueryResult:
    """SHOW COLUMNS."""
    return _lines(run, "field", column_names(run.table(statement.table)))


def show_partitions(run: StatementRun, statement: statements.ShowPartitions) -> QueryResult:
    """SHOW PARTITIONS."""
    table = run.table(statement.table)
    if not table.partition_keys:
        raise NotSupported(f"Table {table.name} is not a partitioned table")
    wanted = dict(statement.partition)
    names = [key.name for key in table.partition_keys]
    lines = [
        partition_name(names, partition.values)
        for partition in run.context.glue.partitions(table)
        if all(partition.values[names.index(name)] == value for name, value in wanted.items())
    ]
    return _lines(run, "partition", lines)


def show_properties(run: StatementRun, statement: statements.ShowTableProperties) -> QueryResult:
    """SHOW TBLPROPERTIES."""
    table = run.table(statement.table)
    parameters = _iceberg_properties(run, table) if table.is_iceberg else table.parameters
    name = statement.property_name
    if name is not None:
        value = parameters.get(name, f"Table {statement.table} does not have property: {name}")
        return run.text_result(("prpt_name", "prpt_value"), [(value,)])
    rows = [(f"{key}\t{value}",) for key, value in sorted(parameters.items())]
    return run.text_result(("prpt_name", "prpt_value"), rows)


def show_create_table(run: StatementRun, statement: statements.ShowCreateTable) -> QueryResult:
    """SHOW CREATE TABLE."""
    table = run.table(statement.table)
    if table.is_view:
        raise NotSupported(f"{table.database}.{table.name} is a view, not a table: use SHOW CREATE VIEW")
    lines = _create_iceberg(run, table) if table.is_iceberg else _create_hive(table)
    return _lines(run, "createtab_stmt", lines)


def show_create_view(run: StatementRun, statement: statements.ShowCreateView) -> QueryResult:
    """SHOW CREATE VIEW."""
    table = _view(run, statement.view)
    text = f"CREATE VIEW {table.database}.{table.name} AS\n{read_view(table).query}"
    return _lines(run, "create view", text.splitlines(), "varchar")


def _lines(run: StatementRun, column: str, lines: Iterable[str], type_name: str = "string") -> QueryResult:
    return run.text_result((column,), [(line,) for line in lines], type_name)


def _database(run: StatementRun, name: statements.QualifiedName | None) -> str:
    if name is not None:
        return run.resolve_schema(name)
    return run.request.session.database or "default"


def _matching(names: Sequence[str], pattern: str | None) -> list[str]:
    """Hive's pattern: `*` is any text and `|` is or; the rest is a regular expression."""
    if pattern is None:
        return list(names)
    expression = re.compile(re.sub(r"(?<!\.)\*", ".*", pattern.replace("%", ".*")), re.IGNORECASE)
    return [name for name in names if expression.fullmatch(name)]


def _view(run: StatementRun, name: statements.QualifiedName) -> GlueTable:
    table = run.table(name)
    if not table.is_view:
        raise TableNotFound(f"View 'awsdatacatalog.{table.database}.{table.name}' does not exist")
    return table


def _create_hive(table: GlueTable) -> list[str]:
    storage = table.storage
    lines = [f"CREATE EXTERNAL TABLE `{table.database}.{table.name}`(", *_column_lines(storage.columns)]
    if comment := table.parameters.get("comment"):
        lines.append(f"COMMENT {_quote(comment)}")
    if table.partition_keys:
        lines += ["PARTITIONED BY ( ", *_column_lines(table.partition_keys)]
    if storage.bucket_columns:
        lines += [
            "CLUSTERED BY ( ",
            f"  {', '.join(storage.bucket_columns)}) ",
            f"INTO {storage.bucket_count} BUCKETS",
        ]
    lines += ["ROW FORMAT SERDE ", f"  {_quote(storage.serde)} "]
    # Hive leaves out what is so anyway.
    serde = {k: v for k, v in storage.serde_parameters.items() if (k, v) != ("serialization.format", "1")}
    if serde:
        lines += ["WITH SERDEPROPERTIES ( ", *_property_lines(sorted(serde.items()), ") ")]
    lines += ["STORED AS INPUTFORMAT ", f"  {_quote(storage.input_format)} "]
    lines += ["OUTPUTFORMAT ", f"  {_quote(storage.output_format)}"]
    lines += ["LOCATION", f"  {_quote(storage.location)}"]
    properties = {k: v for k, v in table.parameters.items() if k not in ("EXTERNAL", "comment")}
    if properties:
        lines += ["TBLPROPERTIES (", *_property_lines(sorted(properties.items()), ")")]
    return lines


def _create_iceberg(run: StatementRun, table: GlueTable) -> list[str]:
    opened = run.context.open_iceberg(table)
    lines = [f"CREATE TABLE {table.database}.{table.name} (", *_column_lines(shown_columns(table), quote="")]
    if comment := opened.properties.get(iceberg.properties.COMMENT):
        lines.append(f"COMMENT {_quote(comment)}")
    if opened.spec().fields:
        schema = opened.schema()
        items = []
        for field in opened.spec().fields:
            source = schema.find_column_name(field.source_id)
            name, _, argument = str(field.transform).partition("[")
            number = f"{argument.rstrip(']')}, " if argument else ""
            items.append(f"`{source}`" if name == "identity" else f"{name}({number}`{source}`)")
        lines.append(f"PARTITIONED BY ({', '.join(items)})")
    lines.append(f"LOCATION {_quote(opened.location())}")
    custom = iceberg.properties.custom_names(opened.properties)
    if custom:
        raise NotSupported(
            f"SHOW CREATE TABLE is not supported for the Iceberg table {table.database}.{table.name}: it has "
            f"properties that Athena cannot set: {', '.join(custom)}"
        )
    properties = _iceberg_properties(run, table)
    lines += ["TBLPROPERTIES (", *_property_lines(properties.items(), ");")]
    return lines


def _iceberg_properties(run: StatementRun, table: GlueTable) -> dict[str, str]:
    """Only those that Athena knows."""
    properties = run.context.open_iceberg(table).properties
    return {"table_type": "iceberg", **iceberg.properties.shown(properties)}


def _column_lines(columns: Sequence[GlueColumn], quote: str = "`") -> list[str]:
    lines = []
    for position, column in enumerate(columns):
        comment = f" COMMENT {_quote(column.comment)}" if column.comment else ""
        end = ")" if position == len(columns) - 1 else ", "
        lines.append(f"  {quote}{column.name}{quote} {column.type}{comment}{end}")
    return lines


def _property_lines(properties: Iterable[tuple[str, str]], end: str) -> list[str]:
    lines = [f"  {_quote(key)}={_quote(value)}" for key, value in properties]
    return [line + (", " if i < len(lines) - 1 else end) for i, line in enumerate(lines)]


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
