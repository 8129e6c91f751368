"""Whom roles let in, and what their sessions may do."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sts.callers import ACCOUNT, TRUSTS_ACCOUNT, Callers, allow, document, refused

MAY_ASSUME = allow("sts:AssumeRole")


def trusting(arn: str, **more: Any) -> dict[str, Any]:
    """A trust policy's statement for one principal."""
    return {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole", **more}


def assume(callers: Callers, user: dict[str, Any], role: dict[str, Any], **more: Any) -> Any:
    """The role's session for a user."""
    sts = callers.client("sts", user["key"])
    return sts.assume_role(RoleArn=role["Arn"], RoleSessionName="a-session", **more)


def test_user_needs_the_right_when_the_role_trusts_the_account(callers: Callers) -> None:
    with_right, without, role = callers.user(MAY_ASSUME), callers.user(), callers.role()
    assume(callers, with_right, role)
    code, message = refused(assume, callers=callers, user=without, role=role)
    assert code == "AccessDenied"
    assert message == (
        f"User: {without['Arn']} is not authorized to perform: sts:AssumeRole on resource: {role['Arn']} "
        "because no identity-based policy allows the sts:AssumeRole action"
    )


def test_user_whom_the_role_names_needs_no_right(callers: Callers) -> None:
    named, other = callers.user(), callers.user(MAY_ASSUME)
    role = callers.role(trusting(named["Arn"]))
    assume(callers, named, role)
    code, message = refused(assume, callers=callers, user=other, role=role)
    assert (code, message.partition(" because ")[2]) == (
        "AccessDenied",
        "no role trust policy allows the sts:AssumeRole action",
    )


def test_role_that_is_not_there_is_denied_like_one_that_trusts_nobody(callers: Callers) -> None:
    nowhere = {"Arn": f"arn:aws:iam::{ACCOUNT}:role/nowhere"}
    code, _ = refused(assume, callers=callers, user=callers.user(MAY_ASSUME), role=nowhere)
    assert code == "AccessDenied"


def test_denial_is_forbidden_in_http_too(callers: Callers) -> None:
    user, role = callers.user(), callers.role()
    with pytest.raises(ClientError) as error:
        assume(callers, user, role)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_external_id_must_be_the_agreed_one(callers: Callers) -> None:
    user = callers.user()
    agreed = {"StringEquals": {"sts:ExternalId": "agreed"}}
    role = callers.role(trusting(user["Arn"], Condition=agreed))
    assume(callers, user, role, ExternalId="agreed")
    for wrong in ({"ExternalId": "another"}, {}):
        assert refused(assume, callers=callers, user=user, role=role, **wrong)[0] == "AccessDenied"


def test_tags_need_a_right_of_their_own(callers: Callers) -> None:
    user = callers.user()
    role = callers.role(trusting(user["Arn"]))
    tags = [{"Key": "team", "Value": "lake"}]
    code, message = refused(assume, callers=callers, user=user, role=role, Tags=tags)
    assert code == "AccessDenied"
    assert "is not authorized to perform: sts:TagSession" in message


def test_session_has_the_roles_rights_and_no_more(callers: Callers) -> None:
    role = callers.role(TRUSTS_ACCOUNT, allow("iam:ListUsers"))
    iam = callers.client("iam", callers.assume(role["Arn"])["Credentials"])
    iam.list_users()
    code, message = refused(iam.list_roles)
    assert code == "AccessDenied"
    assert f"assumed-role/{role['RoleName']}/a-session is not authorized to perform: iam:ListRoles" in message


def test_session_policy_limits_the_roles_rights(callers: Callers) -> None:
    role = callers.role(TRUSTS_ACCOUNT, allow("iam:ListUsers", "iam:ListGroups"))
    limit = document(allow("iam:ListUsers", "iam:ListRoles"))
    iam = callers.client("iam", callers.assume(role["Arn"], Policy=limit)["Credentials"])
    iam.list_users()
    assert "no session policy allows" in refused(iam.list_groups)[1]
    assert "no identity-based policy allows" in refused(iam.list_roles)[1]


def test_managed_policy_limits_a_session(callers: Callers) -> None:
    role = callers.role(TRUSTS_ACCOUNT, allow("iam:*"))
    limits = [{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}]
    iam = callers.client("iam", callers.assume(role["Arn"], PolicyArns=limits)["Credentials"])
    iam.list_users()
    assert "no session policy allows" in refused(iam.create_user, UserName="nobody")[1]


def test_tags_of_the_session_are_the_principals(callers: Callers) -> None:
    mine = "arn:aws:s3:::${aws:PrincipalTag/team}-*"
    role = callers.role(TRUSTS_ACCOUNT, allow("s3:CreateBucket", resource=mine))
    tags = [{"Key": "team", "Value": "lake"}]
    s3 = callers.client("s3", callers.assume(role["Arn"], Tags=tags)["Credentials"])
    suffix = uuid.uuid4().hex[:8]
    s3.create_bucket(Bucket=f"lake-{suffix}")
    assert refused(s3.create_bucket, Bucket=f"other-{suffix}")[0] == "AccessDenied"


def test_federated_user_may_what_his_user_and_his_policy_allow(callers: Callers) -> None:
    user = callers.user(allow("sqs:ListQueues", "sns:ListTopics", "sts:GetFederationToken"))
    sts = callers.client("sts", user["key"])
    limit = document(allow("sqs:ListQueues"))
    limited = sts.get_federation_token(Name="somebody", Policy=limit)["Credentials"]
    callers.client("sqs", limited).list_queues()
    assert refused(callers.client("sns", limited).list_topics)[0] == "AuthorizationError"
    bare = sts.get_federation_token(Name="somebody")["Credentials"]
    assert refused(callers.client("sqs", bare).list_queues)[0] == "AccessDenied"


def test_administrator_may_be_any_role_that_does_not_deny_it(callers: Callers) -> None:
    service = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    callers.assume(callers.role(service)["Arn"])
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    code, message = refused(callers.assume, role_arn=callers.role(nobody)["Arn"])
    assert code == "AccessDenied"
    assert message.endswith("with an explicit deny in the role trust policy")


def test_federated_user_becomes_no_role(callers: Callers) -> None:
    everything, role = document(allow("*")), callers.role()
    credentials = callers.sts.get_federation_token(Name="somebody", Policy=everything)["Credentials"]
    sts = callers.client("sts", credentials)
    code, _ = refused(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="a-session")
    assert code == "AccessDenied"
