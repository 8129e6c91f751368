"""Waiting: what is awaited comes back, and a wait in vain says what there was."""

from __future__ import annotations

import threading
import time

import pytest

from conftest import RunningCloud
from millpond.testing import NotSeenInTime
from millpond.testing.exceptions import AwaitedQueryFailed

SOON = 0.2


@pytest.fixture
def queue_url(cloud: RunningCloud) -> str:
    return cloud.client("sqs").create_queue(QueueName=cloud.unique_name("queue"))["QueueUrl"]


@pytest.fixture
def log_group(cloud: RunningCloud) -> str:
    name = cloud.unique_name("/test/logs")
    cloud.client("logs").create_log_group(logGroupName=name)
    return name


def log(cloud: RunningCloud, log_group: str, *lines: str) -> None:
    logs, stream = cloud.client("logs"), cloud.unique_name("stream")
    logs.create_log_stream(logGroupName=log_group, logStreamName=stream)
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName=log_group, logStreamName=stream, logEvents=events)


def test_object_that_comes_later_is_awaited(cloud: RunningCloud, bucket: str) -> None:
    put = {"Bucket": bucket, "Key": "in/a.csv", "Body": b"1"}
    later = threading.Timer(SOON, cloud.client("s3").put_object, kwargs=put)
    later.start()
    assert cloud.wait_for.object(bucket, "in/a.csv", timeout=10) == b"1"
    later.join()


def test_missing_object_tells_what_the_bucket_has(cloud: RunningCloud, bucket: str) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="out/b.csv", Body=b"")
    with pytest.raises(NotSeenInTime, match=r"in/a.csv: not within 0.2 s; the bucket has 1 (?s:.*)out/b.csv"):
        cloud.wait_for.object(bucket, "in/a.csv", timeout=SOON)


def test_objects_are_counted_under_their_prefix(cloud: RunningCloud, bucket: str) -> None:
    for key in ("in/a", "in/b", "out/c"):
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    assert cloud.wait_for.objects(bucket, "in/", count=2) == ["in/a", "in/b"]
    with pytest.raises(NotSeenInTime, match="3 objects under"):
        cloud.wait_for.objects(bucket, "in/", count=3, timeout=SOON)


def test_queue_is_empty_once_its_messages_are_deleted(cloud: RunningCloud, queue_url: str) -> None:
    sqs = cloud.client("sqs")
    sqs.send_message(QueueUrl=queue_url, MessageBody="one")
    sqs.send_message(QueueUrl=queue_url, MessageBody="two")
    (message,) = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=1)["Messages"]
    with pytest.raises(NotSeenInTime, match="1 visible, 1 in flight, 0 delayed"):
        cloud.wait_for.queue_empty(queue_url, timeout=SOON)
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    sqs.purge_queue(QueueUrl=queue_url)
    cloud.wait_for.queue_empty(queue_url, timeout=5)


def test_log_line_is_found_by_a_part_of_it(cloud: RunningCloud, log_group: str) -> None:
    log(cloud, log_group, "started", "took in 12 rows")
    assert cloud.wait_for.log_line(log_group, r"took in \d+") == "took in 12 rows"


def test_missing_log_line_tells_what_was_logged(cloud: RunningCloud, log_group: str) -> None:
    log(cloud, log_group, "started", "refused a file")
    with pytest.raises(NotSeenInTime, match=r"(?s)the last of its 2 lines:.*refused a file"):
        cloud.wait_for.log_line(log_group, "took in", timeout=SOON)


def test_log_group_need_not_be_there_yet(cloud: RunningCloud) -> None:
    with pytest.raises(NotSeenInTime, match="it has no lines"):
        cloud.wait_for.log_line(cloud.unique_name("/none"), "anything", timeout=SOON)


def test_query_is_awaited(cloud: RunningCloud, bucket: str) -> None:
    started = cloud.client("athena").start_query_execution(
        QueryString="SELECT 1", ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"}
    )
    assert cloud.wait_for.query(started["QueryExecutionId"])["StatementType"] == "DML"


def test_failed_query_is_an_error_with_athenas_reason(cloud: RunningCloud, bucket: str) -> None:
    started = cloud.client("athena").start_query_execution(
        QueryString="SELECT 1/0", ResultConfiguration={"OutputLocation": f"s3://{bucket}/results/"}
    )
    with pytest.raises(AwaitedQueryFailed, match="Division by zero"):
        cloud.wait_for.query(started["QueryExecutionId"])


def test_any_condition_can_be_awaited(cloud: RunningCloud) -> None:
    answers = iter([None, None, "ready"])
    assert cloud.wait_for.condition(lambda: next(answers), "an answer") == "ready"
