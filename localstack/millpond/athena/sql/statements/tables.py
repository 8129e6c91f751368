"""Statements that make and drop tables and schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from millpond.athena.sql.statements.base import QualifiedName, Statement
from millpond.athena.sql.types import SqlType


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
