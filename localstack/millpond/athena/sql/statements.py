"""Every kind of statement that Athena runs, as one frozen dataclass each.

`parse.parse_statement` makes them. `statement_type` and `substatement_type` are the fields
`StatementType` and `SubstatementType` of Athena's `QueryExecution`. Names are as written, not yet
resolved: `QualifiedName.resolve` completes them with a session's defaults. Queries inside a
statement (`Query`, `CreateTableAsSelect.query`, …) go to `planner.plan_query`, row changes
(`Update`, `Delete`, `Merge`) to `planner.plan_row_changes`.

https://docs.aws.amazon.com/athena/latest/ug/ddl-sql-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from millpond.athena.sql import syntax
from millpond.athena.sql.catalog import TableName
from millpond.athena.sql.exceptions import MissingSchemaName
from millpond.athena.sql.plan import Session
from millpond.athena.sql.types import SqlType

PropertyValue = str | int | float | bool | None | tuple["PropertyValue", ...]
"""A value of `WITH (name = value)`: `ARRAY[…]` is a tuple."""


@dataclass(frozen=True)
class QualifiedName:
    """A table's, view's or schema's name with one to three parts, as written, without its quotes."""

    parts: tuple[str, ...]
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)

    def resolve(self, session: Session) -> TableName:
        """The full name of a table, in lower case.

        Raises:
            MissingSchemaName: The name has no database and neither has the session.
        """
        catalog, database = session.catalog, session.database
        if len(self.parts) == 3:
            catalog, database = self.parts[0], self.parts[1]
        elif len(self.parts) == 2:
            database = self.parts[0]
        if database is None:
            raise MissingSchemaName(
                "Schema must be specified when session schema is not set", self.line, self.column
            )
        return TableName(catalog.lower(), database.lower(), self.parts[-1].lower())

    def resolve_schema(self, session: Session) -> tuple[str, str]:
        """Catalog and database in lower case, for a name that names a schema (`[catalog.]schema`)."""
        catalog = self.parts[0] if len(self.parts) > 1 else session.catalog
        return catalog.lower(), self.parts[-1].lower()

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True)
class Statement:
    """What all statements have.

    Attributes:
        text: The statement as written, without comments before it and without its last `;`.
        parameter_count: How many `?` it has.
    """

    statement_type: ClassVar[str]
    substatement_type: ClassVar[str]

    text: str = field(default="", compare=False, kw_only=True)
    parameter_count: int = field(default=0, compare=False, kw_only=True)


# ---- queries and what contains them


@dataclass(frozen=True)
class Query(Statement):
    """`SELECT …`, `WITH …`, `VALUES …`, `TABLE t`."""

    statement_type = "DML"
    substatement_type = "SELECT"

    tree: syntax.Query


@dataclass(frozen=True)
class Explain(Statement):
    """`EXPLAIN [ANALYZE] [(option, …)] statement`; options in lower case (`type`, `format`)."""

    statement_type = "DML"
    substatement_type = "EXPLAIN"

    statement: Statement
    analyze: bool
    options: Mapping[str, str]


@dataclass(frozen=True)
class CreateTableAsSelect(Statement):
    """`CREATE TABLE [IF NOT EXISTS] t [COMMENT …] [WITH (…)] AS query [WITH [NO] DATA]`."""

    statement_type = "DDL"
    substatement_type = "CREATE_TABLE_AS_SELECT"

    table: QualifiedName
    if_not_exists: bool
    properties: Mapping[str, PropertyValue]
    query: Query
    with_data: bool = True
    comment: str | None = None
    column_aliases: tuple[str, ...] | None = None


@dataclass(frozen=True)
class InsertInto(Statement):
    """`INSERT INTO t [(columns)] query`; `columns` is None if they are not named."""

    statement_type = "DML"
    substatement_type = "INSERT"

    table: QualifiedName
    columns: tuple[str, ...] | None
    query: Query


@dataclass(frozen=True)
class Assignment:
    """`column = value` of UPDATE and MERGE."""

    column: str
    value: syntax.Expression
    line: int = 1
    column_position: int = 1


@dataclass(frozen=True)
class Update(Statement):
    """`UPDATE t SET column = value, … [WHERE …]`."""

    statement_type = "DML"
    substatement_type = "UPDATE"

    table: QualifiedName
    assignments: tuple[Assignment, ...]
    where: syntax.Expression | None


