"""Policies of resources that let in who has no rights of his own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from iam.enforcement.conftest import ACCOUNT, allow

ARN = f"us-east-1:{ACCOUNT}"


def policy_for(principal: Any, action: str, resource: str) -> str:
    """A resource's policy that lets somebody in."""
    return json.dumps({"Version": "2012-10-17", "Statement": allow(action, resource, Principal=principal)})


def test_stream_lets_in_whom_its_policy_names(cloud, act_as) -> None:
    kinesis, name, role = cloud.client("kinesis"), cloud.unique_name("stream"), act_as()
    kinesis.create_stream(StreamName=name, ShardCount=1)
    arn = f"arn:aws:kinesis:{ARN}:stream/{name}"
    put = {"StreamARN": arn, "Data": b"abc", "PartitionKey": "a"}
    with pytest.raises(ClientError, match="kinesis:PutRecord"):
        role.client("kinesis").put_record(**put)
    document = policy_for({"AWS": role.arn}, "kinesis:PutRecord", arn)
    kinesis.put_resource_policy(ResourceARN=arn, Policy=document)
    assert role.client("kinesis").put_record(**put)["SequenceNumber"]


def test_table_lets_in_whom_its_policy_names(cloud, act_as) -> None:
    dynamodb, name, role = cloud.client("dynamodb"), cloud.unique_name("table"), act_as()
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = f"arn:aws:dynamodb:{ARN}:table/{name}"
    dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}})
    get = {"TableName": name, "Key": {"id": {"S": "a"}}}
    with pytest.raises(ClientError, match="dynamodb:GetItem"):
        role.client("dynamodb").get_item(**get)
    document = policy_for({"AWS": role.arn}, "dynamodb:GetItem", arn)
    dynamodb.put_resource_policy(ResourceArn=arn, Policy=document)
    assert role.client("dynamodb").get_item(**get)["Item"] == {"id": {"S": "a"}}


def test_log_group_keeps_out_whom_the_accounts_policy_denies(cloud, act_as) -> None:
    logs, name = cloud.client("logs"), cloud.unique_name("group")
    logs.create_log_group(logGroupName=name)
    role = act_as(allow("logs:DescribeLogStreams", "*"))
    assert role.client("logs").describe_log_streams(logGroupName=name)["logStreams"] == []
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": role.arn},
        "Action": "logs:DescribeLogStreams",
        "Resource": f"arn:aws:logs:{ARN}:log-group:{name}:*",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    logs.put_resource_policy(policyName=name, policyDocument=document)
    try:
        with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
            role.client("logs").describe_log_streams(logGroupName=name)
    finally:
        logs.delete_resource_policy(policyName=name)


def test_function_is_made_with_a_role_that_its_name_fits(cloud, functions) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("role")

    def trust(function: str) -> str:
        condition = {"ArnLike": {"aws:SourceArn": functions.arn(function)}}
        service = {"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        statement = {"Effect": "Allow", **service, "Condition": condition}
        return json.dumps({"Version": "2012-10-17", "Statement": statement})

    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust("other-*"))["Role"]["Arn"]
    code = "def handler(event, context): return event"
    with pytest.raises(ClientError, match="cannot be assumed by Lambda"):
        functions.create(code, Role=arn)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust("function-*"))
    assert functions.invoke(functions.create(code, Role=arn), 1).value == 1
