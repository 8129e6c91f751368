"""A query's rights: Athena reads and writes the catalog and S3 as whoever sent the query could himself.

https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from millpond.athena.exceptions import QueryFailed
from millpond.athena.glue import GlueCatalog, GlueDatabase, GluePartition, GlueTable
from millpond.iam.enforcement import AccessDeniedError, Actor, installed
from millpond.iam.evaluation import Principal
from millpond.s3 import S3Location

_ATHENA = "athena.amazonaws.com"


class PermissionDenied(QueryFailed):
    """The caller may not use an object or a part of the catalog that the query needs."""

    code = "PERMISSION_DENIED"

    def __init__(self, error: AccessDeniedError) -> None:
        decision = error.decision
        ids = f"Request ID: {uuid.uuid4()}"
        if decision.request.action.startswith("glue:"):
            source = f"(Service: AWSGlue; Status Code: 400; Error Code: AccessDeniedException; {ids})"
            text = f"Insufficient permissions to execute the query. {decision.message()} {source}"
        else:
            service = "Kms" if decision.request.action.startswith("kms:") else "S3"
            text = f"{decision.message(quote_resource=True)} (Service: {service}, Status Code: 403, {ids})"
        super().__init__(text)


class OutputDenied(QueryFailed):
    """The caller may not write the query's result where it belongs."""

    code = "OUTPUT_ACCESS_DENIED"

    def __init__(self, output: S3Location | None) -> None:
        super().__init__(
            f"Access denied when writing output to url: {output} . Please ensure you are allowed to access "
            "the S3 bucket. If you are encrypting query results with KMS key, please ensure you are allowed "
            "to access your KMS key"
        )

    def __str__(self) -> str:
        """Athena puts no code before this one."""
        return self.message


def actor_of(caller: Principal, account: str, region: str) -> Actor:
    """The caller of a query, with Athena acting for him."""
    return Actor(caller, installed(), _ATHENA, account, region)


def denied(error: AccessDeniedError, output: S3Location | None) -> QueryFailed:
    """The error of a query that may not do something: its own text when it is about the result."""
    resource = error.decision.request.resource
    action = error.decision.request.action
    if action == "kms:GenerateDataKey":
        return OutputDenied(output)
    if output is not None and action == "s3:PutObject":
        folder = f"arn:aws:s3:::{output.bucket}/{output.key}"
        if resource.startswith(folder):
            return OutputDenied(output)
    return PermissionDenied(error)


class AuthorizedGlueCatalog(GlueCatalog):
    """The catalog as one caller may use it; its methods raise `AccessDeniedError` besides."""

    def __init__(self, account_id: str, region: str, actor: Actor) -> None:
        super().__init__(account_id, region)
        self._actor = actor

    def databases(self) -> list[GlueDatabase]:
        """See `GlueCatalog`."""
        self._actor.check("glue", "GetDatabases")
        return super().databases()

    def database(self, name: str) -> GlueDatabase:
        """See `GlueCatalog`."""
        self._actor.check("glue", "GetDatabase", Name=name)
        return super().database(name)

    def has_database(self, name: str) -> bool:
        """See `GlueCatalog`."""
        self._actor.check("glue", "GetDatabase", Name=name)
        return super().has_database(name)

    def create_database(
        self, name: str, description: str, location: str, parameters: Mapping[str, str]
    ) -> None:
        """See `GlueCatalog`."""
        self._actor.check("glue", "CreateDatabase", DatabaseInput={"Name": name})
        super().create_database(name, description, location, parameters)

    def update_database(self, database: GlueDatabase) -> None:
        """See `GlueCatalog`."""
        self._actor.check("glue", "UpdateDatabase", Name=database.name)
        super().update_database(database)

    def delete_database(self, name: str) -> None:
        """See `GlueCatalog`."""
        self._actor.check("glue", "DeleteDatabase", Name=name)
        super().delete_database(name)

    def tables(self, database: str, pattern: str | None = None) -> list[GlueTable]:
        """See `GlueCatalog`."""
        self._actor.check("glue", "GetTables", DatabaseName=database)
        return super().tables(database, pattern)

    def table(self, database: str, name: str) -> GlueTable:
        """See `GlueCatalog`."""
        self._actor.check("glue", "GetTable", DatabaseName=database, Name=name)
        return super().table(database, name)

    def create_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        """See `GlueCatalog`."""
        self._actor.check(
            "glue", "CreateTable", DatabaseName=database, TableInput={"Name": table_input["Name"]}
        )
        super().create_table(database, table_input)

    def update_table(self, database: str, table_input: Mapping[str, Any]) -> None:
        """See `GlueCatalog`."""
        self._actor.check(
            "glue", "UpdateTable", DatabaseName=database, TableInput={"Name": table_input["Name"]}
        )
        super().update_table(database, table_input)

    def delete_table(self, database: str, name: str) -> None:
        """See `GlueCatalog`."""
        self._actor.check("glue", "DeleteTable", DatabaseName=database, Name=name)
        super().delete_table(database, name)

    def partitions(self, table: GlueTable) -> list[GluePartition]:
        """See `GlueCatalog`."""
        self._on_table("GetPartitions", table)
        return super().partitions(table)

    def create_partitions(
        self, table: GlueTable, partitions: Iterable[GluePartition]
    ) -> list[tuple[str, ...]]:
        """See `GlueCatalog`."""
        self._on_table("BatchCreatePartition", table)
        return super().create_partitions(table, partitions)

    def replace_partition(self, table: GlueTable, old: tuple[str, ...], new: GluePartition) -> None:
        """See `GlueCatalog`."""
        self._on_table("UpdatePartition", table)
        super().replace_partition(table, old, new)

    def delete_partition(self, table: GlueTable, values: tuple[str, ...]) -> bool:
        """See `GlueCatalog`."""
        self._on_table("BatchDeletePartition", table)
        return super().delete_partition(table, values)

    def _on_table(self, operation: str, table: GlueTable) -> None:
        self._actor.check("glue", operation, DatabaseName=table.database, TableName=table.name)