@dataclass(frozen=True)
class Delete(Statement):
    """`DELETE FROM t [WHERE …]`."""

    statement_type = "DML"
    substatement_type = "DELETE"

    table: QualifiedName
    where: syntax.Expression | None


@dataclass(frozen=True)
class MergeCase:
    """One `WHEN [NOT] MATCHED [AND condition] THEN action` of MERGE.

    Attributes:
        matched: Whether it is for rows that the source matches.
        condition: The condition after AND.
        action: `update`, `delete` or `insert`.
        assignments: What UPDATE sets.
        columns: The columns of INSERT, None if they are not named.
        values: The values of INSERT.
    """

    matched: bool
    condition: syntax.Expression | None
    action: str
    assignments: tuple[Assignment, ...] = ()
    columns: tuple[str, ...] | None = None
    values: tuple[syntax.Expression, ...] = ()
    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Merge(Statement):
    """`MERGE INTO t [AS alias] USING source ON condition WHEN …`."""

    statement_type = "DML"
    substatement_type = "MERGE"

    table: QualifiedName
    alias: str | None
    source: syntax.Relation
    condition: syntax.Expression
    cases: tuple[MergeCase, ...]


@dataclass(frozen=True)
class Unload(Statement):
    """`UNLOAD (query) TO 's3://…' WITH (format = …)`."""

    statement_type = "DML"
    substatement_type = "UNLOAD"

    query: Query
    location: str
    properties: Mapping[str, PropertyValue]


@dataclass(frozen=True)
class Prepare(Statement):
    """`PREPARE name FROM statement`."""

    statement_type = "DDL"
    substatement_type = "PREPARE"

    name: str
    statement: Statement


@dataclass(frozen=True)
class Execute(Statement):
    """`EXECUTE name [USING value, …]`; `parameters` are the values' texts, as ExecutionParameters are."""

    statement_type = "DML"
    substatement_type = "EXECUTE"

    name: str
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Deallocate(Statement):
    """`DEALLOCATE PREPARE name`."""

    statement_type = "DDL"
    substatement_type = "DEALLOCATE"

    name: str


# ---- views


@dataclass(frozen=True)
class CreateView(Statement):
    """`CREATE [OR REPLACE] VIEW v AS query`."""

    statement_type = "DDL"
    substatement_type = "CREATE_VIEW"

    view: QualifiedName
    or_replace: bool
    query: Query


@dataclass(frozen=True)
class DropView(Statement):
    """`DROP VIEW [IF EXISTS] v`."""

    statement_type = "DDL"
    substatement_type = "DROP_VIEW"

    view: QualifiedName
    if_exists: bool


# ---- tables


@dataclass(frozen=True)
class ColumnDefinition:
    """A column of CREATE TABLE or ALTER TABLE; the name in lower case, as Glue stores it."""

    name: str
    type: SqlType
    comment: str | None = None


@dataclass(frozen=True)
class RowFormat:
    """`ROW FORMAT SERDE '…' WITH SERDEPROPERTIES (…)` or `ROW FORMAT DELIMITED …`.

    Attributes:
        serde: The class of the SerDe; None for DELIMITED.
        properties: SERDEPROPERTIES; for DELIMITED what Hive makes of its clauses: `field.delim`,
            `escape.delim`, `collection.delim`, `mapkey.delim`, `line.delim`,
            `serialization.null.format`.
    """

    serde: str | None
    properties: Mapping[str, str]


@dataclass(frozen=True)
class CreateExternalTable(Statement):
    """`CREATE EXTERNAL TABLE [IF NOT EXISTS] t (…) …`: a Hive table.

    Attributes:
        partition_columns: PARTITIONED BY, with types.
        bucket_columns: CLUSTERED BY.
        bucket_count: INTO n BUCKETS.
        row_format: None if there is none: LazySimpleSerDe unless `stored_as` says otherwise.
        stored_as: `PARQUET`, `ORC`, `TEXTFILE`, … in upper case; None if absent or given by classes.
        input_format: INPUTFORMAT of STORED AS.
        output_format: OUTPUTFORMAT of STORED AS.
    """

    statement_type = "DDL"
    substatement_type = "CREATE_TABLE"

    table: QualifiedName
    if_not_exists: bool
    columns: tuple[ColumnDefinition, ...]
    comment: str | None
    partition_columns: tuple[ColumnDefinition, ...]
    bucket_columns: tuple[str, ...]
    bucket_count: int | None
    row_format: RowFormat | None
    stored_as: str | None
    input_format: str | None
    output_format: str | None
    location: str | None
    properties: Mapping[str, str]


