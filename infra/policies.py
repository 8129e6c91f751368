"""Policy documents, built from small statements that each allow one thing.

Every action is named. `*` as a resource occurs nowhere; a `*` at the end of one stands for all objects of a
prefix or all tables of a database. The only wildcard action is in `deny_insecure_transport`, a denial.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from infra.naming import Naming

_READ_TABLES = (
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
)
_OWN_TABLES = (
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
_RUN_QUERIES = (
    "athena:BatchGetQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryResultsStream",
    "athena:GetWorkGroup",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
)


@dataclass(frozen=True)
class Statement:
    """One statement of a policy."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    effect: Literal["Allow", "Deny"] = "Allow"
    principal: Mapping[str, str] | str | None = None
    condition: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The statement in IAM's words."""
        rendered: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect, "Action": list(self.actions)}
        if self.principal is not None:
            rendered["Principal"] = self.principal
        if self.resources:
            rendered["Resource"] = list(self.resources)
        if self.condition:
            rendered["Condition"] = self.condition
        return rendered


def policy(statements: Iterable[Statement]) -> str:
    """A policy document of some statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": [s.document() for s in statements]})


def read_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Read and list what lies under some prefixes; without a prefix, the whole bucket."""
    condition = {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}} if prefixes else {}
    arn = (naming.bucket_arn(bucket),)
    return (
        Statement(
            _title("Read", bucket),
            ("s3:GetObject", "s3:GetObjectVersion"),
            _objects(naming, bucket, prefixes),
        ),
        Statement(_title("List", bucket), ("s3:ListBucket",), arn, condition=condition),
        Statement(_title("Locate", bucket), ("s3:GetBucketLocation",), arn),
    )


def get_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Read objects whose keys are known, and be told if there is none.

    Without the right to list, S3 answers 403 and not 404 for an object that is not there. A request for an
    object names no prefix, so a right to list some prefixes only would not do.
    """
    return (
        Statement(_title("Get", bucket), ("s3:GetObject",), _objects(naming, bucket, prefixes)),
        Statement(_title("Miss", bucket), ("s3:ListBucket",), (naming.bucket_arn(bucket),)),
    )


def get_versions(naming: Naming, bucket: str) -> tuple[Statement, ...]:
    """Read objects in the version that an event told of."""
    return (Statement(_title("GetVersion", bucket), ("s3:GetObjectVersion",), _objects(naming, bucket, ())),)


def put_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Write objects under some prefixes, each at once."""
    return (Statement(_title("Put", bucket), ("s3:PutObject",), _objects(naming, bucket, prefixes)),)


def write_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Write under some prefixes, also in parts, as Athena does."""
    actions = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject")
    return (
        Statement(_title("Write", bucket), actions, _objects(naming, bucket, prefixes)),
        Statement(
            _title("ListUploads", bucket), ("s3:ListBucketMultipartUploads",), (naming.bucket_arn(bucket),)
        ),
    )


def delete_objects(naming: Naming, bucket: str, *prefixes: str) -> tuple[Statement, ...]:
    """Delete under some prefixes."""
    return (Statement(_title("Delete", bucket), ("s3:DeleteObject",), _objects(naming, bucket, prefixes)),)


def read_tables(naming: Naming, database: str) -> tuple[Statement, ...]:
    """Read the definitions of all tables of a database, with their partitions."""
    return (Statement(_title("ReadTables", database), _READ_TABLES, _database_arns(naming, database)),)


def own_tables(naming: Naming, database: str) -> tuple[Statement, ...]:
    """Create, change and drop the tables of a database, but not the database."""
    return (Statement(_title("OwnTables", database), _OWN_TABLES, _database_arns(naming, database)),)


def write_partitions(naming: Naming, database: str, tables: Sequence[str]) -> tuple[Statement, ...]:
    """Add partitions to some tables whose definitions are given."""
    arns = (
        naming.arn("glue", "catalog"),
        naming.arn("glue", f"database/{database}"),
        *(naming.arn("glue", f"table/{database}/{table}") for table in tables),
    )
    return (Statement(_title("AddPartitions", database), ("glue:CreatePartition", "glue:GetTable"), arns),)


def list_databases(naming: Naming) -> tuple[Statement, ...]:
    """List the names of all databases: dbt looks there which of its schemas exist."""
    arns = (naming.arn("glue", "catalog"), naming.arn("glue", "database/*"))
    return (Statement("ListDatabases", ("glue:GetDatabases",), arns),)


def run_queries(naming: Naming, workgroup: str) -> tuple[Statement, ...]:
    """Run queries in a workgroup."""
    return (
        Statement(
            _title("RunQueries", workgroup), _RUN_QUERIES, (naming.arn("athena", f"workgroup/{workgroup}"),)
        ),
        Statement(
            "FindCatalog", ("athena:GetDataCatalog",), (naming.arn("athena", "datacatalog/AwsDataCatalog"),)
        ),
    )


def receive_messages(naming: Naming, queue: str) -> tuple[Statement, ...]:
    """Take messages from a queue, as an event source mapping does with the function's rights."""
    actions = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
    return (Statement(_title("Receive", queue), actions, (naming.arn("sqs", queue),)),)


def write_logs(naming: Naming, log_group: str) -> tuple[Statement, ...]:
    """Write to a log group that exists."""
    arn = naming.arn("logs", f"log-group:{log_group}:*")
    return (Statement("WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), (arn,)),)


def trust_service(service: str) -> str:
    """A trust policy: the service may take the role."""
    return policy([Statement("Trust", ("sts:AssumeRole",), (), principal={"Service": service})])


def trust_account(naming: Naming) -> str:
    """A trust policy: whoever the account's own policies allow may take the role."""
    root = f"arn:{naming.partition}:iam::{naming.account_id}:root"
    return policy([Statement("Trust", ("sts:AssumeRole",), (), principal={"AWS": root})])


def deny_insecure_transport(naming: Naming, bucket: str) -> str:
    """A bucket policy: nobody does anything without TLS."""
    arn = naming.bucket_arn(bucket)
    statement = Statement(
        "DenyInsecureTransport",
        ("s3:*",),
        (arn, f"{arn}/*"),
        effect="Deny",
        principal="*",
        condition={"Bool": {"aws:SecureTransport": "false"}},
    )
    return policy([statement])


def accept_bucket_events(naming: Naming, queue: str, bucket: str) -> str:
    """A queue policy: S3 may send the events of one bucket of this account."""
    statement = Statement(
        "AcceptBucketEvents",
        ("sqs:SendMessage",),
        (naming.arn("sqs", queue),),
        principal={"Service": "s3.amazonaws.com"},
        condition={
            "ArnEquals": {"aws:SourceArn": naming.bucket_arn(bucket)},
            "StringEquals": {"aws:SourceAccount": naming.account_id},
        },
    )
    return policy([statement])


def _objects(naming: Naming, bucket: str, prefixes: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{naming.bucket_arn(bucket)}/{prefix}*" for prefix in prefixes or ("",))


def _database_arns(naming: Naming, database: str) -> tuple[str, ...]:
    return (
        naming.arn("glue", "catalog"),
        naming.arn("glue", f"database/{database}"),
        naming.arn("glue", f"table/{database}/*"),
    )


def _title(verb: str, *names: str) -> str:
    """A statement's identifier, for which IAM allows letters and digits only."""
    words = "".join(c if c.isalnum() else " " for c in " ".join(names)).split()
    return verb + "".join(word.capitalize() for word in words)
