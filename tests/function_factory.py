"""Functions from a few lines of source, made and invoked through the real API."""

from __future__ import annotations

import base64
import functools
import io
import json
import textwrap
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

TRUST_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Result:
    """An answer of Invoke."""

    value: Any
    error: str | None
    log: str
    version: str


class Functions:
    """Makes functions and forgets them at the end of the test."""

    def __init__(self, cloud: Any) -> None:
        self.client = _impatient_client(cloud.endpoint_url)
        self.role = _role(cloud.client("iam"))
        self.names: list[str] = []

    def create(self, source: str, **configuration: Any) -> str:
        name = f"function-{uuid.uuid4().hex[:12]}"
        settings = {"Runtime": "python3.12", "Handler": "app.handler", "Role": self.role}
        settings |= {"Code": {"ZipFile": zip_of({"app.py": source})}}
        self.client.create_function(FunctionName=name, **(settings | configuration))
        self.names.append(name)
        return name

    def invoke(self, name: str, payload: Any = None, **options: Any) -> Result:
        answer = self.client.invoke(FunctionName=name, Payload=json.dumps(payload), LogType="Tail", **options)
        return Result(
            value=json.loads(answer["Payload"].read()),
            error=answer.get("FunctionError"),
            log=base64.b64decode(answer["LogResult"]).decode(),
            version=answer["ExecutedVersion"],
        )

    def run(self, source: str, payload: Any = None, **configuration: Any) -> Result:
        return self.invoke(self.create(source, **configuration), payload)

    def allow(self, name: str, service: str) -> None:
        """Let a service call a function, as `s3.amazonaws.com`."""
        self.client.add_permission(
            FunctionName=name,
            StatementId=service.partition(".")[0],
            Action="lambda:InvokeFunction",
            Principal=service,
            SourceAccount="000000000000",
        )

    def arn(self, name: str) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def zip_of(files: dict[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, textwrap.dedent(text))
    return content.getvalue()


@functools.cache
def _impatient_client(endpoint_url: str) -> Any:
    """A client that shows a throttled call in place of trying it again."""
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client(
        "lambda", endpoint_url=endpoint_url, config=Config(retries={"total_max_attempts": 1})
    )


def _role(iam: Any) -> str:
    name = f"function-role-{uuid.uuid4().hex[:12]}"
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST_LAMBDA))
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=json.dumps(ALLOW_ALL))
    return str(role["Role"]["Arn"])


@pytest.fixture
def functions(cloud: Any) -> Iterator[Functions]:
    made = Functions(cloud)
    yield made
    for name in made.names:
        for mapping in made.client.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
            made.client.delete_event_source_mapping(UUID=mapping["UUID"])
        made.client.delete_function(FunctionName=name)


@dataclass(frozen=True)
class TestQueue:
    """A queue with what tests ask of one."""

    __test__ = False

    client: Any
    url: str
    arn: str

    def send(self, body: str, **options: Any) -> None:
        self.client.send_message(QueueUrl=self.url, MessageBody=body, **options)

    def receive(self, count: int = 1, seconds: int = 10) -> list[dict[str, Any]]:
        """Wait for so many messages, and delete them."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            answer = self.client.receive_message(
                QueueUrl=self.url,
                MaxNumberOfMessages=10,
                WaitTimeSeconds=seconds,
                MessageAttributeNames=["All"],
            )
            if "Messages" not in answer:
                break
            for message in answer["Messages"]:
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
        return found

    def bodies(self, count: int = 1, seconds: int = 10) -> list[str]:
        return sorted(message["Body"] for message in self.receive(count, seconds))


def sending_allowed(action: str, resource: str) -> dict[str, Any]:
    """The policy of a queue or topic to which AWS's services may send for this account."""
    services = [f"{name}.amazonaws.com" for name in ("s3", "sns", "events", "scheduler")]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": services},
        "Action": action,
        "Resource": f"arn:aws:{action.partition(':')[0]}:us-east-1:000000000000:{resource}",
        "Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


class Queues:
    """Makes queues, to which S3, SNS and EventBridge may send."""

    def __init__(self, cloud: Any) -> None:
        self.client = cloud.client("sqs")

    def create(self, *, fifo: bool = False, **attributes: str) -> TestQueue:
        name = f"queue-{uuid.uuid4().hex[:12]}" + (".fifo" if fifo else "")
        attributes |= {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
        attributes = {"Policy": json.dumps(sending_allowed("sqs:SendMessage", name)), **attributes}
        url = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return TestQueue(self.client, url, f"arn:aws:sqs:us-east-1:000000000000:{name}")


@pytest.fixture
def queues(cloud: Any) -> Queues:
    return Queues(cloud)


# Sends each record's body, or the whole event, on to the queue OUT.
FORWARD = """
    import json, os, boto3
    sqs = boto3.client("sqs")

    def handler(event, context):
        for record in event.get("Records") or [{"body": json.dumps(event)}]:
            sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=record["body"])
"""


def variables(**values: str) -> dict[str, Any]:
    return {"Environment": {"Variables": values}}
