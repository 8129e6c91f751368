"""What every role must not do: tried for real, denied, allowed by one more statement, denied again without.

The calls are made with the role's own session against the deployed lake. That one statement is enough shows
that it is for want of it that the role was denied, and for no other reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from millpond.client import Endpoint, run_query
from millpond.client.exceptions import QueryFailed

ACCOUNT, LAKE, OTHER = "000000000000", "millpond-local", "millpond-prod"
PROBE = b'{"rights": "probe"}'
STATEMENT = "for-a-moment"


def bucket(zone: str, environment: str = LAKE) -> str:
    return f"{environment}-{zone}-{ACCOUNT}"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}"


def tables(zone: str, environment: str = LAKE) -> tuple[str, ...]:
    """All that lies on the way to a table, for each of which Glue asks."""
    database = f"{environment}-{zone}".replace("-", "_")
    return arn("glue", "catalog"), arn("glue", f"database/{database}"), arn("glue", f"table/{database}/*")


def put_probe(name: str, key: str) -> Callable[[Party], object]:
    return lambda admin: admin.client("s3").put_object(Bucket=name, Key=key, Body=PROBE)


def remove(name: str, key: str) -> Callable[[Party], object]:
    return lambda admin: admin.client("s3").delete_object(Bucket=name, Key=key)


def remove_table(zone: str, table: str) -> Callable[[Party], object]:
    names = {"DatabaseName": f"{LAKE}-{zone}".replace("-", "_"), "TablesToDelete": [table]}
    return lambda admin: admin.client("glue").batch_delete_table(**names)


class Party:
    """Somebody with rights of his own, and his clients, which take longer to make than to use."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self.endpoint.client(service)
        return self._clients[service]


@dataclass(frozen=True)
class Parties:
    """Who acts: the role, and the administrator who sees what came of it."""

    role: Party
    admin: Party


def objects(name: str, key: str, *more: str) -> tuple[str, ...]:
    """An object, and the keys if more than the object is needed: for roles that have nothing encrypted."""
    return (f"arn:aws:s3:::{name}/{key}", *((arn("kms", "key/*"),) if more else ()))


@dataclass(frozen=True)
class Attempt:
    """Something that a role must not do.

    Attributes:
        what: In words.
        act: Does it, and looks at what came of it.
        actions: What the one statement would have to allow; the first one is what is denied.
        resources: On what.
        prepare: Puts in place what it is about.
        clean_up: Takes away what it leaves behind.
    """

    what: str
    act: Callable[[Parties], object]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    prepare: Callable[[Party], object] = lambda _: None
    clean_up: Callable[[Party], object] = lambda _: None

    def __str__(self) -> str:
        return self.what


def read(zone: str, key: str, *more: str, environment: str = LAKE) -> Attempt:
    name = bucket(zone, environment)

    def act(parties: Parties) -> None:
        assert parties.role.client("s3").get_object(Bucket=name, Key=key)["Body"].read() == PROBE

    needs = ("s3:GetObject", *more)
    prepare, clean_up = put_probe(name, key), remove(name, key)
    return Attempt(f"read {zone}/{key}", act, needs, objects(name, key, *more), prepare, clean_up)


def write(zone: str, key: str, *more: str, environment: str = LAKE) -> Attempt:
    name = bucket(zone, environment)

    def act(parties: Parties) -> None:
        parties.role.client("s3").put_object(Bucket=name, Key=key, Body=b"written")
        assert parties.admin.client("s3").get_object(Bucket=name, Key=key)["Body"].read() == b"written"

    needs, clean_up = ("s3:PutObject", *more), remove(name, key)
    return Attempt(f"write {zone}/{key}", act, needs, objects(name, key, *more), clean_up=clean_up)


def delete(zone: str, key: str) -> Attempt:
    name = bucket(zone)

    def act(parties: Parties) -> None:
        parties.role.client("s3").delete_object(Bucket=name, Key=key)
        left = parties.admin.client("s3").list_objects_v2(Bucket=name, Prefix=key)
        assert left["KeyCount"] == 0

    return Attempt(
        f"delete {zone}/{key}",
        act,
        ("s3:DeleteObject",),
        (f"arn:aws:s3:::{name}/{key}",),
        put_probe(name, key),
        remove(name, key),
    )


