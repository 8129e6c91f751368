"""Whose an access key is, and which policies its owner has."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import RunningCloud
from millpond.iam.evaluation import PolicySet, PrincipalKind
from millpond.iam.principals import (
    ExpiredSessionError,
    InvalidSessionTokenError,
    UnknownAccessKeyError,
    policies_of,
    principal_of,
    secret_of,
)

BOUNDARY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(**statement: Any) -> str:
    """A document of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


ALLOW = document(Action="s3:*", Resource="*")
TRUST = document(Action="sts:AssumeRole", Principal={"AWS": "000000000000"})


def names(policies: PolicySet) -> list[str]:
    """What the policies of an identity are called."""
    return sorted(policy.name.rpartition("/")[2] for policy in policies.identity)


@pytest.fixture
def role(cloud: RunningCloud) -> str:
    """A role with a policy."""
    name = cloud.unique_name("role")
    cloud.client("iam").create_role(RoleName=name, Path="/team/", AssumeRolePolicyDocument=TRUST)
    cloud.client("iam").put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=ALLOW)
    return name


def session(cloud: RunningCloud, role: str, **settings: Any) -> dict[str, Any]:
    """Credentials of a session of the role."""
    arn = f"arn:aws:iam::000000000000:role/team/{role}"
    answer = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="night", **settings)
    credentials: dict[str, Any] = answer["Credentials"]
    return credentials


def test_user_has_his_own_policies_and_those_of_his_groups(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    iam.create_user(UserName=name, PermissionsBoundary=BOUNDARY, Tags=[{"Key": "team", "Value": "lake"}])
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=ALLOW)
    iam.put_group_policy(GroupName=name, PolicyName="of-group", PolicyDocument=ALLOW)
    managed = iam.create_policy(PolicyName=f"{name}-managed", PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=managed)
    iam.attach_group_policy(GroupName=name, PolicyArn="arn:aws:iam::aws:policy/AmazonAthenaFullAccess")
    user = principal_of(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"], None)
    policies = policies_of(user)
    assert names(policies) == ["AmazonAthenaFullAccess", "inline", "of-group", f"{name}-managed"]
    assert policies.boundary is not None
    assert policies.boundary.name == BOUNDARY
    assert (user.kind, user.tags) == (PrincipalKind.USER, {"team": "lake"})


def test_managed_policy_counts_in_its_default_version(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    iam.create_user(UserName=name)
    arn = iam.create_policy(PolicyName=name, PolicyDocument=ALLOW)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    user = principal_of(iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"], None)
    changed = document(Action="glue:*", Resource="*")
    version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=changed)["PolicyVersion"]["VersionId"]
    assert policies_of(user).identity[0].about("s3:GetObject")
    iam.set_default_policy_version(PolicyArn=arn, VersionId=version)
    assert not policies_of(user).identity[0].about("s3:GetObject")


def test_session_has_the_policies_of_its_role_and_its_own(cloud: RunningCloud, role: str) -> None:
    keys = session(cloud, role, Policy=ALLOW, PolicyArns=[{"arn": BOUNDARY}])
    principal = principal_of(keys["AccessKeyId"], keys["SessionToken"])
    policies = policies_of(principal)
    assert names(policies) == ["inline"]
    assert policies.session is not None
    assert [policy.name for policy in policies.session] == ["session policy", BOUNDARY]
    assert principal.role_arn == f"arn:aws:iam::000000000000:role/team/{role}"
    assert principal.arn == f"arn:aws:sts::000000000000:assumed-role/{role}/night"


def test_session_of_a_role_that_is_gone_has_no_policies(cloud: RunningCloud, role: str) -> None:
    keys = session(cloud, role)
    cloud.client("iam").delete_role_policy(RoleName=role, PolicyName="inline")
    cloud.client("iam").delete_role(RoleName=role)
    assert policies_of(principal_of(keys["AccessKeyId"], keys["SessionToken"])) == PolicySet()


def test_session_ends(cloud: RunningCloud, role: str) -> None:
    keys = session(cloud, role, DurationSeconds=900)
    now = datetime.now(UTC)
    principal_of(keys["AccessKeyId"], keys["SessionToken"], now + timedelta(seconds=890))
    with pytest.raises(ExpiredSessionError):
        principal_of(keys["AccessKeyId"], keys["SessionToken"], now + timedelta(seconds=901))


def test_session_tokens_belong_to_their_keys(cloud: RunningCloud, role: str) -> None:
    keys = session(cloud, role)
    for token in (None, "another"):
        with pytest.raises(InvalidSessionTokenError):
            principal_of(keys["AccessKeyId"], token)
    assert secret_of(keys["AccessKeyId"]) == keys["SecretAccessKey"]


def test_key_that_nobody_has_any_more_is_unknown(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    with pytest.raises(UnknownAccessKeyError):
        principal_of(key, None)
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active")
    assert principal_of(key, None).name == name
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    with pytest.raises(UnknownAccessKeyError):
        principal_of(key, None)
