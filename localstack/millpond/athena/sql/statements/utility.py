"""Statements that show what is there, and that look after tables."""

from __future__ import annotations

from dataclasses import dataclass

from millpond.athena.sql import syntax
from millpond.athena.sql.statements.alter_table import PartitionValues
from millpond.athena.sql.statements.base import QualifiedName, Statement


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
