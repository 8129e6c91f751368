"""What no role of an environment can ever do, whatever its own policy says.

The boundary allows what the roles of the lake need in all, but on everything of their environment and on
nothing of another one. So a pipeline may give a role other rights within the environment, and can give nobody
rights over people, roles or other environments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from infra.naming import Naming
from infra.policies.document import Statement, title

_S3_DATA = (
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:ListBucket",
    "s3:PutObject",
)
_GLUE_DATA = (
    "glue:BatchCreatePartition",
    "glue:BatchDeletePartition",
    "glue:BatchDeleteTable",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:DeletePartition",
    "glue:DeleteTable",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
)


def boundary(naming: Naming, key_arn: str, granted: Iterable[Statement]) -> tuple[Statement, ...]:
    """The statements of the boundary.

    Args:
        naming: What things are called.
        key_arn: The lake's key.
        granted: All that the roles are allowed; their actions are allowed, on the whole environment.
    """
    environment = _environment(naming, key_arn)
    actions: dict[str, set[str]] = {}
    without_resource: set[str] = set()
    for statement in granted:
        if tuple(statement.resources) == ("*",):
            without_resource.update(statement.actions)
            continue
        for action in statement.actions:
            actions.setdefault(action.partition(":")[0], set()).add(action)
    allowed = [
        Statement(title(naming, "Use", service), sorted(names), environment[service])
        for service, names in sorted(actions.items())
    ]
    unbound = Statement("UseWithoutResource", sorted(without_resource), ("*",))
    return (*allowed, unbound, *deny_other_environments(naming))


def deny_other_environments(naming: Naming) -> tuple[Statement, ...]:
    """Nothing may touch the data of another environment, even if its owner allows it.

    The catalog itself is on the way to every table and so must be left out, or this would deny them all.
    """
    return (
        Statement("DenyOtherBuckets", _S3_DATA, not_resources=_buckets(naming), effect="Deny"),
        Statement("DenyOtherTables", _GLUE_DATA, not_resources=_tables(naming), effect="Deny"),
    )


def _environment(naming: Naming, key_arn: str) -> Mapping[str, Sequence[str]]:
    """Everything of the environment, by service."""
    mine = naming.name("*")
    return {
        "airflow": (naming.arn("airflow", f"environment/{mine}"),),
        "athena": (
            naming.arn("athena", f"workgroup/{mine}"),
            naming.arn("athena", "datacatalog/AwsDataCatalog"),
        ),
        "glue": (
            *_tables(naming),
            # Only to list the names of databases: the denial below has the tables of the others.
            naming.arn("glue", "database/*"),
            *(naming.arn("glue", f"{kind}/{mine}") for kind in ("job", "crawler")),
        ),
        "kinesis": (naming.arn("kinesis", f"stream/{mine}"),),
        "kms": (key_arn,),
        "lambda": (naming.arn("lambda", f"function:{mine}"),),
        "logs": (naming.arn("logs", "log-group:*"),),
        "s3": _buckets(naming),
        # The queues of Airflow's workers, which MWAA keeps in an account of its own.
        "sqs": (naming.arn("sqs", mine), naming.managed_airflow_queues),
        "states": (naming.arn("states", f"stateMachine:{mine}"), naming.arn("states", f"execution:{mine}:*")),
        "sts": (naming.role_arn(mine),),
    }


def _buckets(naming: Naming) -> tuple[str, ...]:
    buckets = naming.bucket_arn(naming.bucket("*"))
    return (buckets, f"{buckets}/*")


def _tables(naming: Naming) -> tuple[str, ...]:
    database = naming.database("*")
    return (
        naming.arn("glue", "catalog"),
        naming.arn("glue", f"database/{database}"),
        naming.arn("glue", f"table/{database}/*"),
    )
