"""Sessions as STS gives them: who they are, how long they last, what is refused."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud

ACCOUNT = "000000000000"
TRUSTS_ACCOUNT = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
    },
}


def role(cloud: RunningCloud, trust: dict[str, Any] = TRUSTS_ACCOUNT, **settings: Any) -> dict[str, Any]:
    """A new role."""
    name = cloud.unique_name("role")
    document = json.dumps(trust)
    created: dict[str, Any] = cloud.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=document, **settings
    )["Role"]
    return created


def sts_with(cloud: RunningCloud, credentials: dict[str, Any]) -> Any:
    """STS for whoever has the credentials."""
    return boto3.client(
        "sts",
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials.get("SessionToken"),
    )


def assume(cloud: RunningCloud, role_arn: str, **settings: Any) -> dict[str, Any]:
    """A session of a role for the administrator."""
    answer: dict[str, Any] = cloud.client("sts").assume_role(
        RoleArn=role_arn, RoleSessionName="a-session", **settings
    )
    return answer


def refused(call: Any, **parameters: Any) -> tuple[str, str]:
    """The code and message with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_administrator_is_the_root_of_the_account(cloud: RunningCloud) -> None:
    identity = cloud.client("sts").get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)


def test_session_of_role_is_named_after_role_and_session(cloud: RunningCloud) -> None:
    made = role(cloud, Path="/team/")
    credentials = assume(cloud, made["Arn"])["Credentials"]
    identity = sts_with(cloud, credentials).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{made['RoleName']}/a-session"
    assert identity["UserId"] == f"{made['RoleId']}:a-session"


def test_key_of_user_is_the_users(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    user = iam.create_user(UserName=name, Path="/staff/")["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    identity = sts_with(cloud, key).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])


def test_session_token_of_another_session_is_refused(cloud: RunningCloud) -> None:
    made = role(cloud)
    first, second = assume(cloud, made["Arn"])["Credentials"], assume(cloud, made["Arn"])["Credentials"]
    mixed = {**first, "SessionToken": second["SessionToken"]}
    code, _ = refused(sts_with(cloud, mixed).get_caller_identity)
    assert code == "InvalidClientTokenId"


def test_session_may_not_last_longer_than_the_role_allows(cloud: RunningCloud) -> None:
    made = role(cloud, MaxSessionDuration=7200)
    assume(cloud, made["Arn"], DurationSeconds=7200)
    code, message = refused(assume, cloud=cloud, role_arn=made["Arn"], DurationSeconds=7201)
    assert (code, message) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


def test_chained_session_may_not_last_longer_than_an_hour(cloud: RunningCloud) -> None:
    made = role(cloud, MaxSessionDuration=7200)
    inside = sts_with(cloud, assume(cloud, made["Arn"])["Credentials"])
    code, message = refused(
        inside.assume_role, RoleArn=made["Arn"], RoleSessionName="again", DurationSeconds=7200
    )
    assert code == "ValidationError"
    assert "1 hour session limit for roles assumed by role chaining" in message


def test_name_with_a_blank_is_refused_in_the_services_words(cloud: RunningCloud) -> None:
    code, message = refused(
        cloud.client("sts").assume_role, RoleArn=role(cloud)["Arn"], RoleSessionName="two words"
    )
    assert code == "ValidationError"
    assert message == (
        "1 validation error detected: Value 'two words' at 'roleSessionName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )


def test_session_policy_that_is_none_is_refused(cloud: RunningCloud) -> None:
    code, _ = refused(assume, cloud=cloud, role_arn=role(cloud)["Arn"], Policy="{}")
    assert code == "MalformedPolicyDocument"


def test_source_identity_stays_through_a_chain(cloud: RunningCloud) -> None:
    made = role(cloud)
    first = assume(cloud, made["Arn"], SourceIdentity="somebody")
    assert first["SourceIdentity"] == "somebody"
    chained = sts_with(cloud, first["Credentials"]).assume_role(RoleArn=made["Arn"], RoleSessionName="again")
    assert chained["SourceIdentity"] == "somebody"


def test_federated_user_is_named(cloud: RunningCloud) -> None:
    answer = cloud.client("sts").get_federation_token(Name="somebody")
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/somebody"
    identity = sts_with(cloud, answer["Credentials"]).get_caller_identity()
    assert identity["UserId"] == f"{ACCOUNT}:somebody"


def test_temporary_credentials_of_user_are_still_the_users(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    temporary = sts_with(cloud, key).get_session_token()["Credentials"]
    assert temporary["AccessKeyId"].startswith("ASIA")
    assert sts_with(cloud, temporary).get_caller_identity()["Arn"] == arn
