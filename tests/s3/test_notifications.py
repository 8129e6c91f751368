"""What S3 tells about objects, and to whom."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from function_factory import FORWARD, Functions, Queues, TestQueue, sending_allowed, variables


def notify(cloud: Any, bucket: str, queue: TestQueue, event: str, **filters: str) -> None:
    rule: dict[str, Any] = {"QueueArn": queue.arn, "Events": [event]}
    if filters:
        rules = [{"Name": name, "Value": value} for name, value in filters.items()]
        rule["Filter"] = {"Key": {"FilterRules": rules}}
    cloud.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    [test] = queue.bodies()
    assert json.loads(test)["Event"] == "s3:TestEvent"


def records(queue: TestQueue, count: int = 1, seconds: int = 2) -> list[dict[str, Any]]:
    return [json.loads(message["Body"])["Records"][0] for message in queue.receive(count, seconds)]


def test_put_is_told_to_a_queue_as_on_aws(cloud, bucket: str, queues: Queues) -> None:
    queue = queues.create()
    notify(cloud, bucket, queue, "s3:ObjectCreated:*")
    cloud.client("s3").put_object(Bucket=bucket, Key="sales/day one+1.csv", Body=b"abc")
    [record] = records(queue)
    assert record["eventVersion"] == "2.1"
    assert record["eventSource"] == "aws:s3"
    assert record["awsRegion"] == "us-east-1"
    assert record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["bucket"]["name"] == bucket
    assert record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{bucket}"
    described = record["s3"]["object"]
    assert described["key"] == "sales/day+one%2B1.csv"
    assert described["size"] == 3
    assert described["eTag"] == "900150983cd24fb0d6963f7d28e17f72"


def test_filters_choose_keys(cloud, bucket: str, queues: Queues) -> None:
    queue = queues.create()
    notify(cloud, bucket, queue, "s3:ObjectCreated:*", prefix="sales/", suffix=".csv")
    for key in ("sales/a.txt", "other/a.csv", "sales/a.csv"):
        cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"")
    assert [record["s3"]["object"]["key"] for record in records(queue, 3, seconds=1)] == ["sales/a.csv"]


def test_copies_and_multipart_uploads_are_told(cloud, bucket: str, queues: Queues) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"abc")
    notify(cloud, bucket, queue, "s3:ObjectCreated:*")
    s3.copy_object(Bucket=bucket, Key="b", CopySource={"Bucket": bucket, "Key": "a"})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="c", UploadId=upload, PartNumber=1, Body=b"abcd")
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="c",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    told = [(record["eventName"], record["s3"]["object"]["size"]) for record in records(queue, 2)]
    assert sorted(told) == [("ObjectCreated:CompleteMultipartUpload", 4), ("ObjectCreated:Copy", 3)]


def test_deletion_is_told_without_size(cloud, bucket: str, queues: Queues) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="a", Body=b"abc")
    notify(cloud, bucket, queue, "s3:ObjectRemoved:*")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
    [record] = records(queue)
    assert record["eventName"] == "ObjectRemoved:Delete"
    assert set(record["s3"]["object"]) == {"key", "sequencer"}


def test_delete_marker_and_deleted_version_are_told_apart(cloud, bucket: str, queues: Queues) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="a", Body=b"abc")["VersionId"]
    notify(cloud, bucket, queue, "s3:ObjectRemoved:*")
    marker = s3.delete_object(Bucket=bucket, Key="a")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="a", VersionId=version)
    told = [(record["eventName"], record["s3"]["object"]["versionId"]) for record in records(queue, 2)]
    assert told == [("ObjectRemoved:DeleteMarkerCreated", marker), ("ObjectRemoved:Delete", version)]


def test_sequencer_grows(cloud, bucket: str, queues: Queues) -> None:
    queue = queues.create()
    notify(cloud, bucket, queue, "s3:ObjectCreated:*")
    for content in (b"1", b"2", b"3"):
        cloud.client("s3").put_object(Bucket=bucket, Key="a", Body=content)
    told = sorted(records(queue, 3), key=lambda record: record["s3"]["object"]["sequencer"])
    assert [record["s3"]["object"]["eTag"][:4] for record in told] == ["c4ca", "c81e", "eccb"]


def test_put_starts_a_function(cloud, bucket: str, functions: Functions, queues: Queues) -> None:
    out = queues.create()
    name = functions.create(
        FORWARD.replace('record["body"]', 'record["s3"]["object"]["key"]'),
        Timeout=20,
        **variables(OUT=out.url),
    )
    functions.allow(name, "s3.amazonaws.com")
    rule = {"LambdaFunctionArn": functions.arn(name), "Events": ["s3:ObjectCreated:*"]}
    cloud.client("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    cloud.client("s3").put_object(Bucket=bucket, Key="sales.csv", Body=b"")
    assert out.bodies() == ["sales.csv"]


def test_function_finds_the_metadata_of_the_object_that_it_is_told_of(
    cloud, bucket: str, functions: Functions, queues: Queues
) -> None:
    out = queues.create()
    source = f"""
        import os, boto3
        s3, sqs = boto3.client("s3"), boto3.client("sqs")
        def handler(event, context):
            key = event["Records"][0]["s3"]["object"]["key"]
            shop = s3.head_object(Bucket="{bucket}", Key=key)["Metadata"].get("shop", "nothing")
            sqs.send_message(QueueUrl=os.environ["OUT"], MessageBody=shop)
    """
    name = functions.create(source, Timeout=20, **variables(OUT=out.url))
    functions.allow(name, "s3.amazonaws.com")
    rule = {"LambdaFunctionArn": functions.arn(name), "Events": ["s3:ObjectCreated:*"]}
    s3 = cloud.client("s3")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    for number in range(20):
        s3.put_object(Bucket=bucket, Key=str(number), Body=b"", Metadata={"shop": "uk"})
    assert out.bodies(20) == ["uk"] * 20


def test_put_does_not_wait_for_the_function(cloud, bucket: str, functions: Functions) -> None:
    name = functions.create("import time\ndef handler(event, context): time.sleep(2)", Timeout=5)
    functions.allow(name, "s3.amazonaws.com")
    rule = {"LambdaFunctionArn": functions.arn(name), "Events": ["s3:ObjectCreated:*"]}
    s3 = cloud.client("s3")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [rule]}
    )
    begun = time.monotonic()
    s3.put_object(Bucket=bucket, Key="sales.csv", Body=b"")
    assert time.monotonic() - begun < 1


def test_put_is_told_to_the_subscribers_of_a_topic(cloud, bucket: str, queues: Queues) -> None:
    queue, sns, s3 = queues.create(), cloud.client("sns"), cloud.client("s3")
    name = cloud.unique_name("topic")
    policy = json.dumps(sending_allowed("sns:Publish", name))
    topic = sns.create_topic(Name=name, Attributes={"Policy": policy})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn)
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    s3.put_object(Bucket=bucket, Key="sales.csv", Body=b"")
    messages = [json.loads(json.loads(body)["Message"]) for body in queue.bodies(2)]
    [event] = [message for message in messages if "Records" in message]
    assert event["Records"][0]["s3"]["object"]["key"] == "sales.csv"


def test_put_is_told_to_event_bridge(cloud, bucket: str, queues: Queues) -> None:
    queue, events, s3 = queues.create(), cloud.client("events"), cloud.client("s3")
    rule = cloud.unique_name("rule")
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue.arn}])
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    s3.put_object(Bucket=bucket, Key="sales day.csv", Body=b"abc")
    [event] = [json.loads(body) for body in queue.bodies()]
    assert event["detail-type"] == "Object Created"
    assert event["detail"]["object"]["key"] == "sales day.csv"
    assert event["detail"]["reason"] == "PutObject"


@pytest.mark.parametrize(
    "rule",
    [
        {"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:000000000000:missing"}]},
        {
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:missing"}
            ]
        },
        {"TopicConfigurations": [{"TopicArn": "arn:aws:sns:us-east-1:000000000000:missing"}]},
    ],
    ids=["queue", "function", "topic"],
)
def test_destination_that_does_not_exist_is_refused(cloud, bucket: str, rule: dict[str, Any]) -> None:
    for configurations in rule.values():
        configurations[0]["Events"] = ["s3:ObjectCreated:*"]
    with pytest.raises(ClientError, match="Unable to validate the following destination configurations"):
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=rule
        )


def test_rules_that_want_the_same_event_are_refused(cloud, bucket: str, queues: Queues) -> None:
    rules = [
        {
            "QueueArn": queues.create().arn,
            "Events": [event],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
        }
        for event, prefix in (("s3:ObjectCreated:*", "sales/"), ("s3:ObjectCreated:Put", "sales/2026/"))
    ]
    with pytest.raises(ClientError, match="Configuration is ambiguously defined"):
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": rules}
        )


def test_configuration_is_read_back_and_removed(cloud, bucket: str, queues: Queues) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    notify(cloud, bucket, queue, "s3:ObjectCreated:*", prefix="sales/")
    [kept] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept["QueueArn"] == queue.arn
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    s3.put_object(Bucket=bucket, Key="sales/a.csv", Body=b"")
    assert queue.bodies(seconds=1) == []


def test_filters_are_spelled_as_one_likes_and_read_back_as_aws_spells_them(
    cloud, bucket: str, queues: Queues
) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    filters = [{"Name": "PREFIX", "Value": "sales/"}, {"Name": "suffix", "Value": ""}]
    rule = {
        "QueueArn": queue.arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": filters}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    [kept] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept["Filter"]["Key"]["FilterRules"] == [
        {"Name": "Prefix", "Value": "sales/"},
        {"Name": "Suffix", "Value": ""},
    ]
    queue.bodies(seconds=1)
    s3.put_object(Bucket=bucket, Key="other/a.csv", Body=b"")
    s3.put_object(Bucket=bucket, Key="sales/a.csv", Body=b"")
    [event] = queue.bodies()
    assert json.loads(event)["Records"][0]["s3"]["object"]["key"] == "sales/a.csv"


def test_deletion_of_a_key_that_is_not_there_is_told_too(cloud, bucket: str, queues: Queues) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    notify(cloud, bucket, queue, "s3:ObjectRemoved:*")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "missing"}]})
    s3.delete_object(Bucket=bucket, Key="missing")
    told = records(queue, 2)
    assert [record["eventName"] for record in told] == ["ObjectRemoved:Delete"] * 2
    assert {*told[0]["s3"]["object"]} == {"key", "sequencer"}


def test_events_of_tags_leave_out_what_they_have_not_changed(cloud, bucket: str, queues: Queues) -> None:
    queue, s3 = queues.create(), cloud.client("s3")
    notify(cloud, bucket, queue, "s3:ObjectTagging:*")
    s3.put_object(Bucket=bucket, Key="a.csv", Body=b"a")
    s3.put_object_tagging(Bucket=bucket, Key="a.csv", Tagging={"TagSet": [{"Key": "kind", "Value": "sales"}]})
    [record] = records(queue)
    assert queue.bodies(seconds=0) == []
    assert (record["eventName"], record["eventVersion"]) == ("ObjectTagging:Put", "2.3")
    assert {*record["s3"]["object"]} == {"key", "eTag"}


@pytest.mark.parametrize(
    ("bucket_name", "arn", "code", "message"),
    [
        ("missing-bucket", "arn:aws:sqs:us-east-1:000000000000:missing", "NoSuchBucket", "does not exist"),
        (None, "no-arn", "InvalidArgument", "The ARN could not be parsed"),
    ],
)
def test_configuration_that_cannot_be_is_refused(
    cloud, bucket: str, bucket_name: str | None, arn: str, code: str, message: str
) -> None:
    rule = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
    with pytest.raises(ClientError, match=message) as refused:
        cloud.client("s3").put_bucket_notification_configuration(
            Bucket=bucket_name or bucket, NotificationConfiguration={"QueueConfigurations": [rule]}
        )
    assert refused.value.response["Error"]["Code"] == code


def test_destinations_are_not_looked_for_if_that_is_asked(cloud, bucket: str) -> None:
    s3, arn = cloud.client("s3"), "arn:aws:sqs:us-east-1:000000000000:later"
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]
        },
        SkipDestinationValidation=True,
    )
    [kept] = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept["QueueArn"] == arn