def see_table(zone: str, table: str, environment: str = LAKE) -> Attempt:
    database = f"{environment}-{zone}".replace("-", "_")

    def act(parties: Parties) -> None:
        found = parties.role.client("glue").get_table(DatabaseName=database, Name=table)["Table"]
        assert found["Name"] == table

    return Attempt(f"see {zone}.{table}", act, ("glue:GetTable",), tables(zone, environment))


def drop_table(zone: str) -> Attempt:
    database = f"{LAKE}-{zone}".replace("-", "_")

    def act(parties: Parties) -> None:
        parties.role.client("glue").delete_table(DatabaseName=database, Name="rights_probe")
        found = parties.admin.client("glue").get_tables(DatabaseName=database)["TableList"]
        assert "rights_probe" not in {table["Name"] for table in found}

    def prepare(admin: Party) -> None:
        admin.client("glue").create_table(DatabaseName=database, TableInput={"Name": "rights_probe"})

    return Attempt(
        f"drop a table of {zone}",
        act,
        ("glue:DeleteTable",),
        tables(zone),
        prepare,
        remove_table(zone, "rights_probe"),
    )


def count_sales() -> Attempt:
    """Ask through Athena, which reads with the rights of who asks."""

    def act(parties: Parties) -> None:
        answer = run_query(parties.role.endpoint, "select count(*) from sales", *places)
        assert answer.rows == run_query(parties.admin.endpoint, "select count(*) from sales", *places).rows

    places = ("millpond_local_raw", f"{LAKE}-analysts")
    needs = ("glue:GetTable", "glue:GetDatabase", "glue:GetPartitions", "s3:GetObject", "s3:ListBucket")
    raw = f"arn:aws:s3:::{bucket('raw')}"
    return Attempt("count raw.sales through Athena", act, needs, (*tables("raw"), raw, f"{raw}/*"))


def create_view() -> Attempt:
    def act(parties: Parties) -> None:
        places = ("millpond_local_marts", f"{LAKE}-analysts")
        run_query(parties.role.endpoint, "create view rights_probe as select 1 as one", *places)
        assert run_query(parties.admin.endpoint, "select one from rights_probe", *places).rows == (("1",),)

    return Attempt(
        "create a view in marts",
        act,
        ("glue:CreateTable",),
        tables("marts"),
        remove_table("marts", "rights_probe"),
        remove_table("marts", "rights_probe"),
    )


def start_query(workgroup: str) -> Attempt:
    def act(parties: Parties) -> None:
        athena = parties.role.client("athena")
        assert athena.start_query_execution(QueryString="select 1", WorkGroup=f"{LAKE}-{workgroup}")

    needs = ("athena:StartQueryExecution",)
    return Attempt(f"ask in {workgroup}", act, needs, (arn("athena", f"workgroup/{LAKE}-{workgroup}"),))


def put_events() -> Attempt:
    def act(parties: Parties) -> None:
        # A stream of its own: what lies in the lake's would be delivered.
        record = {"Data": PROBE, "PartitionKey": "1"}
        parties.role.client("kinesis").put_records(StreamName=f"{LAKE}-rights-probe", Records=[record])

    return Attempt(
        "put events", act, ("kinesis:PutRecords",), (arn("kinesis", f"stream/{LAKE}-rights-probe"),)
    )


def read_events() -> Attempt:
    def act(parties: Parties) -> None:
        found = parties.role.client("kinesis").describe_stream(StreamName=f"{LAKE}-events")
        assert found["StreamDescription"]["StreamName"] == f"{LAKE}-events"

    return Attempt(
        "read events", act, ("kinesis:DescribeStream",), (arn("kinesis", f"stream/{LAKE}-events"),)
    )


def invoke_ingest() -> Attempt:
    def act(parties: Parties) -> None:
        answer = parties.role.client("lambda").invoke(
            FunctionName=f"{LAKE}-ingest", Payload=b'{"Records": []}'
        )
        assert json.load(answer["Payload"]) == {"batchItemFailures": []}

    return Attempt(
        "invoke ingest", act, ("lambda:InvokeFunction",), (arn("lambda", f"function:{LAKE}-ingest"),)
    )


