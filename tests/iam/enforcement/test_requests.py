"""Requests that the caller's policies let through, and those that they do not, each by a real client."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from iam.enforcement.conftest import ACCOUNT, allow

# A service's call, the statement that allows it, and the error without: its code and status.
CALLS = [
    ("athena", "list_work_groups", {}, allow("athena:ListWorkGroups", "*"), "AccessDeniedException", 400),
    ("dynamodb", "list_tables", {}, allow("dynamodb:ListTables", "*"), "AccessDeniedException", 400),
    ("ec2", "describe_vpcs", {}, allow("ec2:DescribeVpcs", "*"), "UnauthorizedOperation", 403),
    ("events", "list_rules", {}, allow("events:ListRules", "*"), "AccessDeniedException", 400),
    ("firehose", "list_delivery_streams", {}, allow("firehose:List*", "*"), "AccessDeniedException", 400),
    ("glue", "get_databases", {}, allow("glue:GetDatabases", "*"), "AccessDeniedException", 400),
    ("iam", "list_roles", {}, allow("iam:ListRoles", "*"), "AccessDenied", 403),
    ("kinesis", "list_streams", {}, allow("kinesis:ListStreams", "*"), "AccessDeniedException", 400),
    ("kms", "list_keys", {}, allow("kms:ListKeys", "*"), "AccessDeniedException", 400),
    ("lakeformation", "list_resources", {}, allow("lakeformation:*", "*"), "AccessDeniedException", 403),
    ("lambda", "list_functions", {}, allow("lambda:ListFunctions", "*"), "AccessDeniedException", 403),
    ("logs", "describe_log_groups", {}, allow("logs:DescribeLogGroups", "*"), "AccessDeniedException", 400),
    (
        "cloudwatch",
        "describe_alarms",
        {},
        allow("cloudwatch:DescribeAlarms", "*"),
        "AccessDeniedException",
        400,
    ),
    ("scheduler", "list_schedules", {}, allow("scheduler:ListSchedules", "*"), "AccessDeniedException", 403),
    ("secretsmanager", "list_secrets", {}, allow("secretsmanager:*", "*"), "AccessDeniedException", 400),
    ("sns", "list_topics", {}, allow("sns:ListTopics", "*"), "AuthorizationError", 403),
    ("sqs", "list_queues", {}, allow("sqs:ListQueues", "*"), "AccessDenied", 403),
    ("ssm", "describe_parameters", {}, allow("ssm:DescribeParameters", "*"), "AccessDeniedException", 400),
    ("stepfunctions", "list_state_machines", {}, allow("states:List*", "*"), "AccessDeniedException", 400),
    (
        "apigatewayv2",
        "get_apis",
        {},
        allow("apigateway:GET", "arn:aws:apigateway:us-east-1::/apis"),
        "AccessDeniedException",
        403,
    ),
    (
        "budgets",
        "describe_budgets",
        {"AccountId": ACCOUNT},
        allow("budgets:ViewBudget", "*"),
        "AccessDeniedException",
        400,
    ),
]


def fetch(url: str, **headers: str) -> bytes:
    """What the cloud answers to a request that no client of AWS has made."""
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the cloud's own endpoint
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
        content: bytes = answer.read()
    return content


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "statement", "code", "status"), CALLS, ids=[c[0] for c in CALLS]
)
def test_call_passes_with_its_statement_alone(
    act_as, service: str, operation: str, parameters: dict[str, Any], statement: Any, code: str, status: int
) -> None:
    role = act_as()
    call = getattr(role.client(service), operation)
    with pytest.raises(ClientError) as denied:
        call(**parameters)
    error = denied.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert f"assumed-role/{role.name}/test is not authorized to perform: " in error["Error"]["Message"]
    assert "because no identity-based policy allows the " in error["Error"]["Message"]
    role.grant(statement)
    call(**parameters)


def test_object_outside_the_prefix_is_not_read(cloud, bucket: str, act_as) -> None:
    for key in ("raw/a", "marts/a"):
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=key.encode())
    s3 = act_as(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/raw/*")).client("s3")
    assert s3.get_object(Bucket=bucket, Key="raw/a")["Body"].read() == b"raw/a"
    with pytest.raises(
        ClientError, match=f's3:GetObject on resource: "arn:aws:s3:::{bucket}/marts/a" because'
    ):
        s3.get_object(Bucket=bucket, Key="marts/a")


def test_denied_put_writes_nothing(cloud, bucket: str, act_as) -> None:
    with pytest.raises(ClientError, match="s3:PutObject"):
        act_as().client("s3").put_object(Bucket=bucket, Key="a", Body=b"")
    assert "Contents" not in cloud.client("s3").list_objects_v2(Bucket=bucket)


def test_forbidden_keys_are_told_and_the_others_deleted(cloud, bucket: str, act_as) -> None:
    keys = ["marts/a", "marts/b & <c>", "raw/ a", "raw/b"]
    for key in keys:
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    role = act_as(allow("s3:DeleteObject", f"arn:aws:s3:::{bucket}/raw/*"))
    delete = {"Objects": [{"Key": key} for key in keys]}
    answer = role.client("s3").delete_objects(Bucket=bucket, Delete=delete)
    assert [each["Key"] for each in answer["Deleted"]] == keys[2:]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [
        (key, "AccessDenied") for key in keys[:2]
    ]
    assert f'on resource: "arn:aws:s3:::{bucket}/marts/a" because' in answer["Errors"][0]["Message"]
    left = cloud.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert [each["Key"] for each in left] == keys[:2]


def test_nothing_is_deleted_where_all_keys_are_forbidden(cloud, bucket: str, act_as) -> None:
    put = cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"kept")
    named = [{"Key": "a"}, {"Key": "a", "VersionId": put.get("VersionId", "null")}]
    answer = act_as().client("s3").delete_objects(Bucket=bucket, Delete={"Objects": named})
    assert [each.get("VersionId") for each in answer["Errors"]] == [None, named[1]["VersionId"]]
    assert "s3:DeleteObjectVersion" in answer["Errors"][1]["Message"]
    assert cloud.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"kept"


def test_copy_needs_the_right_to_read_its_source(cloud, bucket: str, act_as) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="source", Body=b"abc")
    write = allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*")
    role = act_as(write)
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": {"Bucket": bucket, "Key": "source"}}
    with pytest.raises(ClientError, match="s3:GetObject on resource"):
        role.client("s3").copy_object(**copy)
    role.grant(write, allow("s3:GetObject", f"arn:aws:s3:::{bucket}/source"))
    role.client("s3").copy_object(**copy)
    assert cloud.client("s3").get_object(Bucket=bucket, Key="copy")["Body"].read() == b"abc"


def test_listing_is_limited_to_a_prefix_by_a_condition(bucket: str, act_as) -> None:
    condition = {"StringLike": {"s3:prefix": "raw/*"}}
    s3 = act_as(allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition=condition)).client("s3")
    s3.list_objects_v2(Bucket=bucket, Prefix="raw/sales/")
    for request in ({"Prefix": "marts/"}, {}):
        with pytest.raises(ClientError, match="s3:ListBucket"):
            s3.list_objects_v2(Bucket=bucket, **request)


def test_absence_of_an_object_is_told_to_those_only_who_may_list(bucket: str, act_as) -> None:
    read = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    role = act_as(read)
    with pytest.raises(ClientError) as forbidden:
        role.client("s3").head_object(Bucket=bucket, Key="missing")
    assert forbidden.value.response["Error"]["Code"] == "403"
    role.grant(read, allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    with pytest.raises(ClientError) as missing:
        role.client("s3").head_object(Bucket=bucket, Key="missing")
    assert missing.value.response["Error"]["Code"] == "404"


def test_bucket_that_demands_tls_works_locally(cloud, bucket: str, act_as) -> None:
    policy = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": policy})
    cloud.client("s3").put_bucket_policy(Bucket=bucket, Policy=document)
    act_as(allow("s3:PutObject", "*")).client("s3").put_object(Bucket=bucket, Key="a", Body=b"")


def test_bucket_policy_denies_the_administrator_too(cloud, bucket: str) -> None:
    policy = {
        "Sid": "Keep",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:DeleteObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    s3 = cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": policy}))
    with pytest.raises(ClientError, match="with an explicit deny in a resource-based policy"):
        s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="a")


def test_object_under_a_key_needs_the_right_to_decrypt(cloud, bucket: str, act_as) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    cloud.client("s3").put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": encryption}]},
    )
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"abc")
    read = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    role = act_as(read)
    with pytest.raises(ClientError, match=f'kms:Decrypt on resource: "{key}"'):
        role.client("s3").get_object(Bucket=bucket, Key="a")
    via = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    role.grant(read, allow("kms:Decrypt", key, Condition=via))
    assert role.client("s3").get_object(Bucket=bucket, Key="a")["Body"].read() == b"abc"


def test_presigned_url_has_the_rights_of_who_signed_it(cloud, bucket: str, act_as) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"abc")
    role = act_as(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/a"))
    url = role.client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a"})
    assert fetch(url) == b"abc"
    role.grant(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/b"))
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(url)


def test_unsigned_request_reads_public_objects_only(cloud, bucket: str) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="public/a", Body=b"abc")
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"abc")
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    statement = {**public, "Resource": f"arn:aws:s3:::{bucket}/public/*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    cloud.client("s3").put_bucket_policy(Bucket=bucket, Policy=document)
    assert fetch(f"{cloud.endpoint_url}/{bucket}/public/a") == b"abc"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        fetch(f"{cloud.endpoint_url}/{bucket}/a")


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("glue", "get_databases", "UnrecognizedClientException"),
        ("iam", "list_users", "InvalidClientTokenId"),
    ],
)
def test_unknown_access_key_is_refused(cloud, service: str, operation: str, code: str) -> None:
    session: Any = boto3.Session("AKIANOBODY", "secret", region_name="us-east-1")
    with pytest.raises(ClientError) as refused:
        getattr(session.client(service, endpoint_url=cloud.endpoint_url), operation)()
    assert refused.value.response["Error"]["Code"] == code


def test_header_that_names_two_services_is_decided_and_served_as_one(cloud, act_as) -> None:
    """Who may list buckets gets no further with a header whose first words name another service."""
    role = act_as(allow("s3:ListAllMyBuckets", "*"))
    credentials = role.session.get_credentials()
    assert credentials is not None
    scope = f"Credential={credentials.access_key}/20260101/us-east-1/s3/aws4_request"
    answer = fetch(
        f"{cloud.endpoint_url}/?Action=ListUsers&Version=2010-05-08",
        **{
            "Authorization": f"AWS4-HMAC-SHA256 a/b/us-east-1/iam/c, {scope}",
            "X-Amz-Security-Token": str(credentials.token),
        },
    )
    assert b"ListAllMyBucketsResult" in answer


def test_role_is_passed_to_the_named_service_only(cloud, act_as, functions) -> None:
    passing = allow(
        "iam:PassRole",
        functions.role,
        Condition={"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}},
    )
    everything_else = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    role = act_as(everything_else, passing)
    name = cloud.unique_name("job")
    job = {
        "Name": name,
        "Role": functions.role,
        "Command": {"Name": "pythonshell", "ScriptLocation": "s3://a/b"},
    }
    role.client("glue").create_job(**job)
    with pytest.raises(ClientError, match=f"iam:PassRole on resource: {functions.role}"):
        role.client("scheduler").create_schedule(
            Name=cloud.unique_name("schedule"),
            ScheduleExpression="rate(1 day)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "RoleArn": functions.role},
        )


def test_table_needs_catalog_database_and_table(cloud, act_as) -> None:
    database = cloud.unique_name("db").replace("-", "_")
    glue = cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": database})
    for table in ("sales", "salaries"):
        glue.create_table(DatabaseName=database, TableInput={"Name": table})
    prefix = f"arn:aws:glue:us-east-1:{ACCOUNT}"
    named = [f"{prefix}:catalog", f"{prefix}:database/{database}", f"{prefix}:table/{database}/sales"]
    role = act_as(allow("glue:GetTable", named))
    assert role.client("glue").get_table(DatabaseName=database, Name="sales")["Table"]["Name"] == "sales"
    with pytest.raises(ClientError, match=f"glue:GetTable on resource: {prefix}:table/{database}/salaries"):
        role.client("glue").get_table(DatabaseName=database, Name="salaries")
    role.grant(allow("glue:GetTable", named[1:]))
    with pytest.raises(ClientError, match=f"glue:GetTable on resource: {prefix}:catalog"):
        role.client("glue").get_table(DatabaseName=database, Name="sales")


def test_batch_of_messages_needs_the_right_of_a_single_one(queues, act_as) -> None:
    queue = queues.create()
    sqs = act_as(allow("sqs:SendMessage", queue.arn)).client("sqs")
    sqs.send_message_batch(QueueUrl=queue.url, Entries=[{"Id": "1", "MessageBody": "hello"}])
    assert queue.bodies() == ["hello"]
    with pytest.raises(ClientError, match="sqs:receivemessage"):
        sqs.receive_message(QueueUrl=queue.url)


def test_function_is_invoked_by_whom_its_policy_names(functions, act_as) -> None:
    name = functions.create("def handler(event, context): return 1")
    role = act_as()
    with pytest.raises(ClientError, match="lambda:InvokeFunction"):
        role.client("lambda").invoke(FunctionName=name)
    functions.client.add_permission(
        FunctionName=name, StatementId="role", Action="lambda:InvokeFunction", Principal=role.arn
    )
    assert role.client("lambda").invoke(FunctionName=name)["Payload"].read() == b"1"


def test_tag_that_a_request_sets_is_a_condition(act_as, cloud) -> None:
    condition = {"StringEquals": {"aws:RequestTag/owner": "data"}}
    sqs = act_as(allow(["sqs:CreateQueue", "sqs:TagQueue"], "*", Condition=condition)).client("sqs")
    with pytest.raises(ClientError, match="sqs:createqueue"):
        sqs.create_queue(QueueName=cloud.unique_name("queue"), tags={"owner": "nobody"})
    sqs.create_queue(QueueName=cloud.unique_name("queue"), tags={"owner": "data"})


def test_presigned_url_counts_as_signed_in_the_query(cloud, bucket: str, act_as) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=b"abc")
    condition = {
        "StringEquals": {"s3:authType": "REST-QUERY-STRING"},
        "NumericLessThan": {"s3:signatureAge": "60000"},
    }
    s3 = act_as(allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*", Condition=condition)).client(
        "s3", signature_version="s3v4"
    )
    assert fetch(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a"})) == b"abc"
    with pytest.raises(ClientError, match="s3:GetObject"):
        s3.get_object(Bucket=bucket, Key="a")
