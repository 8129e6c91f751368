"""A topic tells a function what was published."""

from __future__ import annotations

import json

from function_factory import FORWARD, Functions, Queues, variables


def test_function_gets_the_message_as_on_aws(cloud, functions: Functions, queues: Queues) -> None:
    out, sns = queues.create(), cloud.client("sns")
    name = functions.create(
        FORWARD.replace('record["body"]', "json.dumps(record)"), Timeout=20, **variables(OUT=out.url)
    )
    functions.allow(name, "sns.amazonaws.com")
    topic = sns.create_topic(Name=cloud.unique_name("topic"))["TopicArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=functions.arn(name))["SubscriptionArn"]
    attributes = {"kind": {"DataType": "String", "StringValue": "sale"}}
    answer = sns.publish(TopicArn=topic, Message="hello", Subject="news", MessageAttributes=attributes)
    [record] = [json.loads(body) for body in out.bodies()]
    assert record["EventSource"] == "aws:sns"
    assert record["EventSubscriptionArn"] == arn
    told = record["Sns"]
    assert (told["Message"], told["Subject"], told["TopicArn"]) == ("hello", "news", topic)
    assert told["MessageId"] == answer["MessageId"]
    assert told["MessageAttributes"] == {"kind": {"Type": "String", "Value": "sale"}}


def test_filter_policy_keeps_messages_from_the_function(cloud, functions: Functions, queues: Queues) -> None:
    out, sns = queues.create(), cloud.client("sns")
    name = functions.create(
        FORWARD.replace('record["body"]', 'record["Sns"]["Message"]'), Timeout=20, **variables(OUT=out.url)
    )
    functions.allow(name, "sns.amazonaws.com")
    topic = sns.create_topic(Name=cloud.unique_name("topic"))["TopicArn"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="lambda",
        Endpoint=functions.arn(name),
        Attributes={"FilterPolicy": json.dumps({"kind": ["sale"]})},
    )
    for kind in ("refund", "sale"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    assert out.bodies() == ["sale"]
    assert out.bodies(seconds=1) == []