def become(role: str) -> Attempt:
    name = f"arn:aws:iam::{ACCOUNT}:role/{LAKE}-{role}"

    def act(parties: Parties) -> None:
        parties.role.endpoint.assume(name, "somebody-else")

    return Attempt(f"become {role}", act, ("sts:AssumeRole",), (name,))


def take_dead_letters() -> Attempt:
    def act(parties: Parties) -> None:
        sqs = parties.role.client("sqs")
        url = parties.admin.client("sqs").get_queue_url(QueueName=f"{LAKE}-ingest-dead-letters")["QueueUrl"]
        assert "Messages" not in sqs.receive_message(QueueUrl=url)

    needs, queue = ("sqs:ReceiveMessage",), arn("sqs", f"{LAKE}-ingest-dead-letters")
    return Attempt("take dead letters", act, needs, (queue,))


MUST_NOT: dict[str, tuple[Attempt, ...]] = {
    "ingest": (
        write("marts", "rights/probe"),
        write("landing", "rights/probe"),
        write("raw", "events/rights-probe"),
        delete("raw", "sales/rights-probe"),
        delete("landing", "rights/probe"),
        read("raw", "sales/rights-probe"),
        read("marts", "rights/probe"),
        see_table("marts", "monthly_revenue"),
        drop_table("raw"),
        take_dead_letters(),
    ),
    "collect-events": (
        read("landing", "rights/probe", "kms:Decrypt"),
        read("raw", "events/rights-probe", "kms:Decrypt"),
        read_events(),
        write("raw", "events/rights-probe", "kms:GenerateDataKey"),
        see_table("raw", "events"),
    ),
    "firehose": (
        put_events(),
        write("raw", "sales/rights-probe"),
        read("raw", "sales/rights-probe"),
        delete("raw", "events/rights-probe"),
        write("marts", "rights/probe"),
    ),
    "crawler": (
        write("landing", "customers/rights-probe", "kms:GenerateDataKey"),
        delete("landing", "customers/rights-probe"),
        read("landing", "rights/probe"),
        read("raw", "sales/rights-probe"),
        see_table("raw", "sales"),
        drop_table("landing"),
    ),
    "compact-raw": (
        read("landing", "rights/probe"),
        write("landing", "rights/probe"),
        write("marts", "rights/probe"),
        write("raw", "ingestion_log/rights-probe"),
        delete("raw", "ingestion_log/rights-probe"),
        drop_table("raw"),
    ),
    "sessionize-events": (
        write("raw", "events/rights-probe"),
        delete("raw", "events/rights-probe"),
        read("raw", "sales/rights-probe"),
        read("landing", "rights/probe"),
        write("marts", "rights/probe"),
    ),
    "batch-load": (
        read("raw", "sales/rights-probe"),
        read("landing", "rights/probe"),
        write("raw", "sales/rights-probe"),
        see_table("raw", "sales"),
        start_query("dbt"),
    ),
    "scheduler": (
        invoke_ingest(),
        read("results", "pipelines/rights-probe", "kms:Decrypt"),
        see_table("raw", "sales"),
    ),
    "dbt": (
        delete("raw", "sales/rights-probe"),
        write("raw", "sales/rights-probe"),
        drop_table("raw"),
        read("landing", "rights/probe"),
        write("results", "analysts/rights-probe"),
        start_query("analysts"),
    ),
    "analyst": (
        read("raw", "sales/rights-probe"),
        read("landing", "rights/probe"),
        read("results", "dbt/rights-probe"),
        write("marts", "rights/probe"),
        write("results", "dbt/rights-probe"),
        delete("marts", "rights/probe"),
        drop_table("marts"),
        start_query("dbt"),
        count_sales(),
        create_view(),
    ),
    "airflow": (
        read("raw", "sales/rights-probe"),
        read("landing", "rights/probe"),
        write("marts", "rights/probe"),
        invoke_ingest(),
        become("analyst"),
    ),
}

OTHER_ENVIRONMENT = (
    read("raw", "rights/probe", environment=OTHER),
    write("marts", "rights/probe", environment=OTHER),
    see_table("raw", "sales", OTHER),
)


