"""What enforcement costs: a decision, the gate of a request, work through the endpoint with and without it.

Policies are as large as a lake's roles have them, and AWS's own largest ones.
"""

from __future__ import annotations

import contextlib
import io
import json
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from werkzeug.test import EnvironBuilder

from conftest import RunningCloud
from iam.evaluation.case_tables import all_cases
from millpond import ACCOUNT_ID
from millpond.iam.enforcement import AccessRecord, Authorizer
from millpond.iam.enforcement.gate import Gate
from millpond.iam.enforcement.requests import Signature
from millpond.iam.evaluation import AuthorizationRequest, PolicyType, evaluate, parse_policy
from millpond.iam.principals import policies_of, principal_of
from millpond.testing.cloud import in_own_process

pytestmark = pytest.mark.bench

TIMES, TARGET_MILLISECONDS = 5000, 0.3
TRUST = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
        "Action": "sts:AssumeRole",
    },
}
CONTEXT = {
    "aws:CurrentTime": ("2026-11-01T08:00:00Z",),
    "aws:EpochTime": ("1793520000",),
    "aws:RequestedRegion": ("us-east-1",),
    "aws:SecureTransport": ("true",),
    "aws:SourceIp": ("127.0.0.1",),
    "aws:UserAgent": ("Boto3/1.44",),
}


def lake_policy(zone: str) -> dict[str, Any]:
    """What a role needs of one zone: objects, tables, keys, queues, logs, with conditions; some 4 kB."""
    statements: list[dict[str, Any]] = []
    for source in ("sales", "customers", "products", "events"):
        statements += [
            {
                "Sid": f"Objects{source}",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObjectTagging"],
                "Resource": [
                    f"arn:aws:s3:::lake-{zone}/{source}/*",
                    f"arn:aws:s3:::lake-{zone}/_tmp/{source}/*",
                ],
                "Condition": {"Bool": {"aws:SecureTransport": "true"}},
            },
            {
                "Sid": f"List{source}",
                "Effect": "Allow",
                "Action": ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
                "Resource": f"arn:aws:s3:::lake-{zone}",
                "Condition": {"StringLike": {"s3:prefix": [f"{source}/*", "home/${aws:userid}/*"]}},
            },
            {
                "Sid": f"Tables{source}",
                "Effect": "Allow",
                "Action": ["glue:GetTable", "glue:GetPartition*", "glue:BatchCreatePartition"],
                "Resource": [
                    f"arn:aws:glue:us-east-1:{ACCOUNT_ID}:catalog",
                    f"arn:aws:glue:us-east-1:{ACCOUNT_ID}:database/{zone}",
                    f"arn:aws:glue:us-east-1:{ACCOUNT_ID}:table/{zone}/{source}*",
                ],
            },
        ]
    statements.append(
        {
            "Sid": "OtherStages",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringNotEqualsIfExists": {"aws:RequestedRegion": ["us-east-1", "eu-central-1"]}},
        }
    )
    return {"Version": "2012-10-17", "Statement": statements}


