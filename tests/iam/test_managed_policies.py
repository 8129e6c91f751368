"""AWS's own policies are there, as in every account."""

from __future__ import annotations

import json

from conftest import RunningCloud

BASIC_EXECUTION = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def test_role_takes_a_policy_of_aws(cloud: RunningCloud) -> None:
    iam, role = cloud.client("iam"), cloud.unique_name("role")
    lambda_may = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    trust = {"Version": "2012-10-17", "Statement": [lambda_may]}
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName=role, PolicyArn=BASIC_EXECUTION)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached == [{"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC_EXECUTION}]
    iam.detach_role_policy(RoleName=role, PolicyArn=BASIC_EXECUTION)
    iam.delete_role(RoleName=role)


def test_policies_of_aws_can_be_read(cloud: RunningCloud) -> None:
    iam = cloud.client("iam")
    version = iam.get_policy(PolicyArn=BASIC_EXECUTION)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=BASIC_EXECUTION, VersionId=version)["PolicyVersion"][
        "Document"
    ]
    assert "logs:PutLogEvents" in document["Statement"][0]["Action"]
