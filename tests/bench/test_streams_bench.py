"""Ten thousand events through an API, a function, a stream and Firehose: how fast, and whether all arrive."""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from function_factory import Functions, functions, variables

pytestmark = pytest.mark.bench

__all__ = ["functions"]

EVENTS, CLIENTS, PER_REQUEST = 10_000, 8, 10

COLLECT = """
import boto3, json, os
kinesis = boto3.client("kinesis")
def handler(event, context):
    events = json.loads(event["body"])
    records = [{"Data": (json.dumps(e) + "\\n").encode(), "PartitionKey": str(e["id"])} for e in events]
    answer = kinesis.put_records(StreamName=os.environ["STREAM"], Records=records)
    return {"statusCode": 202 if not answer["FailedRecordCount"] else 500}
"""


def _role(cloud) -> str:
    iam, name = cloud.client("iam"), cloud.unique_name("firehose")
    trust = {"Principal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Action": ["s3:PutObject", "kinesis:Get*"], "Resource": "*"}
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName=name, PolicyName="allow", PolicyDocument=_policy(allow))
    return made["Role"]["Arn"]


def _policy(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}})


def _deploy(cloud, bucket: str, functions: Functions) -> str:
    """The address to post to."""
    stream = cloud.unique_name("events")
    cloud.client("kinesis").create_stream(StreamName=stream, ShardCount=2)
    role = _role(cloud)
    cloud.client("firehose").create_delivery_stream(
        DeliveryStreamName=stream,
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={
            "KinesisStreamARN": f"arn:aws:kinesis:us-east-1:000000000000:stream/{stream}",
            "RoleARN": role,
        },
        ExtendedS3DestinationConfiguration={
            "RoleARN": role,
            "BucketARN": f"arn:aws:s3:::{bucket}",
            "BufferingHints": {"IntervalInSeconds": 1, "SizeInMBs": 5},
        },
    )
    function = functions.create(COLLECT, **variables(STREAM=stream))
    functions.client.add_permission(
        FunctionName=function,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )
    gateway = cloud.client("apigatewayv2")
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    api = gateway.create_api(Name=stream, ProtocolType="HTTP", Target=arn, RouteKey="POST /events")
    routes = gateway.get_routes(ApiId=api["ApiId"])["Items"]
    if not routes:
        integration = gateway.create_integration(
            ApiId=api["ApiId"],
            IntegrationType="AWS_PROXY",
            IntegrationUri=arn,
            PayloadFormatVersion="2.0",
        )
        target = f"integrations/{integration['IntegrationId']}"
        gateway.create_route(ApiId=api["ApiId"], RouteKey="POST /events", Target=target)
        gateway.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    return f"{api['ApiEndpoint']}/events"


def test_events_through_the_api_reach_the_lake(cloud, bucket: str, functions: Functions, bench) -> None:
    address = urllib.parse.urlsplit(_deploy(cloud, bucket, functions))

    def post(first: int) -> None:
        connection = http.client.HTTPConnection(address.netloc)
        for begin in range(first, EVENTS, CLIENTS * PER_REQUEST):
            events = [{"id": begin + number} for number in range(PER_REQUEST) if begin + number < EVENTS]
            connection.request("POST", address.path, json.dumps(events), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 202
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(post, range(0, CLIENTS * PER_REQUEST, PER_REQUEST)))
    posted = time.perf_counter() - began
    s3 = cloud.client("s3")

    def arrived() -> list[int]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        return sorted(json.loads(line)["id"] for body in bodies for line in body.splitlines())

    cloud.wait_for.condition(
        lambda: len(arrived()) >= EVENTS, "all events are in the bucket", lambda: f"{len(arrived())}", 60
    )
    taken = time.perf_counter() - began
    assert arrived() == list(range(EVENTS))
    bench.line(
        "API → Lambda → Kinesis → Firehose, events",
        f"{EVENTS * 60 / posted:8.0f} a minute",
        "10000",
        "at least",
    )
    bench.line("… until all 10,000 lie in S3, none lost, none twice", f"{taken:8.1f} s", "-")
