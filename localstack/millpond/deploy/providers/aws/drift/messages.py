"""Queues, topics and rules of events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.drift.compared import Compared, Reader, pairs
from millpond.deploy.providers.aws.events import EventRule, EventTarget
from millpond.deploy.providers.aws.sns import SUBSCRIPTION, TOPIC, Topic, TopicPolicy, TopicSubscription
from millpond.deploy.providers.aws.sns import attributes as topic_attributes
from millpond.deploy.providers.aws.sqs import ATTRIBUTES, Queue, QueueAttribute, attributes


def _queue(declaration: Queue, api: Api, id_: str, inputs: Inputs) -> Compared:
    sqs = api.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=id_, AttributeNames=["All"])["Attributes"]
    names = {attribute: name for name, (attribute, _) in ATTRIBUTES.items()}
    return Compared(attributes(inputs), found, names, sqs.list_queue_tags(QueueUrl=id_).get("Tags", {}))


def _queue_attribute(declaration: QueueAttribute, api: Api, id_: str, inputs: Inputs) -> Compared:
    attribute, _ = ATTRIBUTES[declaration.property]
    found = api.client("sqs").get_queue_attributes(QueueUrl=id_, AttributeNames=[attribute])["Attributes"]
    return Compared({attribute: inputs[declaration.property]}, found, {attribute: declaration.property})


def _topic(declaration: Topic, api: Api, id_: str, inputs: Inputs) -> Compared:
    sns = api.client("sns")
    found = sns.get_topic_attributes(TopicArn=id_)["Attributes"]
    tags = pairs(sns.list_tags_for_resource(ResourceArn=id_)["Tags"])
    return Compared(topic_attributes(TOPIC, inputs), found, _properties(TOPIC), tags)


def _topic_policy(declaration: TopicPolicy, api: Api, id_: str, inputs: Inputs) -> Compared:
    found = api.client("sns").get_topic_attributes(TopicArn=id_)["Attributes"]
    return Compared({"Policy": inputs["policy"]}, found)


def _subscription(declaration: TopicSubscription, api: Api, id_: str, inputs: Inputs) -> Compared:
    found = api.client("sns").get_subscription_attributes(SubscriptionArn=id_)["Attributes"]
    return Compared(topic_attributes(SUBSCRIPTION, inputs), found, _properties(SUBSCRIPTION))


def _rule(declaration: EventRule, api: Api, id_: str, inputs: Inputs) -> Compared:
    events = api.client("events")
    found = events.describe_rule(Name=id_, EventBusName=inputs["eventBusName"])
    tags = pairs(events.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"])
    return Compared(declaration.request(api, inputs), found, tags=tags)


def _target(declaration: EventTarget, api: Api, id_: str, inputs: Inputs) -> Compared:
    request = declaration.request(api, inputs)
    (sent,) = request.pop("Targets")
    targets = api.client("events").list_targets_by_rule(**request)["Targets"]
    found = next(target for target in targets if target["Id"] == inputs["targetId"])
    return Compared(sent, found, declaration.renames)


def _properties(attributes_of: Mapping[str, str]) -> dict[str, str]:
    return {attribute: name for name, attribute in attributes_of.items()}


READERS: Final[tuple[Reader, ...]] = (
    (Queue, _queue),
    (QueueAttribute, _queue_attribute),
    (Topic, _topic),
    (TopicPolicy, _topic_policy),
    (TopicSubscription, _subscription),
    (EventRule, _rule),
    (EventTarget, _target),
)
