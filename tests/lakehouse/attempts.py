"""Things that somebody may try to do in a deployed lake, and the one statement that each of them needs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from millpond.client import Endpoint, run_query

ACCOUNT, LAKE, OTHER = "000000000000", "millpond-local", "millpond-prod"
PROBE = b'{"rights": "probe"}'


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


def make_role() -> Attempt:
    """A role that no boundary holds."""
    name = f"{LAKE}-rights-probe"
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "glue.amazonaws.com"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})

    def act(parties: Parties) -> None:
        parties.role.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)
        assert "PermissionsBoundary" not in parties.admin.client("iam").get_role(RoleName=name)["Role"]

    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return Attempt(
        "make a role without a boundary",
        act,
        ("iam:CreateRole",),
        (role,),
        remove_role(name),
        remove_role(name),
    )


def remove_role(name: str) -> Callable[[Party], object]:
    def act(admin: Party) -> None:
        iam = admin.client("iam")
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role(RoleName=name)

    return act


def hand_role_to_ec2() -> Attempt:
    """A role that is made for Glue, in a profile with which a machine would have it."""
    name = f"{LAKE}-rights-probe"
    profile = f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}"

    def act(parties: Parties) -> None:
        parties.role.client("iam").add_role_to_instance_profile(
            InstanceProfileName=name, RoleName=f"{LAKE}-compact-raw"
        )
        found = parties.admin.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        assert [role["RoleName"] for role in found["Roles"]] == [f"{LAKE}-compact-raw"]

    def clean_up(admin: Party) -> None:
        iam = admin.client("iam")
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            for role in iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]:
                iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role["RoleName"])
            iam.delete_instance_profile(InstanceProfileName=name)

    def prepare(admin: Party) -> None:
        clean_up(admin)
        admin.client("iam").create_instance_profile(InstanceProfileName=name)

    needs = ("iam:AddRoleToInstanceProfile", "iam:PassRole")
    resources = (profile, f"arn:aws:iam::{ACCOUNT}:role/{LAKE}-compact-raw")
    return Attempt("hand a role to a machine", act, needs, resources, prepare, clean_up)


def open_bucket(environment: str) -> Attempt:
    """Let everybody of the account into a bucket."""
    name = bucket("raw", environment)
    opened = {
        "Sid": "Opened",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [opened]})

    def act(parties: Parties) -> None:
        parties.role.client("s3").put_bucket_policy(Bucket=name, Policy=document)
        assert "Opened" in parties.admin.client("s3").get_bucket_policy(Bucket=name)["Policy"]

    def close(admin: Party) -> None:
        admin.client("s3").delete_bucket_policy(Bucket=name)

    return Attempt(
        "open a bucket of another environment",
        act,
        ("s3:PutBucketPolicy",),
        (f"arn:aws:s3:::{name}",),
        clean_up=close,
    )