BUCKET_POLICY = parse_policy(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": ["arn:aws:s3:::lake-raw", "arn:aws:s3:::lake-raw/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::lake-raw/*",
                "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}},
            },
        ],
    },
    "arn:aws:s3:::lake-raw",
    PolicyType.RESOURCE,
)


ZONES = ("landing", "raw", "marts", "results", "artifacts")


def make_role(iam: Any, name: str) -> str:
    """A role with two inline policies, three managed ones and a boundary; answers its ARN."""
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    for zone in ZONES[:2]:
        iam.put_role_policy(RoleName=name, PolicyName=zone, PolicyDocument=json.dumps(lake_policy(zone)))
    for zone in ZONES[2:]:
        document = json.dumps(lake_policy(zone))
        policy = iam.create_policy(PolicyName=f"{name}-{zone}", PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    boundary = "arn:aws:iam::aws:policy/PowerUserAccess"
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    return arn


def test_decisions_with_the_policies_of_a_role(cloud: RunningCloud, bench: Any) -> None:
    arn = make_role(cloud.client("iam"), cloud.unique_name("role"))
    keys = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="bench")["Credentials"]
    caller = principal_of(keys["AccessKeyId"], keys["SessionToken"])

    def read(number: int) -> AuthorizationRequest:
        resource = f"arn:aws:s3:::lake-raw/events/day={number}/part.parquet"
        return AuthorizationRequest(caller, "s3:GetObject", resource, CONTEXT)

    def write_elsewhere(number: int) -> AuthorizationRequest:
        return AuthorizationRequest(caller, "s3:PutObject", f"arn:aws:s3:::other/{number}", CONTEXT)

    policies = policies_of(caller).with_resource(BUCKET_POLICY)
    assert evaluate(read(0), policies).allowed
    assert not evaluate(write_elsewhere(0), policies).allowed
    for what, asked in (("allowed", read), ("denied", write_elsewhere)):
        bench.milliseconds(
            f"IAM decision, five policies, boundary and bucket policy, {what}",
            lambda number, asked=asked: evaluate(asked(number), policies),
            TIMES,
            TARGET_MILLISECONDS,
        )
    bench.milliseconds(
        "IAM decision with finding the caller and his policies",
        lambda number: evaluate(
            read(number), policies_of(principal_of(keys["AccessKeyId"], keys["SessionToken"]))
        ),
        TIMES,
        TARGET_MILLISECONDS,
    )


def test_decisions_with_the_largest_policies_of_aws(cloud: RunningCloud, bench: Any) -> None:
    iam, name = cloud.client("iam"), cloud.unique_name("user")
    iam.create_user(UserName=name)
    for policy in ("ReadOnlyAccess", "SecurityAudit"):
        iam.attach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    key = iam.create_access_key(UserName=name)["AccessKey"]
    caller = principal_of(key["AccessKeyId"], None)
    policies = policies_of(caller)
    asked = AuthorizationRequest(caller, "glue:GetTable", "*", CONTEXT)
    assert evaluate(asked, policies).allowed
    bench.milliseconds(
        "IAM decision, ReadOnlyAccess and SecurityAudit",
        lambda _: evaluate(asked, policies),
        TIMES,
        TARGET_MILLISECONDS,
    )


def test_decisions_of_the_documentation(bench: Any) -> None:
    cases = list(all_cases())
    bench.milliseconds(
        "IAM decision, a case of AWS's documentation",
        lambda number: evaluate(cases[number % len(cases)].request, cases[number % len(cases)].policies),
        TIMES,
        TARGET_MILLISECONDS,
    )


REQUESTS: dict[str, tuple[str, str, str, dict[str, str], str]] = {
    "S3 GetObject": ("GET", "/lake-raw/events/day=1/part.parquet", "s3", {}, ""),
    "S3 PutObject": ("PUT", "/lake-raw/events/day=1/part.parquet", "s3", {}, "x" * 1024),
    "SQS SendMessage": (
        "POST",
        "/",
        "sqs",
        {"X-Amz-Target": "AmazonSQS.SendMessage", "Content-Type": "application/x-amz-json-1.0"},
        json.dumps({"QueueUrl": f"http://127.0.0.1/{ACCOUNT_ID}/lake-ingest", "MessageBody": "x" * 500}),
    ),
    "Glue GetTable": (
        "POST",
        "/",
        "glue",
        {"X-Amz-Target": "AWSGlue.GetTable", "Content-Type": "application/x-amz-json-1.1"},
        json.dumps({"DatabaseName": "raw", "Name": "sales"}),
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_gate_of_a_request(cloud: RunningCloud, bench: Any, name: str) -> None:
    arn = make_role(cloud.client("iam"), cloud.unique_name("role"))
    keys = cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="bench")["Credentials"]
    method, path, service, headers, body = REQUESTS[name]
    signature = Signature(keys["AccessKeyId"], keys["SessionToken"], service, "us-east-1")
    signed = {"Authorization": signature.header, "X-Amz-Security-Token": keys["SessionToken"]}
    request = EnvironBuilder(path, method=method, headers={**headers, **signed}, data=body).get_environ()
    gate, content = Gate(Authorizer(AccessRecord())), body.encode()

    def admit(_: int) -> None:
        gate.admit({**request, "wsgi.input": io.BytesIO(content)})

    bench.milliseconds(f"IAM gate, {name}", admit, TIMES, TARGET_MILLISECONDS)
    began = time.process_time()
    for number in range(TIMES):
        admit(number)
    taken = (time.process_time() - began) * 1000 / TIMES
    bench.line(f"IAM gate, {name}, CPU", f"mean   {taken:8.2f} ms", "-")


class Worker:
    """A role's work at one cloud, with the wall and CPU seconds that it has taken there."""

    def __init__(self, cloud: RunningCloud, server: psutil.Process) -> None:
        self._server = server
        s3, glue = cloud.client("s3"), cloud.client("glue")
        for zone in ("raw", "results"):
            s3.create_bucket(Bucket=f"lake-{zone}")
        glue.create_database(DatabaseInput={"Name": "raw"})
        results = {"ResultConfigurationUpdates": {"OutputLocation": "s3://lake-results/"}}
        cloud.client("athena").update_work_group(WorkGroup="primary", ConfigurationUpdates=results)
        cloud.query("CREATE EXTERNAL TABLE raw.sales (amount int) LOCATION 's3://lake-raw/sales/'")
        s3.put_object(Bucket="lake-raw", Key="sales/a", Body=b"1\n2\n3\n")
        self._queue = cloud.client("sqs").create_queue(QueueName="lake-ingest")["QueueUrl"]
        arn = make_role(cloud.client("iam"), "worker")
        work = {"Effect": "Allow", "Action": ["s3:*", "sqs:*", "glue:*", "athena:*"], "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": work})
        cloud.client("iam").put_role_policy(RoleName="worker", PolicyName="work", PolicyDocument=document)
        session = cloud.session_for_role(arn)
        self._clients = {name: session.client(name) for name in ("s3", "sqs", "glue", "athena")}
        self.wall, self.cpu = 0.0, 0.0

    def work(self) -> None:
        """A tenth of it: 30 objects put and 30 got, 10 messages, 5 tables, 3 queries."""
        s3, sqs, glue, athena = self._clients.values()
        began, used = time.perf_counter(), self._used()
        for number in range(30):
            s3.put_object(Bucket="lake-raw", Key=f"events/{number}", Body=b"x" * 1024)
            s3.get_object(Bucket="lake-raw", Key=f"events/{number}")["Body"].read()
        for _ in range(10):
            sqs.send_message(QueueUrl=self._queue, MessageBody="x" * 500)
        for _ in range(5):
            glue.get_table(DatabaseName="raw", Name="sales")
        for _ in range(3):
            started = athena.start_query_execution(QueryString="SELECT sum(amount) FROM raw.sales")
            self._wait(started["QueryExecutionId"])
        self.wall += time.perf_counter() - began
        self.cpu += self._used() - used

    def _wait(self, query: str) -> None:
        athena = self._clients["athena"]
        state = "QUEUED"
        while state in ("QUEUED", "RUNNING"):
            time.sleep(0.002)
            state = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]["State"]
        assert state == "SUCCEEDED"

    def _used(self) -> float:
        times = self._server.cpu_times()
        return float(times.user + times.system)


def test_work_with_and_without_enforcement(bench: Any, tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        workers = {}
        for enforce in (True, False):
            before = set(psutil.Process().children())
            cloud = stack.enter_context(in_own_process(tmp_path / str(enforce), enforce_iam=enforce))
            (server,) = set(psutil.Process().children()) - before
            workers[enforce] = Worker(cloud, server)
        for worker in workers.values():  # so that both are warm
            worker.work()
            worker.wall = worker.cpu = 0.0
        for number in range(10):
            for enforce in (True, False) if number % 2 else (False, True):
                workers[enforce].work()
    enforced, free = workers[True], workers[False]
    what = "300 puts, 300 gets, 100 messages, 50 tables, 30 queries"
    for name, with_it, without, target in (
        ("wall", enforced.wall, free.wall, "1.1"),
        ("CPU of the server", enforced.cpu, free.cpu, "-"),
    ):
        figure = f"{with_it:6.2f} s enforced, {without:6.2f} s not, ratio {with_it / without:5.2f}"
        bench.line(f"{what}, {name}", figure, target)
