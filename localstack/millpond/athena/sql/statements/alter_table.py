"""ALTER TABLE in all its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from millpond.athena.sql.statements.base import QualifiedName, Statement
from millpond.athena.sql.statements.tables import ColumnDefinition

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
