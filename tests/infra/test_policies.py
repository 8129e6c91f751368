"""Every policy document that is deployed, statement by statement."""

from __future__ import annotations

import json
from typing import Any

import pytest
from infra.roles import ROLES

from .conftest import ACCOUNT_ID, Program


def statements(program: Program, role: str) -> list[dict[str, Any]]:
    document = program.one("aws:iam/rolePolicy:RolePolicy", f"{role}-policy").inputs["policy"]
    return list(json.loads(document)["Statement"])


def resources_of(program: Program, role: str, action: str) -> set[str]:
    return {r for s in statements(program, role) if action in s["Action"] for r in s["Resource"]}


@pytest.mark.parametrize("role", ROLES)
def test_no_role_is_allowed_a_wildcard_action(prod: Program, role: str) -> None:
    assert [a for s in statements(prod, role) for a in s["Action"] if "*" in a] == []


@pytest.mark.parametrize("role", ROLES)
def test_statement_ids_are_unique_letters_and_digits(prod: Program, role: str) -> None:
    ids = [s["Sid"] for s in statements(prod, role)]
    assert all(i.isalnum() for i in ids)
    assert len(ids) == len(set(ids))


def test_ingest_writes_only_below_its_prefixes_of_raw(prod: Program) -> None:
    raw = f"arn:aws:s3:::millpond-prod-raw-{ACCOUNT_ID}"
    prefixes = ("sales", "customers", "products", "quarantine", "ingestion_log", "_claims")
    assert resources_of(prod, "ingest", "s3:PutObject") == {f"{raw}/{prefix}/*" for prefix in prefixes}
    assert resources_of(prod, "ingest", "s3:DeleteObject") == set()


def test_analyst_reads_marts_and_not_raw(prod: Program) -> None:
    readable = resources_of(prod, "analyst", "s3:GetObject") | resources_of(prod, "analyst", "glue:GetTable")
    assert readable
    assert not [resource for resource in readable if "-raw-" in resource or "_raw" in resource]


def test_analyst_changes_no_table(prod: Program) -> None:
    actions = {a for s in statements(prod, "analyst") for a in s["Action"] if a.startswith("glue:")}
    assert all(a.startswith(("glue:Get", "glue:BatchGet")) for a in actions)


def test_dbt_owns_tables_of_marts_only(prod: Program) -> None:
    resources = resources_of(prod, "dbt", "glue:DeleteTable")
    assert {r.rsplit(":", 1)[1] for r in resources} == {
        "catalog",
        "database/millpond_prod_marts",
        "table/millpond_prod_marts/*",
    }
    assert resources_of(prod, "dbt", "s3:DeleteObject") == {
        f"arn:aws:s3:::millpond-prod-marts-{ACCOUNT_ID}/*"
    }


def test_buckets_deny_everything_without_tls(prod: Program) -> None:
    for bucket_policy in prod.of_type("aws:s3/bucketPolicy:BucketPolicy"):
        first, *_ = json.loads(bucket_policy.inputs["policy"])["Statement"]
        assert (first["Effect"], first["Action"], first["Principal"]) == ("Deny", ["s3:*"], "*")
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_queue_accepts_events_of_the_landing_bucket_only(prod: Program) -> None:
    document = prod.one("aws:sqs/queuePolicy:QueuePolicy", "ingest-queue-policy").inputs["policy"]
    (accepted,) = (s for s in json.loads(document)["Statement"] if s["Effect"] == "Allow")
    assert accepted["Principal"] == {"Service": "s3.amazonaws.com"}
    landing = f"arn:aws:s3:::millpond-prod-landing-{ACCOUNT_ID}"
    assert accepted["Condition"]["ArnEquals"] == {"aws:SourceArn": landing}


@pytest.mark.parametrize("role", ROLES)
def test_policies_fit_into_a_role(prod: Program, role: str) -> None:
    document = prod.one("aws:iam/rolePolicy:RolePolicy", f"{role}-policy").inputs["policy"]
    assert len(document) < 10_240


def test_ingest_is_told_what_is_not_in_its_ledger(prod: Program) -> None:
    raw = f"arn:aws:s3:::millpond-prod-raw-{ACCOUNT_ID}"
    unconditional = {
        r
        for s in statements(prod, "ingest")
        if "s3:ListBucket" in s["Action"] and "Condition" not in s
        for r in s["Resource"]
    }
    assert raw in unconditional


def test_analyst_reads_only_the_results_of_analysts(prod: Program) -> None:
    results = f"arn:aws:s3:::millpond-prod-results-{ACCOUNT_ID}"
    readable = {r for r in resources_of(prod, "analyst", "s3:GetObject") if r.startswith(results)}
    assert readable == {f"{results}/analysts/*"}
