"""Rights that hang on a resource's tags: each service's tags reach the conditions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from iam.enforcement.conftest import ACCOUNT, allow

TAGGED = {"StringEquals": {"aws:ResourceTag/team": "lake"}}
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "states.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    }
)
MACHINE = '{"StartAt": "a", "States": {"a": {"Type": "Succeed"}}}'


def tags(key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """The tag that the conditions ask for."""
    return [{key: "team", value: "lake"}]


def workgroup(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("athena").create_work_group(Name=name, Tags=tags() if tagging else [])
    return {"WorkGroup": name}


def dynamodb_table(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=tags() if tagging else [],
    )
    return {"TableName": name}


def event_bus(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("events").create_event_bus(Name=name, Tags=tags() if tagging else [])
    return {"Name": name}


def database(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("glue").create_database(
        DatabaseInput={"Name": name}, Tags={"team": "lake"} if tagging else {}
    )
    return {"Name": name}


def role(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=TRUST, Tags=tags() if tagging else []
    )
    return {"RoleName": name}


def policy(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": allow("s3:ListAllMyBuckets", "*")}
    made = cloud.client("iam").create_policy(
        PolicyName=name, PolicyDocument=json.dumps(document), Tags=tags() if tagging else []
    )
    return {"PolicyArn": made["Policy"]["Arn"]}


def stream(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    client = cloud.client("kinesis")
    client.create_stream(StreamName=name, ShardCount=1)
    if tagging:
        client.add_tags_to_stream(StreamName=name, Tags={"team": "lake"})
    return {"StreamName": name}


def kms_key(cloud: Any, _name: str, tagging: bool) -> dict[str, Any]:
    made = cloud.client("kms").create_key(Tags=tags("TagKey", "TagValue") if tagging else [])
    return {"KeyId": made["KeyMetadata"]["KeyId"]}


def log_group(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("logs").create_log_group(logGroupName=name, tags={"team": "lake"} if tagging else {})
    return {"logGroupName": name}


def secret(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    client = cloud.client("secretsmanager")
    client.create_secret(Name=name, SecretString="a", Tags=tags() if tagging else [])
    return {"SecretId": name}


def topic(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    made = cloud.client("sns").create_topic(Name=name, Tags=tags() if tagging else [])
    return {"TopicArn": made["TopicArn"]}


def queue(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    made = cloud.client("sqs").create_queue(QueueName=name, tags={"team": "lake"} if tagging else {})
    return {"QueueUrl": made["QueueUrl"]}


def state_machine(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    role(cloud, name, tagging)
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    made = cloud.client("stepfunctions").create_state_machine(
        name=name, definition=MACHINE, roleArn=arn, tags=tags("key", "value") if tagging else []
    )
    return {"stateMachineArn": made["stateMachineArn"]}


def network(cloud: Any, _name: str, tagging: bool) -> dict[str, Any]:
    specified = [{"ResourceType": "vpc", "Tags": tags()}] if tagging else []
    made = cloud.client("ec2").create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=specified)
    return {"VpcId": made["Vpc"]["VpcId"], "EnableDnsSupport": {"Value": True}}


def parameter(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    path = f"/lake/{name}"
    cloud.client("ssm").put_parameter(Name=path, Value="a", Type="String", Tags=tags() if tagging else [])
    return {"Name": path}


def repository(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("ecr").create_repository(repositoryName=name, tags=tags() if tagging else [])
    return {"repositoryName": name}


def schedule_group(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("scheduler").create_schedule_group(Name=name, Tags=tags() if tagging else [])
    return {"Name": name}


def alarm(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Namespace="lake",
        MetricName="files",
        Period=60,
        Statistic="Sum",
        Threshold=1,
        Tags=tags() if tagging else [],
    )
    return {"AlarmNames": [name]}


def budget(cloud: Any, name: str, tagging: bool) -> dict[str, Any]:
    limit = {"Amount": "1", "Unit": "USD"}
    made = {"BudgetName": name, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    cloud.client("budgets").create_budget(
        AccountId=ACCOUNT, Budget=made, ResourceTags=tags() if tagging else []
    )
    return {"AccountId": ACCOUNT, "BudgetName": name}


# Makes something with or without the tag, and the call that needs it.
CASES: list[tuple[Callable[..., dict[str, Any]], str, str, str]] = [
    (alarm, "cloudwatch", "delete_alarms", "cloudwatch:DeleteAlarms"),
    (budget, "budgets", "describe_budget", "budgets:ViewBudget"),
    (parameter, "ssm", "get_parameter", "ssm:GetParameter"),
    (repository, "ecr", "list_images", "ecr:ListImages"),
    (schedule_group, "scheduler", "get_schedule_group", "scheduler:GetScheduleGroup"),
    (workgroup, "athena", "get_work_group", "athena:GetWorkGroup"),
    (dynamodb_table, "dynamodb", "describe_table", "dynamodb:DescribeTable"),
    (network, "ec2", "modify_vpc_attribute", "ec2:ModifyVpcAttribute"),
    (event_bus, "events", "describe_event_bus", "events:DescribeEventBus"),
    (role, "iam", "get_role", "iam:GetRole"),
    (policy, "iam", "get_policy", "iam:GetPolicy"),
    (stream, "kinesis", "describe_stream_summary", "kinesis:DescribeStreamSummary"),
    (kms_key, "kms", "generate_data_key", "kms:GenerateDataKey"),
    (log_group, "logs", "describe_log_streams", "logs:DescribeLogStreams"),
    (secret, "secretsmanager", "get_secret_value", "secretsmanager:GetSecretValue"),
    (topic, "sns", "get_topic_attributes", "sns:GetTopicAttributes"),
    (queue, "sqs", "get_queue_attributes", "sqs:GetQueueAttributes"),
    (state_machine, "stepfunctions", "describe_state_machine", "states:DescribeStateMachine"),
]


@pytest.mark.parametrize(
    ("make", "service", "operation", "action"), CASES, ids=[case[0].__name__ for case in CASES]
)
def test_right_on_what_is_tagged_reaches_nothing_else(
    cloud, act_as, make: Callable[..., dict[str, Any]], service: str, operation: str, action: str
) -> None:
    tagged = make(cloud, cloud.unique_name("tagged"), True)
    other = make(cloud, cloud.unique_name("other"), False)
    more = {"KeySpec": "AES_256"} if service == "kms" else {}
    call = getattr(act_as(allow(action, "*", Condition=TAGGED)).client(service), operation)
    assert call(**tagged, **more)
    with pytest.raises(ClientError, match=action.partition(":")[2]):
        call(**other, **more)


def test_right_to_make_a_part_of_a_network_hangs_on_its_tags_and_on_those_of_the_network(
    cloud, act_as
) -> None:
    tagged, other = (network(cloud, "", tagging)["VpcId"] for tagging in (True, False))
    table = cloud.client("ec2").create_route_table(VpcId=other)["RouteTable"]["RouteTableId"]
    asking = {"StringEquals": {"aws:RequestTag/team": "lake"}}
    ec2 = act_as(
        allow("ec2:CreateSubnet", "arn:aws:ec2:*:*:subnet/*", Condition=asking),
        allow(["ec2:CreateSubnet", "ec2:CreateTags"], "arn:aws:ec2:*:*:vpc/*", Condition=TAGGED),
    ).client("ec2")
    specified = [{"ResourceType": "subnet", "Tags": tags()}]
    made = ec2.create_subnet(VpcId=tagged, CidrBlock="10.9.1.0/24", TagSpecifications=specified)["Subnet"]
    assert made["VpcId"] == tagged
    for network_id, wanted in ((other, specified), (tagged, [])):
        with pytest.raises(ClientError, match="CreateSubnet"):
            ec2.create_subnet(VpcId=network_id, CidrBlock="10.9.2.0/24", TagSpecifications=wanted)
    ec2.create_tags(Resources=[tagged], Tags=[{"Key": "more", "Value": "tags"}])
    with pytest.raises(ClientError, match=f"CreateTags.*route-table/{table}"):
        ec2.create_tags(Resources=[tagged, table], Tags=tags())


def test_tag_of_a_glue_database_keeps_it_from_being_read(cloud, act_as) -> None:
    tagged, other = cloud.unique_name("tagged"), cloud.unique_name("other")
    database(cloud, tagged, True)
    database(cloud, other, False)
    deny = {"Effect": "Deny", "Action": "glue:*", "Resource": "*", "Condition": TAGGED}
    glue = act_as(allow("glue:GetDatabase", "*"), deny).client("glue")
    assert glue.get_database(Name=other)["Database"]["Name"] == other
    with pytest.raises(ClientError, match="with an explicit deny in an identity-based policy"):
        glue.get_database(Name=tagged)


def test_tag_of_a_function_counts_for_its_versions(cloud, act_as, functions) -> None:
    tagged = functions.create("def handler(event, context): return event", Tags={"team": "lake"})
    other = functions.create("def handler(event, context): return event")
    version = functions.client.publish_version(FunctionName=tagged)["Version"]
    client = act_as(allow("lambda:GetFunctionConfiguration", "*", Condition=TAGGED)).client("lambda")
    found = client.get_function_configuration(FunctionName=tagged, Qualifier=version)
    assert found["Version"] == version
    with pytest.raises(ClientError, match="lambda:GetFunctionConfiguration"):
        client.get_function_configuration(FunctionName=other)


def test_object_is_read_by_its_tag_and_each_version_by_its_own(cloud, bucket: str, act_as) -> None:
    s3 = cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="a", Body=b"open", Tagging="class=open")["VersionId"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"secret", Tagging="class=secret")
    condition = {"StringEquals": {"s3:ExistingObjectTag/class": "open"}}
    reader = act_as(allow(["s3:GetObject", "s3:GetObjectVersion"], "*", Condition=condition)).client("s3")
    assert reader.get_object(Bucket=bucket, Key="a", VersionId=first)["Body"].read() == b"open"
    with pytest.raises(ClientError, match="s3:GetObject"):
        reader.get_object(Bucket=bucket, Key="a")
    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": [{"Key": "class", "Value": "open"}]})
    assert reader.get_object(Bucket=bucket, Key="a")["Body"].read() == b"secret"


def test_rights_of_a_role_are_changed_where_its_own_boundary_is_asked_for(cloud, act_as) -> None:
    boundary = policy(cloud, cloud.unique_name("boundary"), False)["PolicyArn"]
    bound, other = (role(cloud, cloud.unique_name("role"), False)["RoleName"] for _ in range(2))
    cloud.client("iam").put_role_permissions_boundary(RoleName=bound, PermissionsBoundary=boundary)
    condition = {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    iam = act_as(allow("iam:PutRolePolicy", "*", Condition=condition)).client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": allow("s3:ListAllMyBuckets", "*")})
    iam.put_role_policy(RoleName=bound, PolicyName="a", PolicyDocument=document)
    assert cloud.client("iam").list_role_policies(RoleName=bound)["PolicyNames"] == ["a"]
    with pytest.raises(ClientError, match="iam:PutRolePolicy"):
        iam.put_role_policy(RoleName=other, PolicyName="a", PolicyDocument=document)


def test_variable_compares_the_callers_tag_with_the_resources(cloud, act_as) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    acting = act_as(allow("sqs:GetQueueAttributes", "*", Condition=condition))
    tagged = queue(cloud, cloud.unique_name("queue"), True)
    with pytest.raises(ClientError, match="sqs:getqueueattributes"):
        acting.client("sqs").get_queue_attributes(**tagged)
    cloud.client("iam").tag_role(RoleName=acting.name, Tags=tags())
    client = cloud.session_for_role(acting.arn).client("sqs")
    assert client.get_queue_attributes(**tagged, AttributeNames=["QueueArn"])["Attributes"]
