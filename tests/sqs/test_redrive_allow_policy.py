"""Which queues may send their dead letters to a queue."""

from __future__ import annotations

import json
from typing import Any

_POLICY = {
    "redrivePermission": "byQueue",
    "sourceQueueArns": ["arn:aws:sqs:us-east-1:000000000000:orders"],
}


def test_policy_is_told_as_it_was_given_and_not_when_there_is_none(cloud: Any) -> None:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=cloud.unique_name("dead"))["QueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": json.dumps(_POLICY)})
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"]
    assert "RedriveAllowPolicy" not in before
    assert json.loads(told["RedriveAllowPolicy"]) == _POLICY
