"""The policy simulator answers from the evaluator that decides requests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud

ALICE = "arn:aws:iam::000000000000:user/alice"
KEY = "arn:aws:s3:::lake/raw/a"


def policy(*statements: dict[str, Any]) -> str:
    """A document, one statement to a line."""
    lines = ",\n".join("    " + json.dumps(each) for each in statements)
    return '{\n  "Version": "2012-10-17",\n  "Statement": [\n' + lines + "\n  ]\n}"


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str, resource: str = "*") -> dict[str, Any]:
    """A statement that denies."""
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def simulate(cloud: RunningCloud, *documents: str, **more: Any) -> list[dict[str, Any]]:
    """The results for documents."""
    parameters = {"ActionNames": ["s3:GetObject"], **more}
    answer = cloud.client("iam").simulate_custom_policy(PolicyInputList=list(documents), **parameters)
    results: list[dict[str, Any]] = answer["EvaluationResults"]
    return results


def test_decision_comes_with_the_statement_and_where_it_stands(cloud: RunningCloud) -> None:
    document = policy(allow("s3:PutObject"), allow("s3:GetObject", "arn:aws:s3:::lake/*"))
    (result,) = simulate(cloud, document, ResourceArns=[KEY])
    assert result["EvalDecision"] == "allowed"
    (matched,) = result["ResourceSpecificResults"][0]["MatchedStatements"]
    assert matched["SourcePolicyId"] == "PolicyInputList.1"
    assert matched["StartPosition"] == {"Line": 5, "Column": 5}
    assert matched["EndPosition"]["Line"] == 5


def test_each_resource_has_a_result_and_the_action_the_most_restrictive(cloud: RunningCloud) -> None:
    document = policy(allow("s3:*"), deny("s3:*", "arn:aws:s3:::secret/*"))
    (result,) = simulate(cloud, document, ResourceArns=[KEY, "arn:aws:s3:::secret/k"])
    decisions = [each["EvalResourceDecision"] for each in result["ResourceSpecificResults"]]
    assert decisions == ["allowed", "explicitDeny"]
    assert result["EvalDecision"] == "explicitDeny"


def test_without_resources_only_a_grant_on_everything_counts(cloud: RunningCloud) -> None:
    (narrow,) = simulate(cloud, policy(allow("s3:GetObject", "arn:aws:s3:::lake/*")))
    (wide,) = simulate(cloud, policy(allow("s3:GetObject")))
    assert (narrow["EvalDecision"], wide["EvalDecision"]) == ("implicitDeny", "allowed")
    assert "ResourceSpecificResults" not in wide


def test_key_that_policy_reads_and_nobody_gives_is_reported(cloud: RunningCloud) -> None:
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    document = policy(allow("s3:GetObject", Condition=condition))
    (without,) = simulate(cloud, document)
    assert (without["EvalDecision"], without["MissingContextValues"]) == (
        "implicitDeny",
        ["aws:RequestedRegion"],
    )
    entry = {
        "ContextKeyName": "aws:requestedregion",
        "ContextKeyType": "string",
        "ContextKeyValues": ["us-east-1"],
    }
    (given,) = simulate(cloud, document, ContextEntries=[entry])
    assert (given["EvalDecision"], given["MissingContextValues"]) == ("allowed", [])


def test_boundary_says_whether_it_allows(cloud: RunningCloud) -> None:
    (result,) = simulate(
        cloud, policy(allow("*")), PermissionsBoundaryPolicyInputList=[policy(allow("glue:*"))]
    )
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_resource_policy_lets_the_caller_in(cloud: RunningCloud) -> None:
    bucket = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": ALICE},
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::lake/*",
            },
        }
    )
    settings = {"ResourceArns": [KEY], "ResourcePolicy": bucket, "CallerArn": ALICE}
    (same,) = simulate(cloud, policy(allow("glue:*")), **settings)
    assert same["EvalDecision"] == "allowed"
    (other,) = simulate(
        cloud, policy(allow("glue:*")), **settings, ResourceOwner="arn:aws:iam::111122223333:root"
    )
    assert other["EvalDecision"] == "implicitDeny"
    assert other["EvalDecisionDetails"] == {"IAM Policy": "implicitDeny", "Resource Policy": "allowed"}


def test_principal_has_the_policies_of_his_groups_and_his_boundary(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName="read", PolicyDocument=policy(allow("s3:Get*")))
    iam.add_user_to_group(GroupName=name, UserName=name)
    request = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject", "s3:PutObject"]}
    results = iam.simulate_principal_policy(**request)["EvaluationResults"]
    assert [each["EvalDecision"] for each in results] == ["allowed", "implicitDeny"]
    assert results[0]["MatchedStatements"][0]["SourcePolicyType"] == "group"
    iam.put_user_permissions_boundary(
        UserName=name, PermissionsBoundary="arn:aws:iam::aws:policy/AmazonAthenaFullAccess"
    )
    limited = iam.simulate_principal_policy(**request, ResourceArns=[KEY])["EvaluationResults"]
    assert limited[0]["EvalDecision"] == "implicitDeny"


def test_results_come_in_pages(cloud: RunningCloud) -> None:
    iam = cloud.client("iam")
    request = {"PolicyInputList": [policy(allow("s3:Get*"))], "ActionNames": ["s3:GetObject", "s3:PutObject"]}
    first = iam.simulate_custom_policy(**request, MaxItems=1)
    assert first["IsTruncated"]
    second = iam.simulate_custom_policy(**request, MaxItems=1, Marker=first["Marker"])
    names = [page["EvaluationResults"][0]["EvalActionName"] for page in (first, second)]
    assert (names, second["IsTruncated"]) == (["s3:GetObject", "s3:PutObject"], False)


def test_keys_are_listed_once_as_they_are_spelled(cloud: RunningCloud) -> None:
    condition = {
        "StringEquals": {"aws:PrincipalTag/Team": "${aws:username}"},
        "Null": {"AWS:UserName": "false"},
    }
    document = policy(allow("s3:*", "arn:aws:s3:::${s3:prefix}", Condition=condition))
    keys = cloud.client("iam").get_context_keys_for_custom_policy(PolicyInputList=[document])[
        "ContextKeyNames"
    ]
    assert sorted(key.lower() for key in keys) == ["aws:principaltag/team", "aws:username", "s3:prefix"]


def test_what_is_no_policy_is_refused(cloud: RunningCloud) -> None:
    with pytest.raises(ClientError) as error:
        simulate(cloud, '{"Version": "2012-10-17"}')
    assert error.value.response["Error"]["Code"] == "InvalidInput"
