"""A queue as a function's event source."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from function_factory import FORWARD, Functions, Queues, TestQueue, variables


def connect(functions: Functions, queue: TestQueue, name: str, **options: Any) -> str:
    mapping = functions.client.create_event_source_mapping(
        EventSourceArn=queue.arn, FunctionName=name, **options
    )
    return str(mapping["UUID"])


# Sends what it got to OUT as one message, fails on `poison`.
BATCH = """
    import json, os, boto3
    sqs = boto3.client("sqs")

    def handler(event, context):
        bodies = sorted(record["body"] for record in event["Records"])
        sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(bodies))
        if "poison" in bodies:
            raise ValueError("poison")
"""
# Reports the poisoned messages, sends the others to OUT.
PARTIAL = """
    import os, boto3
    sqs = boto3.client("sqs")

    def handler(event, context):
        failures = []
        for record in event["Records"]:
            if record["body"] == "poison":
                failures.append({"itemIdentifier": record["messageId"]})
            else:
                sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=record["body"])
        return {"batchItemFailures": failures}
"""


def test_message_reaches_the_function_and_leaves_the_queue(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    connect(functions, source, functions.create(FORWARD, Timeout=20, **variables(OUT=out.url)))
    source.send("hello")
    assert out.bodies() == ["hello"]
    time.sleep(0.2)
    attributes = source.client.get_queue_attributes(QueueUrl=source.url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_record_looks_as_on_aws(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    handler = """
        import json, os, boto3
        def handler(event, context):
            boto3.client("sqs").send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps(event))
    """
    connect(functions, source, functions.create(handler, Timeout=20, **variables(OUT=out.url)))
    source.send("hello", MessageAttributes={"kind": {"DataType": "String", "StringValue": "sale"}})
    [record] = json.loads(out.bodies()[0])["Records"]
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == source.arn
    assert record["awsRegion"] == "us-east-1"
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["messageAttributes"] == {
        "kind": {"stringValue": "sale", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
    }


def test_messages_that_were_sent_before_the_mapping_are_delivered(
    functions: Functions, queues: Queues
) -> None:
    source, out = queues.create(), queues.create()
    source.send("early")
    connect(functions, source, functions.create(FORWARD, Timeout=20, **variables(OUT=out.url)))
    assert out.bodies() == ["early"]


def test_window_collects_a_batch(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    name = functions.create(BATCH, Timeout=20, **variables(OUT=out.url))
    connect(functions, source, name, BatchSize=5, MaximumBatchingWindowInSeconds=3)
    begun = time.monotonic()
    for body in "abcde":
        source.send(body)
    assert [json.loads(body) for body in out.bodies()] == [list("abcde")]
    assert time.monotonic() - begun < 2.5  # a full batch does not wait for the window's end


def test_batch_that_fails_comes_again_and_ends_in_the_dead_letter_queue(
    functions: Functions, queues: Queues
) -> None:
    dead, out = queues.create(), queues.create()
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    source = queues.create(VisibilityTimeout="1", RedrivePolicy=policy)
    name = functions.create(BATCH, Timeout=1, **variables(OUT=out.url))
    connect(functions, source, name)
    source.send("poison")
    assert dead.bodies(seconds=8) == ["poison"]
    assert out.bodies(2, seconds=1) == ['["poison"]', '["poison"]']


def test_partial_batch_response_brings_back_only_what_failed(functions: Functions, queues: Queues) -> None:
    dead, out = queues.create(), queues.create()
    policy = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    source = queues.create(VisibilityTimeout="2", RedrivePolicy=policy)
    name = functions.create(PARTIAL, Timeout=2, **variables(OUT=out.url))
    for body in ("a", "poison", "b"):
        source.send(body)
    connect(functions, source, name, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert out.bodies(2) == ["a", "b"]
    assert dead.bodies(seconds=8) == ["poison"]
    assert out.bodies(seconds=1) == []


def test_disabled_mapping_delivers_nothing_until_it_is_enabled(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    name = functions.create(FORWARD, Timeout=20, **variables(OUT=out.url))
    uuid = connect(functions, source, name, Enabled=False)
    source.send("hello")
    assert out.bodies(seconds=1) == []
    functions.client.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert out.bodies() == ["hello"]


def test_deleted_mapping_delivers_nothing(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    uuid = connect(functions, source, functions.create(FORWARD, Timeout=20, **variables(OUT=out.url)))
    functions.client.delete_event_source_mapping(UUID=uuid)
    source.send("hello")
    assert out.bodies(seconds=1) == []


def test_queue_that_was_deleted_and_made_again_is_polled(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    connect(functions, source, functions.create(FORWARD, Timeout=20, **variables(OUT=out.url)))
    source.client.delete_queue(QueueUrl=source.url)
    source.client.create_queue(QueueName=source.arn.rpartition(":")[2])
    source.send("hello")
    assert out.bodies() == ["hello"]


def test_maximum_concurrency_is_kept(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    handler = """
        import json, os, time, boto3
        sqs = boto3.client("sqs")
        def handler(event, context):
            begun = time.time()
            time.sleep(0.3)
            sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=json.dumps([begun, time.time()]))
    """
    name = functions.create(handler, Timeout=20, **variables(OUT=out.url))
    for number in range(6):
        source.send(str(number))
    connect(functions, source, name, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    spans = [json.loads(body) for body in out.bodies(6)]
    assert len(spans) == 6
    for begun, _ in spans:
        assert sum(other_begun <= begun < other_end for other_begun, other_end in spans) <= 2


def test_messages_of_a_fifo_group_arrive_in_order(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(fifo=True), queues.create(fifo=True)
    handler = """
        import os, time, boto3
        sqs = boto3.client("sqs")
        def handler(event, context):
            for record in event["Records"]:
                sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=record["body"], MessageGroupId="g")
    """
    name = functions.create(handler, Timeout=20, **variables(OUT=out.url))
    connect(functions, source, name, BatchSize=2)
    for number in range(6):
        source.send(str(number), MessageGroupId="g")
    assert [message["Body"] for message in out.receive(6)] == list("012345")


def test_filter_chooses_messages_and_the_others_are_gone(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    name = functions.create(FORWARD, Timeout=20, **variables(OUT=out.url))
    pattern = json.dumps({"body": {"kind": ["sale"], "amount": [{"numeric": [">", 10]}]}})
    connect(functions, source, name, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    wanted = json.dumps({"kind": "sale", "amount": 11})
    for body in ("no json", json.dumps({"kind": "sale", "amount": 9}), wanted):
        source.send(body)
    assert out.bodies(2, seconds=1) == [wanted]
    attributes = source.client.get_queue_attributes(QueueUrl=source.url, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessages"] == "0"
    assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"


def test_filter_that_is_no_pattern_is_refused(functions: Functions, queues: Queues) -> None:
    name = functions.create("def handler(event, context): pass")
    with pytest.raises(ClientError, match="Invalid filter pattern definition"):
        connect(functions, queues.create(), name, FilterCriteria={"Filters": [{"Pattern": '{"body": 1}'}]})


def test_missing_mapping_is_not_found(functions: Functions) -> None:
    missing = "00000000-0000-0000-0000-000000000000"
    for operation in ("get", "update", "delete"):
        with pytest.raises(functions.client.exceptions.ResourceNotFoundException):
            getattr(functions.client, f"{operation}_event_source_mapping")(UUID=missing)


def test_second_mapping_of_the_same_two_is_refused(functions: Functions, queues: Queues) -> None:
    source = queues.create()
    name = functions.create("def handler(event, context): pass")
    connect(functions, source, name)
    with pytest.raises(functions.client.exceptions.ResourceConflictException, match="already exists"):
        connect(functions, source, name)


def test_visibility_timeout_must_cover_the_functions_time_limit(functions: Functions, queues: Queues) -> None:
    source = queues.create(VisibilityTimeout="30")
    name = functions.create("def handler(event, context): pass", Timeout=60)
    with pytest.raises(ClientError, match="Queue visibility timeout: 30 seconds is less than"):
        connect(functions, source, name)


def test_other_event_sources_are_refused_by_name(functions: Functions) -> None:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026"
    name = functions.create("def handler(event, context): pass")
    with pytest.raises(ClientError, match="does not support event source mappings for dynamodb"):
        functions.client.create_event_source_mapping(
            EventSourceArn=arn, FunctionName=name, StartingPosition="LATEST"
        )


def test_every_message_is_delivered_once_under_load(functions: Functions, queues: Queues) -> None:
    source, out = queues.create(), queues.create()
    connect(functions, source, functions.create(FORWARD, Timeout=20, **variables(OUT=out.url)))
    for batch in range(20):
        entries = [{"Id": str(n), "MessageBody": f"{batch}-{n}"} for n in range(10)]
        source.client.send_message_batch(QueueUrl=source.url, Entries=entries)
    delivered = out.bodies(200)
    assert len(delivered) == len(set(delivered)) == 200
    assert out.bodies(seconds=1) == []
