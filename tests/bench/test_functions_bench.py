"""What an invocation costs, and whether a thousand files at once all arrive."""

from __future__ import annotations

import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from function_factory import Functions, Queues, functions, queues, variables, zip_of

pytestmark = pytest.mark.bench

ECHO = "def handler(event, context): return event"

__all__ = ["functions", "queues"]


def test_invocations(functions: Functions, bench) -> None:
    name = functions.create(ECHO)
    bench.milliseconds("Lambda invoke, warm", lambda _: functions.invoke(name), 300, 5)

    def change_and_invoke(number: int) -> None:
        functions.client.update_function_code(
            FunctionName=name, ZipFile=zip_of({"app.py": f"# {number}\n{ECHO}"})
        )
        functions.invoke(name)

    bench.milliseconds("Lambda invoke, cold, with the update of its code", change_and_invoke, 20, 150)


def test_put_starts_function(cloud, bucket: str, functions: Functions, queues: Queues, bench) -> None:
    out = queues.create()
    source = """
        import os, time, boto3
        sqs = boto3.client("sqs")
        def handler(event, context):
            begun = time.time()
            sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=str(begun))
    """
    name = functions.create(source, Timeout=20, **variables(OUT=out.url))
    functions.allow(name, "s3.amazonaws.com")
    rule = {"LambdaFunctionArn": functions.arn(name), "Events": ["s3:ObjectCreated:*"]}
    s3 = cloud.client("s3")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    delays = []
    for number in range(31):
        began = time.time()
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"")
        delays.append((float(out.bodies()[0]) - began) * 1000)
    median = sorted(delays[1:])[15]
    bench.line("S3 put → function started, warm", f"median {median:8.2f} ms", "30 ms")


def test_thousand_files_at_once(cloud, bucket: str, functions: Functions, queues: Queues, bench) -> None:
    source = """
        import json, os, boto3
        s3 = boto3.client("s3")
        def handler(event, context):
            for message in event["Records"]:
                for record in json.loads(message["body"]).get("Records", []):
                    key = f"raw/{record['s3']['object']['key']}/{context.aws_request_id}"
                    s3.put_object(Bucket=os.environ["BUCKET"], Key=key, Body=b"")
    """
    queue = queues.create()
    name = functions.create(source, Timeout=20, **variables(BUCKET=bucket))
    functions.client.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName=name)
    rule = {
        "QueueArn": queue.arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "landing"}]}},
    }
    s3 = cloud.client("s3")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    began = time.perf_counter()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: s3.put_object(Bucket=bucket, Key=f"landing{n}", Body=b""), range(1000)))

    def written() -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="raw/")
        found = itertools.chain.from_iterable(page.get("Contents", []) for page in pages)
        return [entry["Key"].split("/")[1] for entry in found]

    while len(written()) < 1000 and time.perf_counter() - began < 60:
        time.sleep(0.1)
    seconds = time.perf_counter() - began
    time.sleep(1)
    keys = written()
    assert len(keys) == len(set(keys)) == 1000
    bench.line("1,000 files at once → queue → function", f"{1000 / seconds:8.0f} files/s", "17 s, 60 files/s")


def test_memory_over_ten_thousand_invocations(functions: Functions, bench) -> None:
    name = functions.create(ECHO)
    server = psutil.Process()  # the cloud of the session runs in this process

    def invoke_thousands(count: int) -> float:
        payload = json.dumps({"n": 1})
        for _ in range(count * 1000):
            functions.client.invoke(FunctionName=name, Payload=payload)["Payload"].read()
        return server.memory_info().rss / 2**20

    before, after = invoke_thousands(1), invoke_thousands(10)
    bench.line("Server memory, 10,000 invocations with their logs", f"{after - before:+8.1f} MiB", "+16 MiB")