@pytest.fixture(scope="module")
def admin(lakehouse) -> Iterator[Party]:
    """The administrator, in an account with another environment and a stream to put into."""
    admin = Party(lakehouse.lake.endpoint)
    s3, glue, kinesis = admin.client("s3"), admin.client("glue"), admin.client("kinesis")
    database = f"{OTHER}-raw".replace("-", "_")
    others = [bucket(zone, OTHER) for zone in ("raw", "marts")]
    for name in others:
        s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=bucket("raw", OTHER), Key="rights/probe", Body=PROBE)
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput={"Name": "sales"})
    kinesis.create_stream(StreamName=f"{LAKE}-rights-probe", ShardCount=1)
    yield admin
    kinesis.delete_stream(StreamName=f"{LAKE}-rights-probe")
    glue.delete_database(Name=database)
    for name in others:
        s3.delete_object(Bucket=name, Key="rights/probe")
        s3.delete_bucket(Bucket=name)


@pytest.fixture(scope="module")
def sessions(admin) -> Iterator[dict[str, Party]]:
    """A session of every role; for once the administrator may take those that trust services alone, too."""
    iam = admin.client("iam")
    trusted, found = {}, {}
    root = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    }
    for role in MUST_NOT:
        name = f"{LAKE}-{role}"
        document = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        trusted[name] = json.dumps(document)
        wider = {**document, "Statement": [*document["Statement"], root]}
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(wider))
        found[role] = Party(admin.endpoint.assume(f"arn:aws:iam::{ACCOUNT}:role/{name}", "rights"))
    yield found
    for name, document in trusted.items():
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)


@contextmanager
def allowed(admin: Party, role: str, attempt: Attempt) -> Iterator[None]:
    """One more statement in the role's rights."""
    iam, name = admin.client("iam"), f"{LAKE}-{role}"
    statement = {"Effect": "Allow", "Action": attempt.actions, "Resource": attempt.resources}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName=STATEMENT, PolicyDocument=document)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName=STATEMENT)


@contextmanager
def without_boundary(admin: Party, role: str) -> Iterator[None]:
    iam, name = admin.client("iam"), f"{LAKE}-{role}"
    boundary = iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
    iam.delete_role_permissions_boundary(RoleName=name)
    try:
        yield
    finally:
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)


def assert_denied(attempt: Attempt, parties: Parties, why: str = "") -> None:
    with pytest.raises((ClientError, QueryFailed)) as denied:
        attempt.act(parties)
    assert "is not authorized to perform" in str(denied.value)
    # SQS writes its actions in small letters.
    assert attempt.actions[0].lower() in str(denied.value).lower()
    assert why in str(denied.value)


@pytest.mark.parametrize(
    ("role", "attempt"),
    [
        pytest.param(role, attempt, id=f"{role}: {attempt}")
        for role, attempts in MUST_NOT.items()
        for attempt in attempts
    ],
)
def test_a_role_is_denied_what_it_must_not_do_until_one_statement_allows_it(admin, sessions, role, attempt):
    parties = Parties(sessions[role], admin)
    attempt.prepare(admin)
    try:
        assert_denied(attempt, parties)
        with allowed(admin, role, attempt):
            attempt.act(parties)
        attempt.prepare(admin)
        assert_denied(attempt, parties)
    finally:
        attempt.clean_up(admin)


@pytest.mark.parametrize("role", MUST_NOT)
@pytest.mark.parametrize("attempt", OTHER_ENVIRONMENT, ids=str)
def test_no_statement_lets_a_role_touch_another_environment_below_the_boundary(
    admin, sessions, role, attempt
):
    parties = Parties(sessions[role], admin)
    attempt.prepare(admin)
    assert_denied(attempt, parties)
    with allowed(admin, role, attempt):
        assert_denied(attempt, parties, "with an explicit deny in a permissions boundary")
        with without_boundary(admin, role):
            attempt.act(parties)
    assert_denied(attempt, parties)


def test_every_role_of_the_lake_is_in_the_table(admin):
    pages = admin.client("iam").get_paginator("list_roles").paginate()
    names = {role["RoleName"] for page in pages for role in page["Roles"]}
    deployed = {name.removeprefix(f"{LAKE}-") for name in names if name.startswith(LAKE)}
    # The deployer sets up the others and is held by a boundary that is its own policy.
    assert deployed - {"deployer"} == MUST_NOT.keys()
