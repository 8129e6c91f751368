"""Queues, and the attributes of queues that are resources of their own."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import (
    AwsResource,
    Inputs,
    Naming,
    Outputs,
    removed_tags,
)

# Pulumi's property, the queue's attribute and its value when none is given.
ATTRIBUTES: Final[Mapping[str, tuple[str, str]]] = {
    "contentBasedDeduplication": ("ContentBasedDeduplication", "false"),
    "deduplicationScope": ("DeduplicationScope", "queue"),
    "delaySeconds": ("DelaySeconds", "0"),
    "fifoThroughputLimit": ("FifoThroughputLimit", "perQueue"),
    "kmsDataKeyReusePeriodSeconds": ("KmsDataKeyReusePeriodSeconds", "300"),
    "kmsMasterKeyId": ("KmsMasterKeyId", ""),
    "maxMessageSize": ("MaximumMessageSize", "262144"),
    "messageRetentionSeconds": ("MessageRetentionPeriod", "345600"),
    "policy": ("Policy", ""),
    "receiveWaitTimeSeconds": ("ReceiveMessageWaitTimeSeconds", "0"),
    "redriveAllowPolicy": ("RedriveAllowPolicy", ""),
    "redrivePolicy": ("RedrivePolicy", ""),
    "sqsManagedSseEnabled": ("SqsManagedSseEnabled", "true"),
    "visibilityTimeoutSeconds": ("VisibilityTimeout", "30"),
}

_READ: Final[Mapping[str, Callable[[str], str | int | bool]]] = {
    "deduplicationScope": str,
    "fifoThroughputLimit": str,
    "kmsDataKeyReusePeriodSeconds": lambda text: int(text or ATTRIBUTES["kmsDataKeyReusePeriodSeconds"][1]),
    "policy": str,
    "redriveAllowPolicy": str,
    "redrivePolicy": str,
    "sqsManagedSseEnabled": lambda text: text == "true",
}
"""The attributes that a queue has whether the program gives them or not, as what they are told."""


class Queue(AwsResource):
    """A queue; its id is its URL."""

    type = "aws:sqs/queue:Queue"
    documents = frozenset({"policy", "redrivePolicy", "redriveAllowPolicy"})
    properties = frozenset({*ATTRIBUTES, "name", "namePrefix", "fifoQueue"})
    replaces = frozenset({"name", "namePrefix", "fifoQueue"})
    reuses = True
    echoes = frozenset({"policy", "redriveAllowPolicy", "redrivePolicy"})
    naming = Naming("name", "namePrefix", longest=80, suffix_if=("fifoQueue", ".fifo"))
    tagged = True

    def create(self, api: Api, inputs: Inputs) -> str:
        given = attributes(inputs)
        if inputs.get("fifoQueue"):
            given["FifoQueue"] = "true"
        created = api.client("sqs").create_queue(
            QueueName=inputs["name"], Attributes=given, tags=inputs["tagsAll"]
        )
        return str(created["QueueUrl"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("sqs").get_queue_attributes(QueueUrl=id_, AttributeNames=["All"])["Attributes"]
        return {
            "arn": found["QueueArn"],
            "url": id_,
            **{
                name: read(found.get(ATTRIBUTES[name][0], ""))
                for name, read in _READ.items()
                if name not in inputs
            },
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        sqs = api.client("sqs")
        dropped = {ATTRIBUTES[name] for name in ATTRIBUTES.keys() & (old.keys() - new.keys())}
        sqs.set_queue_attributes(QueueUrl=id_, Attributes=dict(dropped) | attributes(new))
        if removed := removed_tags(old, new):
            sqs.untag_queue(QueueUrl=id_, TagKeys=removed)
        if new["tagsAll"]:
            sqs.tag_queue(QueueUrl=id_, Tags=new["tagsAll"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("sqs").delete_queue(QueueUrl=id_)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        return str(api.client("sqs").get_queue_url(QueueName=inputs["name"])["QueueUrl"])


class QueueAttribute(AwsResource):
    """One attribute of a queue as a resource; its id is the queue's URL."""

    property: ClassVar[str]
    replaces = frozenset({"queueUrl"})

    def create(self, api: Api, inputs: Inputs) -> str:
        self._set(api, inputs["queueUrl"], inputs[self.property])
        return str(inputs["queueUrl"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        attribute, _ = ATTRIBUTES[self.property]
        found = api.client("sqs").get_queue_attributes(QueueUrl=id_, AttributeNames=[attribute])
        return {} if found.get("Attributes", {}).get(attribute) else None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self._set(api, id_, new[self.property])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._set(api, id_, "")

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return str(inputs["queueUrl"])

    def _set(self, api: Api, url: str, value: str) -> None:
        attribute, _ = ATTRIBUTES[self.property]
        api.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={attribute: value})


class QueuePolicy(QueueAttribute):
    """Who may send to and receive from a queue."""

    type = "aws:sqs/queuePolicy:QueuePolicy"
    property = "policy"
    documents = frozenset({"policy"})
    properties = frozenset({"queueUrl", "policy"})


class RedrivePolicy(QueueAttribute):
    """Where a queue's messages go that nobody could handle."""

    type = "aws:sqs/redrivePolicy:RedrivePolicy"
    property = "redrivePolicy"
    documents = frozenset({"redrivePolicy"})
    properties = frozenset({"queueUrl", "redrivePolicy"})


class RedriveAllowPolicy(QueueAttribute):
    """Which queues may send their dead letters to this one."""

    type = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    property = "redriveAllowPolicy"
    documents = frozenset({"redriveAllowPolicy"})
    properties = frozenset({"queueUrl", "redriveAllowPolicy"})


def attributes(inputs: Inputs) -> dict[str, str]:
    """A queue's attributes as the API takes them."""
    return {
        attribute: str(inputs[name]).lower() if isinstance(inputs[name], bool) else str(inputs[name])
        for name, (attribute, _) in ATTRIBUTES.items()
        if name in inputs
    }


RESOURCES: Final = (Queue, QueuePolicy, RedrivePolicy, RedriveAllowPolicy)
