"""What every role must not do: tried for real, denied, allowed by one more statement, denied again without.

The calls are made with the role's own session against the deployed lake. That one statement is enough shows
that it is for want of it that the role was denied, and for no other reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lakehouse.attempts import (
    ACCOUNT,
    LAKE,
    OTHER,
    PROBE,
    Attempt,
    Parties,
    Party,
    become,
    bucket,
    count_sales,
    create_view,
    delete,
    drop_table,
    hand_role_to_ec2,
    invoke_ingest,
    make_role,
    open_bucket,
    put_events,
    read,
    read_events,
    see_table,
    start_query,
    take_dead_letters,
    write,
)
from millpond.client.exceptions import QueryFailed

STATEMENT = "for-a-moment"
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "roles" / "must-not.md"

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
        write("raw", "customers/rights-probe", "kms:GenerateDataKey"),
        write("marts", "rights/probe", "kms:GenerateDataKey"),
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
        write("landing", "rights/probe"),
        write("raw", "sales/rights-probe"),
        write("marts", "rights/probe"),
        write("results", "dbt/rights-probe"),
        delete("marts", "rights/probe"),
        delete("raw", "sales/rights-probe"),
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

# Not below the boundary: it is its own policies that hold it.
DEPLOYER_MUST_NOT = (
    read("raw", "sales/rights-probe"),
    read("marts", "rights/probe"),
    write("landing", "rights/probe"),
    see_table("raw", "sales", OTHER),
    open_bucket(OTHER),
    make_role(),
    hand_role_to_ec2(),
    become("dbt"),
)
TRIED = {**MUST_NOT, "deployer": DEPLOYER_MUST_NOT}

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
    for role in TRIED:
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
        for role, attempts in TRIED.items()
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
    assert deployed == TRIED.keys()


OWN_RIGHTS: dict[str, Callable[[Any], object]] = {
    "give itself more rights": lambda iam: iam.put_role_policy(
        RoleName=f"{LAKE}-deployer", PolicyName="more", PolicyDocument=EVERYTHING
    ),
    "change its policies": lambda iam: iam.create_policy_version(
        PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{LAKE}-deployer-data", PolicyDocument=EVERYTHING
    ),
    "change the boundary": lambda iam: iam.create_policy_version(
        PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/{LAKE}-boundary", PolicyDocument=EVERYTHING
    ),
    "take a role out of the boundary": lambda iam: iam.delete_role_permissions_boundary(
        RoleName=f"{LAKE}-ingest"
    ),
}


@pytest.mark.parametrize("act", OWN_RIGHTS.values(), ids=OWN_RIGHTS)
def test_no_statement_lets_the_deployer_outgrow_its_rights(admin, sessions, act):
    everything = Attempt("everything", act, ("iam:*",), ("*",))
    with allowed(admin, "deployer", everything), pytest.raises(ClientError) as denied:
        act(sessions["deployer"].client("iam"))
    assert "with an explicit deny in an identity-based policy" in str(denied.value)


def page() -> str:
    """The table as a page."""
    rows = [
        f"| [{role}]({role}.md) | {attempt} | {', '.join(f'`{action}`' for action in attempt.actions)} |"
        for role, attempts in TRIED.items()
        for attempt in attempts
    ]
    others = [f"- {attempt} of another environment" for attempt in OTHER_ENVIRONMENT]
    own = [f"- {what}" for what in OWN_RIGHTS]
    lines = [
        "# What the roles must not do",
        "",
        "Each line is tried through the endpoint with the role's own session: it is denied; one more",
        "statement, with these actions on what the line is about, allows it; without it, it is denied again.",
        "This page is made of the table in `tests/lakehouse/test_rights.py`, and a test compares them.",
        "",
        "| role | must not | what would allow it |",
        "|---|---|---|",
        *rows,
        "",
        "What none of the lake's roles can do, whatever statement it is given: the boundary denies it.",
        "",
        *others,
        "",
        "What the deployer cannot do, whatever statement it is given: its own policies deny it.",
        "",
        *own,
    ]
    return "\n".join(lines) + "\n"


def test_the_page_says_what_is_tried():
    assert PAGE.read_text() == page()
