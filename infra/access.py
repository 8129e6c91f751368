"""The roles, each with what it uses and nothing more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from infra.policies import (
    Statement,
    delete_objects,
    get_objects,
    get_versions,
    list_databases,
    own_tables,
    policy,
    put_objects,
    read_objects,
    read_tables,
    receive_messages,
    run_queries,
    trust_account,
    trust_service,
    write_logs,
    write_objects,
    write_partitions,
)
from infra.query import ANALYST_RESULTS, DBT_RESULTS
from lake.raw_zone import CLAIMS, INGESTION_LOG, QUARANTINE, table_prefix


@dataclass(frozen=True)
class AccessArgs:
    """The roles.

    Attributes:
        naming: What things are called.
        sources: The names of the sources.
        ingest_queue: The queue that the ingest function reads.
        ingest_log_group: Where the ingest function logs.
        analyst_workgroup: The workgroup of people.
        dbt_workgroup: The workgroup of dbt.
    """

    naming: Naming
    sources: Sequence[str]
    ingest_queue: str
    ingest_log_group: str
    analyst_workgroup: str
    dbt_workgroup: str


def ingest_statements(args: AccessArgs) -> Iterable[Statement]:
    """What the ingest function may do: read landing, write its own prefixes of raw, add partitions."""
    naming = args.naming
    landing, raw = naming.bucket("landing"), naming.bucket("raw")
    tables, ledger = (*args.sources, QUARANTINE), (INGESTION_LOG, CLAIMS)
    yield from get_objects(naming, landing)
    yield from get_versions(naming, landing)
    yield from put_objects(naming, raw, *map(table_prefix, (*tables, *ledger)))
    yield from get_objects(naming, raw, *map(table_prefix, ledger))
    yield from write_partitions(naming, naming.database("raw"), tables)
    yield from receive_messages(naming, args.ingest_queue)
    yield from write_logs(naming, args.ingest_log_group)


def dbt_statements(args: AccessArgs) -> Iterable[Statement]:
    """What dbt may do: read raw, own the tables of marts, run queries."""
    naming = args.naming
    marts, results = naming.bucket("marts"), naming.bucket("results")
    yield from run_queries(naming, args.dbt_workgroup)
    yield from list_databases(naming)
    yield from read_tables(naming, naming.database("raw"))
    yield from read_objects(naming, naming.bucket("raw"))
    yield from read_tables(naming, naming.database("marts"))
    yield from own_tables(naming, naming.database("marts"))
    for allow in (read_objects, write_objects, delete_objects):
        yield from allow(naming, marts)
    yield from read_objects(naming, results, DBT_RESULTS)
    yield from write_objects(naming, results, DBT_RESULTS)


def analyst_statements(args: AccessArgs) -> Iterable[Statement]:
    """What an analyst may do: query marts."""
    naming = args.naming
    results = naming.bucket("results")
    yield from run_queries(naming, args.analyst_workgroup)
    yield from read_tables(naming, naming.database("marts"))
    yield from read_objects(naming, naming.bucket("marts"))
    yield from read_objects(naming, results, ANALYST_RESULTS)
    yield from write_objects(naming, results, ANALYST_RESULTS)


class Access(pulumi.ComponentResource):
    """The roles and their policies."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:access:Access", name, None, opts)
        self._naming = args.naming
        account = trust_account(args.naming)
        self.ingest = self._role("ingest", trust_service("lambda.amazonaws.com"), ingest_statements(args))
        self.dbt = self._role("dbt", account, dbt_statements(args))
        self.analyst = self._role("analyst", account, analyst_statements(args))
        self.register_outputs(
            {
                "ingest_role_arn": self.ingest.arn,
                "dbt_role_arn": self.dbt.arn,
                "analyst_role_arn": self.analyst.arn,
            }
        )

    def _role(self, name: str, trust: str, statements: Iterable[Statement]) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{name}-role",
            name=self._naming.name(name),
            assume_role_policy=trust,
            tags=self._naming.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            name="access",
            role=role.name,
            policy=policy(statements),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role
