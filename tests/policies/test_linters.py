"""What linters say of the documents, and who could gain rights that nobody gave."""

from __future__ import annotations

import json

import pytest

from policies.documents import PROJECT, Document, documents, program
from policies.linters import findings, lint
from policies.suppressions import report, suppressions

REPORT = PROJECT / "docs" / "roles" / "suppressions.md"
DEPLOYER = {
    "deployer-storage",
    "deployer-data",
    "deployer-compute",
    "deployer-observability",
    "deployer-orchestration",
    "deployer-identity",
}


def test_linters_find_nothing_that_is_not_suppressed_with_a_reason() -> None:
    known = suppressions()
    left = [str(f) for f in findings() if not any(suppression.covers(f) for suppression in known)]
    assert left == []


def test_every_suppression_is_needed() -> None:
    unneeded = [s.finding for s in suppressions() if not any(s.covers(f) for f in findings())]
    assert unneeded == []


def test_the_report_lists_every_suppression() -> None:
    assert REPORT.read_text() == report(suppressions())


@pytest.mark.parametrize(
    ("action", "resource", "finding"),
    [
        (["iam:CreatePolicyVersion"], "*", "allows_privilege_escalation"),
        (
            ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
            "*",
            "allows_privilege_escalation",
        ),
        (["s3:GetObject"], "*", "allows_data_exfiltration_actions"),
        (["iam:AttachRolePolicy"], "*", "permissions_management_without_constraints"),
        (["s3:*"], "*", "service_wildcard"),
    ],
)
def test_a_dangerous_policy_is_found(action: list[str], resource: str, finding: str) -> None:
    statement = {"Sid": "Bad", "Effect": "Allow", "Action": action, "Resource": resource}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    document = Document("none", "bad", "identity", "aws:iam/policy:Policy", text)
    assert finding in {found.name for found in lint(document)}


def allowed(document: Document, prefix: str) -> set[str]:
    return {
        action
        for statement in document.statements
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
        if action.startswith(prefix)
    }


def test_nobody_but_the_deployer_has_rights_over_roles() -> None:
    for document in documents():
        if document.kind == "identity" and document.name not in DEPLOYER:
            assert allowed(document, "iam:") == set(), document


def test_the_deployer_makes_no_role_and_gives_no_rights_outside_the_boundary() -> None:
    (identity,) = (d for d in documents() if (d.stack, d.name) == ("local", "deployer-identity"))
    boundary = "arn:aws:iam::123456789012:policy/millpond-local-boundary"
    for statement in identity.statements:
        if {"iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"} & set(
            statement["Action"]
        ):
            bound = statement.get("Condition", {}).get("StringEquals", {}).get("iam:PermissionsBoundary")
            assert statement["Effect"] == "Deny" or bound == boundary, statement["Sid"]
    assert not allowed(identity, "iam:Attach") | allowed(identity, "iam:CreatePolicy")


def test_roles_are_handed_to_one_service_each_and_by_name() -> None:
    for document in documents():
        for statement in document.statements:
            if "iam:PassRole" in statement["Action"]:
                service = statement["Condition"]["StringEquals"]["iam:PassedToService"]
                assert service.endswith(".amazonaws.com")
                assert not any("*" in role for role in statement["Resource"]), document


def test_every_passed_role_is_one_that_the_service_may_take() -> None:
    local = program("local")
    trusted = {
        r.inputs["name"]: json.loads(r.inputs["assumeRolePolicy"])["Statement"][0]["Principal"].get(
            "Service", []
        )
        for r in local.of_type("aws:iam/role:Role")
    }
    (identity,) = (d for d in documents() if (d.stack, d.name) == ("local", "deployer-identity"))
    for statement in identity.statements:
        if "iam:PassRole" in statement["Action"]:
            for role in statement["Resource"]:
                assert (
                    statement["Condition"]["StringEquals"]["iam:PassedToService"]
                    in trusted[role.rpartition("/")[2]]
                )


def test_services_take_roles_on_behalf_of_this_account_only() -> None:
    for document in documents():
        if document.kind == "trust":
            (statement,) = document.statements
            service = statement["Principal"].get("Service")
            if service and service != "lambda.amazonaws.com":
                assert statement["Condition"]["StringEquals"]["aws:SourceAccount"] == "123456789012", document


def test_the_denial_of_other_environments_leaves_the_catalog_out() -> None:
    boundaries = [d for d in documents() if d.name == "boundary"]
    assert boundaries
    for document in boundaries:
        denied = [s for s in document.statements if s["Effect"] == "Deny"]
        assert {s["Sid"] for s in denied} == {"DenyOtherBuckets", "DenyOtherTables"}
        (tables,) = (s for s in denied if s["Sid"] == "DenyOtherTables")
        assert any(resource.endswith(":catalog") for resource in tables["NotResource"])
