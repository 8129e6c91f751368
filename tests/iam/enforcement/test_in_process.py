"""What services do for somebody, or under a role, needs the same rights as a request."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from function_factory import FORWARD, TRUST_LAMBDA, variables
from iam.enforcement.conftest import ACCOUNT, allow
from millpond.iam.enforcement import RoleNotAssumableError, service_session

GLUE = f"arn:aws:glue:us-east-1:{ACCOUNT}"


def finished(athena: Any, sql: str, output: str) -> Any:
    """A query's execution when it has ended."""
    location = {"OutputLocation": output}
    query_id = athena.start_query_execution(QueryString=sql, ResultConfiguration=location)["QueryExecutionId"]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if execution["Status"]["State"] in ("SUCCEEDED", "FAILED"):
            return execution
        time.sleep(0.02)
    raise AssertionError(f"{sql} has not ended")


def test_query_has_its_callers_rights_step_by_step(cloud, bucket: str, act_as) -> None:
    database = cloud.unique_name("db").replace("-", "_")
    output = f"s3://{bucket}/results/"
    admin = cloud.client("athena")
    finished(admin, f"CREATE DATABASE {database}", output)
    made = f"CREATE TABLE {database}.t WITH (external_location = 's3://{bucket}/t/') AS SELECT 1 AS a"
    assert finished(admin, made, output)["Status"]["State"] == "SUCCEEDED"
    tables = [f"{GLUE}:catalog", f"{GLUE}:database/{database}", f"{GLUE}:table/{database}/t"]
    steps = [
        (allow("s3:GetBucketLocation", f"arn:aws:s3:::{bucket}"), "glue:GetTable"),
        (allow("glue:GetTable", tables), "s3:ListBucket"),
        (allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"), "s3:GetObject"),
        (allow("s3:GetObject", f"arn:aws:s3:::{bucket}/t/*"), "Access denied when writing output to url"),
    ]
    before = cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"]
    role = act_as()
    granted = [allow("athena:*", "*")]
    for statement, missing in steps:
        granted.append(statement)
        role.grant(*granted)
        status = finished(role.client("athena"), f"SELECT * FROM {database}.t", output)["Status"]
        assert (status["State"], missing in status["StateChangeReason"]) == ("FAILED", True), status
        assert status["AthenaError"]["ErrorCategory"] == 2
    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == before
    role.grant(*granted, allow("s3:PutObject", f"arn:aws:s3:::{bucket}/results/*"))
    ended = finished(role.client("athena"), f"SELECT * FROM {database}.t", output)
    assert ended["Status"]["State"] == "SUCCEEDED"
    key = ended["ResultConfiguration"]["OutputLocation"].partition(f"{bucket}/")[2]
    assert cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read() == b'"a"\n"1"\n'


def test_query_without_the_place_of_its_result_is_not_started(bucket: str, act_as) -> None:
    athena = act_as(allow("athena:StartQueryExecution", "*")).client("athena")
    with pytest.raises(ClientError, match=f"Unable to verify/create output bucket {bucket}"):
        athena.start_query_execution(
            QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{bucket}/"}
        )


def test_function_may_do_what_its_role_may(cloud, bucket: str, functions) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("role")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST_LAMBDA))["Role"]["Arn"]
    source = """
        import boto3
        def handler(event, context):
            try:
                boto3.client("s3").put_object(Bucket=event, Key="a", Body=b"")
            except Exception as error:
                return str(error)
    """
    function = functions.create(source, Role=arn, Timeout=20)
    said = functions.invoke(function, bucket).value
    assert f"assumed-role/{name}/{function} is not authorized to perform: s3:PutObject" in said
    document = {"Version": "2012-10-17", "Statement": allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*")}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    assert functions.invoke(function, bucket).value is None
    assert cloud.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_function_without_the_right_to_log_logs_nothing(cloud, functions) -> None:
    iam, logs, name = cloud.client("iam"), cloud.client("logs"), cloud.unique_name("role")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST_LAMBDA))["Role"]["Arn"]
    function = functions.create("def handler(event, context): print('hello')", Role=arn)
    group = f"/aws/lambda/{function}"
    functions.invoke(function)
    assert not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    document = {"Version": "2012-10-17", "Statement": allow("logs:*", "*")}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    functions.invoke(function)
    assert cloud.wait_for.log_line(group, "hello")


def test_role_that_does_not_trust_lambda_is_refused(functions, act_as) -> None:
    with pytest.raises(ClientError, match="The role defined for the function cannot be assumed by Lambda"):
        functions.create("", Role=act_as().arn)


def test_queue_that_the_role_may_not_read_is_not_mapped(cloud, functions, queues) -> None:
    name = cloud.unique_name("role")
    role = cloud.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST_LAMBDA))
    function = functions.create("def handler(event, context): pass", Role=role["Role"]["Arn"])
    with pytest.raises(ClientError, match="does not have permissions to call ReceiveMessage on SQS"):
        functions.client.create_event_source_mapping(
            FunctionName=function, EventSourceArn=queues.create(VisibilityTimeout="30").arn
        )


def test_queue_that_does_not_let_s3_in_is_no_destination(cloud, bucket: str, queues) -> None:
    queue = queues.create(Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    rules = {"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]}
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=rules
        )


def test_queue_lets_in_the_bucket_that_its_policy_names(cloud, bucket: str, queues) -> None:
    s3 = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
    condition = {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}}
    statement = {**s3, "Resource": "*", "Condition": condition}
    queue = queues.create(Policy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    rules = {"QueueConfigurations": [{"QueueArn": queue.arn, "Events": ["s3:ObjectCreated:*"]}]}
    other = cloud.unique_name("bucket")
    client = cloud.client("s3")
    client.create_bucket(Bucket=other)
    with pytest.raises(ClientError, match="Unable to validate"):
        client.put_bucket_notification_configuration(Bucket=other, NotificationConfiguration=rules)
    client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=rules)
    client.put_object(Bucket=bucket, Key="a", Body=b"")
    assert [json.loads(body).get("Event", "put") for body in queue.bodies(2)] == ["put", "s3:TestEvent"]


def test_topic_does_not_reach_a_queue_that_keeps_it_out(cloud, queues) -> None:
    queue = queues.create(Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=cloud.unique_name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    sns.publish(TopicArn=topic, Message="hello")
    assert queue.bodies(seconds=1) == []


def test_function_that_does_not_let_the_topic_in_is_not_called(cloud, functions, queues) -> None:
    out, sns = queues.create(), cloud.client("sns")
    name = functions.create(FORWARD, Timeout=20, **variables(OUT=out.url))
    topic = sns.create_topic(Name=cloud.unique_name("topic"))["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=functions.arn(name))
    sns.publish(TopicArn=topic, Message="hello")
    assert out.bodies(seconds=1) == []


def test_service_session_needs_the_roles_trust(cloud, act_as) -> None:
    with pytest.raises(RoleNotAssumableError, match=r"amazonaws\.com cannot assume the role"):
        service_session(act_as().arn, "glue.amazonaws.com", "run")
    with pytest.raises(RoleNotAssumableError, match="there is no such role"):
        service_session(f"arn:aws:iam::{ACCOUNT}:role/missing", "glue.amazonaws.com", "run")
