"""What a queue gets of a topic, and what becomes of messages that nobody takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from function_factory import Queues
from millpond.sns.service import TopicService

ATTRIBUTES = {
    "count": {"DataType": "Number", "StringValue": "111"},
    "digest": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
}


@pytest.fixture
def topic(cloud: Any) -> str:
    return str(cloud.client("sns").create_topic(Name=cloud.unique_name("topic"))["TopicArn"])


@pytest.mark.parametrize("raw", ["true", "false"])
def test_a_queue_gets_messages_raw_or_as_notifications(
    cloud: Any, topic: str, queues: Queues, raw: str
) -> None:
    queue, sns = queues.create(), cloud.client("sns")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": raw})
    sns.publish(TopicArn=topic, Message="hello", MessageAttributes=ATTRIBUTES)
    [message] = queue.receive()
    if raw == "true":
        assert (message["Body"], message["MessageAttributes"]) == ("hello", ATTRIBUTES)
    else:
        told = json.loads(message["Body"])
        assert (told["Type"], told["Message"], told["TopicArn"]) == ("Notification", "hello", topic)
        assert told["MessageAttributes"]["digest"] == {"Type": "Binary", "Value": "AgME"}


@pytest.mark.parametrize("protocol", ["sqs", "lambda"])
def test_what_an_endpoint_does_not_take_ends_in_the_dead_letter_queue(
    cloud: Any, topic: str, queues: Queues, protocol: str
) -> None:
    dead, sns = queues.create(), cloud.client("sns")
    name = "missing" if protocol == "sqs" else "function:missing"
    sns.subscribe(
        TopicArn=topic,
        Protocol=protocol,
        Endpoint=f"arn:aws:{protocol}:us-east-1:000000000000:{name}",
        Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead.arn})},
    )
    sns.publish(TopicArn=topic, Message="poison")
    assert [json.loads(body)["Message"] for body in dead.bodies()] == ["poison"]


@pytest.mark.parametrize(
    ("operation", "request_of", "reason"),
    [
        ("publish", {"Message": ""}, "Invalid parameter: Empty message"),
        ("publish", {"Message": "a", "Subject": ""}, "Invalid parameter: Subject"),
        ("publish", {"Message": "ä" * 140_000}, "Invalid parameter: Message too long"),
        (
            "publish",
            {"Message": "{}", "MessageStructure": "json"},
            "Message Structure - No default entry in JSON message body",
        ),
        ("publish", {"Message": "a", "TopicArn": "none"}, "An ARN must have at least 6 elements, not 1"),
        (
            "publish",
            {"Message": "a", "TopicArn": "arn:aws:sns:us-east-1:000000000000:missing"},
            "Topic does not exist",
        ),
        ("subscribe", {"Protocol": "pigeon", "Endpoint": "a"}, "does not support this protocol string"),
        ("subscribe", {"Protocol": "https", "Endpoint": "https://example.com/"}, "sends nothing to"),
        ("subscribe", {"Protocol": "sms", "Endpoint": "+15550100"}, "delivers nothing by sms"),
        ("subscribe", {"Protocol": "firehose", "Endpoint": "arn"}, "delivers nothing by firehose"),
    ],
)
def test_what_cannot_be_published_is_refused(
    cloud: Any, topic: str, operation: str, request_of: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ClientError, match=reason):
        getattr(cloud.client("sns"), operation)(**({"TopicArn": topic} | request_of))


def test_no_text_messages_are_sent(cloud: Any) -> None:
    with pytest.raises(ClientError, match="sends no text messages"):
        cloud.client("sns").publish(PhoneNumber="+15550100", Message="hello")


def test_a_topic_keeps_nothing_of_what_it_has_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    service = TopicService("us-east-1", "000000000000")
    topic = service.create_topic("news")
    monkeypatch.setattr(service, "get_topic", lambda arn: topic)
    service.publish("hello", topic.arn)
    assert topic.sent_notifications == []
