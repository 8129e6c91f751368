"""Queries, and statements that contain one: SELECT, CTAS, INSERT, row changes, UNLOAD, views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from millpond.athena.sql import syntax
from millpond.athena.sql.statements.base import PropertyValue, QualifiedName, Statement


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
