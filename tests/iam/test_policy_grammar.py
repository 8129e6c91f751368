"""Documents that IAM does not take, and what it says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import RunningCloud

ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


def without(statement: dict[str, Any], field: str) -> dict[str, Any]:
    """A statement that lacks a field."""
    return {key: value for key, value in statement.items() if key != field}


def document(*statements: dict[str, Any], **more: Any) -> str:
    """A document of statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


IDENTITY = {
    "no json": ("{", "Syntax errors in policy."),
    "unknown element": (document(ALLOW, Comment="x"), "Syntax errors in policy."),
    "unknown field of statement": (document({**ALLOW, "Comment": "x"}), "Syntax errors in policy."),
    "no effect": (document(without(ALLOW, "Effect")), "Syntax errors in policy."),
    "effect of another name": (document({**ALLOW, "Effect": "Permit"}), "Syntax errors in policy."),
    "no action": (document(without(ALLOW, "Action")), "Policy statement must contain actions."),
    "no resource": (document(without(ALLOW, "Resource")), "Policy statement must contain resources."),
    "principal": (document({**ALLOW, "Principal": "*"}), "Policy document should not specify a principal."),
    "action of no service": (
        document({**ALLOW, "Action": "GetObject"}),
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    "resource that is no arn": (
        document({**ALLOW, "Resource": "a-bucket"}),
        'Resource a-bucket must be in ARN format or "*".',
    ),
    "old version": (
        document(ALLOW).replace("2012-10-17", "2008-10-17"),
        "Policy document must be version 2012-10-17 or greater.",
    ),
    "sid twice": (
        document({**ALLOW, "Sid": "A"}, {**ALLOW, "Sid": "A"}),
        "Statement IDs (SID) in a single policy must be unique.",
    ),
    "sid with a blank": (
        document({**ALLOW, "Sid": "A b"}),
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
        "[0-9A-Za-z]*",
    ),
    "unknown operator": (
        document({**ALLOW, "Condition": {"StringIs": {"a:b": "c"}}}),
        "Syntax errors in policy.",
    ),
}

TRUSTS = {
    "no json": ("{", "This policy contains invalid Json"),
    "no statement": ('{"Version": "2012-10-17"}', "Missing required field Statement"),
    "unknown field": (document(TRUST, Comment="x"), "Unknown field Comment"),
    "resource": (document({**TRUST, "Resource": "*"}), "Has prohibited field Resource"),
    "no principal": (document(without(TRUST, "Principal")), "Missing required field Principal"),
    "no effect": (document(without(TRUST, "Effect")), "Missing required field Effect"),
    "another action": (
        document({**TRUST, "Action": "s3:GetObject"}),
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "user who is not there": (
        document({**TRUST, "Principal": {"AWS": "arn:aws:iam::000000000000:user/nobody-here"}}),
        'Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:user/nobody-here"',
    ),
    "principal that is no arn": (
        document({**TRUST, "Principal": {"AWS": "somebody"}}),
        'Invalid principal in policy: "AWS":"somebody"',
    ),
}


def error_of(call: Any, **parameters: Any) -> tuple[str, str]:
    """The code and message with which a call is refused."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


@pytest.fixture(scope="module")
def user(cloud: RunningCloud) -> str:
    """Somebody to give policies to."""
    name = cloud.unique_name("user")
    cloud.client("iam").create_user(UserName=name)
    return name


@pytest.mark.parametrize(("text", "message"), IDENTITY.values(), ids=IDENTITY)
def test_policy_of_identity_is_refused(cloud: RunningCloud, user: str, text: str, message: str) -> None:
    put = cloud.client("iam").put_user_policy
    refused = error_of(put, UserName=user, PolicyName="p", PolicyDocument=text)
    assert refused == ("MalformedPolicyDocument", message)


@pytest.mark.parametrize(("text", "message"), TRUSTS.values(), ids=TRUSTS)
def test_trust_policy_is_refused(cloud: RunningCloud, text: str, message: str) -> None:
    create = cloud.client("iam").create_role
    refused = error_of(create, RoleName=cloud.unique_name("role"), AssumeRolePolicyDocument=text)
    assert refused == ("MalformedPolicyDocument", message)


def test_trust_policy_is_checked_when_it_is_changed_too(cloud: RunningCloud) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(TRUST))
    changed = document({**TRUST, "Resource": "*"})
    refused = error_of(iam.update_assume_role_policy, RoleName=name, PolicyDocument=changed)
    assert refused == ("MalformedPolicyDocument", "Has prohibited field Resource")
    kept = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]["Statement"]
    assert kept == [TRUST]


def test_inline_policies_of_a_user_have_a_size_together(cloud: RunningCloud, user: str) -> None:
    long = [f"arn:aws:s3:::a-bucket-whose-name-is-long/{number:04}" for number in range(30)]
    put = cloud.client("iam").put_user_policy
    put(UserName=user, PolicyName="one", PolicyDocument=document({**ALLOW, "Resource": long}))
    again = document({**ALLOW, "Resource": long[:20]})
    refused = error_of(put, UserName=user, PolicyName="two", PolicyDocument=again)
    assert refused == ("LimitExceeded", f"Maximum policy size of 2048 bytes exceeded for user {user}")
    put(UserName=user, PolicyName="one", PolicyDocument=again)


def test_managed_policy_has_a_size_without_white_space(cloud: RunningCloud) -> None:
    resources = [f"arn:aws:s3:::b/{number:0100}" for number in range(60)]
    create, name = cloud.client("iam").create_policy, cloud.unique_name("policy")
    text = document({**ALLOW, "Resource": resources})
    refused = error_of(create, PolicyName=name, PolicyDocument=text)
    assert refused == ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    create(PolicyName=name, PolicyDocument=document(ALLOW) + " " * 7000)


def test_trust_policy_has_a_size(cloud: RunningCloud) -> None:
    roles = [f"arn:aws:iam::1111222233{number:02}:role/a-role-whose-name-is-long" for number in range(40)]
    text = document({**TRUST, "Principal": {"AWS": roles}})
    create = cloud.client("iam").create_role
    refused = error_of(create, RoleName=cloud.unique_name("role"), AssumeRolePolicyDocument=text)
    assert refused == ("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