@dataclass(frozen=True)
class CreateIcebergTable(Statement):
    """`CREATE TABLE [IF NOT EXISTS] t (…) [PARTITIONED BY (…)] LOCATION … TBLPROPERTIES (…)`.

    Athena makes only Iceberg tables without EXTERNAL; that `table_type` says so is for the executor
    to check.

    Attributes:
        partitioning: The transforms as text, in lower case: `day(ts)`, `bucket(16, id)`, `region`.
    """

    statement_type = "DDL"
    substatement_type = "CREATE_TABLE"

    table: QualifiedName
    if_not_exists: bool
    columns: tuple[ColumnDefinition, ...]
    comment: str | None
    partitioning: tuple[str, ...]
    location: str | None
    properties: Mapping[str, str]


@dataclass(frozen=True)
class DropTable(Statement):
    """`DROP TABLE [IF EXISTS] t`."""

    statement_type = "DDL"
    substatement_type = "DROP_TABLE"

    table: QualifiedName
    if_exists: bool


@dataclass(frozen=True)
class CreateSchema(Statement):
    """`CREATE DATABASE|SCHEMA [IF NOT EXISTS] s [COMMENT …] [LOCATION …] [WITH DBPROPERTIES (…)]`."""

    statement_type = "DDL"
    substatement_type = "CREATE_DATABASE"

    schema: QualifiedName
    if_not_exists: bool
    comment: str | None
    location: str | None
    properties: Mapping[str, str]


@dataclass(frozen=True)
class DropSchema(Statement):
    """`DROP DATABASE|SCHEMA [IF EXISTS] s [RESTRICT|CASCADE]`."""

    statement_type = "DDL"
    substatement_type = "DROP_DATABASE"

    schema: QualifiedName
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class AlterSchemaSetProperties(Statement):
    """`ALTER DATABASE|SCHEMA s SET DBPROPERTIES (…)`."""

    statement_type = "DDL"
    substatement_type = "ALTER_DATABASE"

    schema: QualifiedName
    properties: Mapping[str, str]


# ---- ALTER TABLE

PartitionValues = tuple[tuple[str, str], ...]
"""`PARTITION (a = '1', b = 2)`: columns in lower case with their values as text, in order."""


@dataclass(frozen=True)
class PartitionLocation:
    """One `PARTITION (…) [LOCATION '…']` of ADD PARTITION."""

    values: PartitionValues
    location: str | None


@dataclass(frozen=True)
class PartitionCondition:
    """One comparison of DROP PARTITION, which knows more operators than `=`: `day < '2020-01-01'`."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True)
class AlterTable(Statement):
    """What all ALTER TABLE statements have."""

    statement_type = "DDL"
    substatement_type = "ALTER_TABLE"

    table: QualifiedName


@dataclass(frozen=True)
class AlterTableAddColumns(AlterTable):
    """`ADD COLUMNS (a int, …)`."""

    columns: tuple[ColumnDefinition, ...]


@dataclass(frozen=True)
class AlterTableReplaceColumns(AlterTable):
    """`REPLACE COLUMNS (a int, …)`: partition columns stay."""

    columns: tuple[ColumnDefinition, ...]


@dataclass(frozen=True)
class AlterTableChangeColumn(AlterTable):
    """`CHANGE [COLUMN] old new type [COMMENT …] [FIRST | AFTER column]`."""

    old_name: str
    column: ColumnDefinition
    first: bool = False
    after: str | None = None


@dataclass(frozen=True)
class AlterTableDropColumn(AlterTable):
    """`DROP COLUMN c`."""

    column: str


@dataclass(frozen=True)
class AlterTableRename(AlterTable):
    """`RENAME TO t`."""

    new_name: QualifiedName


@dataclass(frozen=True)
class AlterTableSetProperties(AlterTable):
    """`SET TBLPROPERTIES ('a' = 'b', …)`."""

    properties: Mapping[str, str]


@dataclass(frozen=True)
class AlterTableUnsetProperties(AlterTable):
    """`UNSET TBLPROPERTIES ('a', …)`."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class AlterTableSetLocation(AlterTable):
    """`[PARTITION (…)] SET LOCATION '…'`; `partition` is empty for the table itself."""

    location: str
    partition: PartitionValues = ()


