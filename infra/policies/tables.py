"""What a role may do with the databases and tables of the Glue catalog.

Glue wants each action allowed on all that lies on the way: the catalog, the database and the table
(https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html).
"""

from __future__ import annotations

from collections.abc import Sequence

from infra.naming import Naming
from infra.policies.document import Statement, title

_READ = (
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
)
_OWN = (
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchDeleteTable",
    "glue:BatchDeleteTableVersion",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:DeletePartition",
    "glue:DeleteTable",
    "glue:DeleteTableVersion",
    "glue:GetTableVersion",
    "glue:GetTableVersions",
    "glue:UpdatePartition",
    "glue:UpdateTable",
)
_CRAWL = (
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:BatchUpdatePartition",
    "glue:CreateTable",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
)


def read_tables(naming: Naming, database: str) -> tuple[Statement, ...]:
    """Read the definitions of all tables of a database, with their partitions."""
    return (Statement(title(naming, "ReadTables", database), _READ, _arns(naming, database)),)


def read_definitions(naming: Naming, database: str, tables: Sequence[str]) -> tuple[Statement, ...]:
    """Read the definitions of some tables that have no partitions."""
    arns = _arns(naming, database, tables)
    return (Statement(title(naming, "ReadDefinitions", database), ("glue:GetTable",), arns),)


def own_tables(naming: Naming, database: str) -> tuple[Statement, ...]:
    """Create, change and drop the tables of a database, but not the database."""
    return (Statement(title(naming, "OwnTables", database), _OWN, _arns(naming, database)),)


def crawl_tables(naming: Naming, database: str) -> tuple[Statement, ...]:
    """Write down what was found: create and change tables and partitions, and delete none."""
    return (Statement(title(naming, "Crawl", database), _CRAWL, _arns(naming, database)),)


def write_partitions(naming: Naming, database: str, tables: Sequence[str]) -> tuple[Statement, ...]:
    """Add partitions to some tables whose definitions are given, and see where those lie that are there."""
    actions = ("glue:CreatePartition", "glue:GetPartition", "glue:GetTable")
    return (Statement(title(naming, "AddPartitions", database), actions, _arns(naming, database, tables)),)


def move_partitions(naming: Naming, database: str, tables: Sequence[str]) -> tuple[Statement, ...]:
    """Point the partitions of some tables to other files, which is how a rewrite becomes visible."""
    actions = (
        "glue:CreatePartition",
        "glue:GetPartitions",
        "glue:GetTable",
        "glue:UpdatePartition",
    )
    return (Statement(title(naming, "MovePartitions", database), actions, _arns(naming, database, tables)),)


def read_schema(naming: Naming, database: str, tables: Sequence[str]) -> tuple[Statement, ...]:
    """Read the schema that records are converted to, in its versions."""
    actions = ("glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions")
    return (Statement(title(naming, "ReadSchema", database), actions, _arns(naming, database, tables)),)


def list_databases(naming: Naming) -> tuple[Statement, ...]:
    """List the names of all databases: dbt looks there which of its schemas exist."""
    arns = (naming.arn("glue", "catalog"), naming.arn("glue", "database/*"))
    return (Statement("ListDatabases", ("glue:GetDatabases",), arns),)


def _arns(naming: Naming, database: str, tables: Sequence[str] = ("*",)) -> tuple[str, ...]:
    return (
        naming.arn("glue", "catalog"),
        naming.arn("glue", f"database/{database}"),
        *(naming.arn("glue", f"table/{database}/{table}") for table in tables),
    )
