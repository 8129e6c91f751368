"""Attributes of a queue that are set one after the other."""

from __future__ import annotations

import json

from conftest import RunningCloud


def test_setting_one_attribute_leaves_the_policy(cloud: RunningCloud) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=cloud.unique_name("queue"))["QueueUrl"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "90"})
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
    assert json.loads(found)["Statement"] == [statement]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Attributes" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