@dataclass(frozen=True)
class AlterTableAddPartitions(AlterTable):
    """`ADD [IF NOT EXISTS] PARTITION (…) [LOCATION '…'] …`."""

    if_not_exists: bool
    partitions: tuple[PartitionLocation, ...]


@dataclass(frozen=True)
class AlterTableDropPartitions(AlterTable):
    """`DROP [IF EXISTS] PARTITION (…), PARTITION (…)`: each a conjunction of conditions."""

    if_exists: bool
    partitions: tuple[tuple[PartitionCondition, ...], ...]


@dataclass(frozen=True)
class AlterTableRenamePartition(AlterTable):
    """`PARTITION (…) RENAME TO PARTITION (…)`."""

    old_values: PartitionValues
    new_values: PartitionValues


# ---- utility statements


@dataclass(frozen=True)
class UtilityStatement(Statement):
    """A statement whose result is plain text without a header line."""

    statement_type = "UTILITY"


@dataclass(frozen=True)
class ShowDatabases(UtilityStatement):
    """`SHOW DATABASES|SCHEMAS [LIKE 'regular expression']`."""

    substatement_type = "SHOW_DATABASES"

    pattern: str | None


@dataclass(frozen=True)
class ShowTables(UtilityStatement):
    """`SHOW TABLES [IN database] ['regular expression']`."""

    substatement_type = "SHOW_TABLES"

    schema: QualifiedName | None
    pattern: str | None


@dataclass(frozen=True)
class ShowViews(UtilityStatement):
    """`SHOW VIEWS [IN database] [LIKE 'regular expression']`."""

    substatement_type = "SHOW_VIEWS"

    schema: QualifiedName | None
    pattern: str | None


@dataclass(frozen=True)
class ShowColumns(UtilityStatement):
    """`SHOW COLUMNS FROM|IN [database.]table [FROM|IN database]`."""

    substatement_type = "SHOW_COLUMNS"

    table: QualifiedName


@dataclass(frozen=True)
class ShowPartitions(UtilityStatement):
    """`SHOW PARTITIONS table [PARTITION (…)]`."""

    substatement_type = "SHOW_PARTITIONS"

    table: QualifiedName
    partition: PartitionValues = ()


@dataclass(frozen=True)
class ShowCreateTable(UtilityStatement):
    """`SHOW CREATE TABLE t`."""

    substatement_type = "SHOW_CREATE_TABLE"

    table: QualifiedName


@dataclass(frozen=True)
class ShowCreateView(UtilityStatement):
    """`SHOW CREATE VIEW v`."""

    substatement_type = "SHOW_CREATE_VIEW"

    view: QualifiedName


@dataclass(frozen=True)
class ShowTableProperties(UtilityStatement):
    """`SHOW TBLPROPERTIES t [('name')]`."""

    substatement_type = "SHOW_TBLPROPERTIES"

    table: QualifiedName
    property_name: str | None


@dataclass(frozen=True)
class Describe(UtilityStatement):
    """`DESCRIBE [EXTENDED|FORMATTED] t [PARTITION (…)] [column]`.

    Attributes:
        style: `extended`, `formatted` or None.
        column: A column, or the path to a field of it (`a.b`).
    """

    substatement_type = "DESCRIBE_TABLE"

    table: QualifiedName
    style: str | None = None
    partition: PartitionValues = ()
    column: tuple[str, ...] = ()


@dataclass(frozen=True)
class DescribeView(UtilityStatement):
    """`DESCRIBE VIEW v`."""

    substatement_type = "DESCRIBE_VIEW"

    view: QualifiedName


@dataclass(frozen=True)
class MsckRepairTable(Statement):
    """`MSCK REPAIR TABLE t`."""

    statement_type = "DDL"
    substatement_type = "MSCK_REPAIR"

    table: QualifiedName


@dataclass(frozen=True)
class Optimize(Statement):
    """`OPTIMIZE t REWRITE DATA USING BIN_PACK [WHERE …]`."""

    statement_type = "DML"
    substatement_type = "OPTIMIZE"

    table: QualifiedName
    where: syntax.Expression | None


@dataclass(frozen=True)
class Vacuum(Statement):
    """`VACUUM t`."""

    statement_type = "DML"
    substatement_type = "VACUUM"

    table: QualifiedName
