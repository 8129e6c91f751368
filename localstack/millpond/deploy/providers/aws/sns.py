"""Topics, who may use them, and who is told."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import (
    AwsResource,
    Inputs,
    Naming,
    Outputs,
    removed_tags,
    tag_list,
)

TOPIC: Final[Mapping[str, str]] = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deliveryPolicy": "DeliveryPolicy",
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "policy": "Policy",
}
SUBSCRIPTION: Final[Mapping[str, str]] = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}


class Topic(AwsResource):
    """A topic; its id is its ARN."""

    type = "aws:sns/topic:Topic"
    properties = frozenset({*TOPIC, "name", "namePrefix", "fifoTopic"})
    replaces = frozenset({"name", "namePrefix", "fifoTopic"})
    naming = Naming("name", "namePrefix", longest=256, suffix_if=("fifoTopic", ".fifo"))
    documents = frozenset({"policy", "deliveryPolicy"})
    tagged = True
    echoes = frozenset({"policy"})

    def create(self, api: Api, inputs: Inputs) -> str:
        settings = attributes(TOPIC, inputs)
        if inputs.get("fifoTopic"):
            settings["FifoTopic"] = "true"
        created = api.client("sns").create_topic(
            Name=inputs["name"], Attributes=settings, Tags=tag_list(inputs)
        )
        return str(created["TopicArn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("sns").get_topic_attributes(TopicArn=id_)["Attributes"]
        told = {
            "beginningArchiveTime": found.get("BeginningArchiveTime", ""),
            "fifoThroughputScope": found.get("FifoThroughputScope", ""),
            "policy": found.get("Policy", ""),
            "signatureVersion": int(found.get("SignatureVersion", 0)),
            "tracingConfig": found.get("TracingConfig", ""),
            # 256 KiB, unless it was set otherwise.
            "maximumMessageSize": int(found.get("MaximumMessageSize", 262_144)),
        }
        return {
            "arn": id_,
            "owner": found.get("Owner", api.account),
            **{name: value for name, value in told.items() if name not in inputs},
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        sns = api.client("sns")
        wanted = dict.fromkeys(attributes(TOPIC, old), "") | attributes(TOPIC, new)
        for name, value in wanted.items():
            sns.set_topic_attributes(TopicArn=id_, AttributeName=name, AttributeValue=value)
        if removed := removed_tags(old, new):
            sns.untag_resource(ResourceArn=id_, TagKeys=removed)
        if tags := tag_list(new):
            sns.tag_resource(ResourceArn=id_, Tags=tags)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("sns").delete_topic(TopicArn=id_)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return api.arn("sns", inputs["name"])


# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
_OWNERS_OPERATIONS: Final = (
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
)


class TopicPolicy(AwsResource):
    """Who may publish to and subscribe to a topic; without one, its owner may."""

    type = "aws:sns/topicPolicy:TopicPolicy"
    properties = frozenset({"arn", "policy"})
    replaces = frozenset({"arn"})
    documents = frozenset({"policy"})

    def create(self, api: Api, inputs: Inputs) -> str:
        self._set(api, inputs["arn"], inputs["policy"])
        return str(inputs["arn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        api.client("sns").get_topic_attributes(TopicArn=id_)
        return {"owner": api.account}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self._set(api, id_, new["policy"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        """A topic always has a policy: without one of the program's it is the one that AWS gives it."""
        self._set(api, id_, _default_policy(id_, api.account))

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return str(inputs["arn"])

    def _set(self, api: Api, arn: str, policy: str) -> None:
        api.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _default_policy(arn: str, account: str) -> str:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{operation}" for operation in _OWNERS_OPERATIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


class TopicSubscription(AwsResource):
    """Who is told of what is published; the id is the subscription's ARN."""

    type = "aws:sns/topicSubscription:TopicSubscription"
    properties = frozenset({*SUBSCRIPTION, "endpoint", "protocol", "topic"})
    replaces = frozenset({"endpoint", "protocol", "topic"})
    documents = frozenset({"deliveryPolicy", "filterPolicy", "redrivePolicy"})

    def create(self, api: Api, inputs: Inputs) -> str:
        created = api.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=attributes(SUBSCRIPTION, inputs),
            ReturnSubscriptionArn=True,
        )
        return str(created["SubscriptionArn"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("sns").get_subscription_attributes(SubscriptionArn=id_)["Attributes"]
        scope = "filterPolicyScope"
        return {
            "arn": id_,
            "ownerId": found.get("Owner", api.account),
            "pendingConfirmation": found.get("PendingConfirmation") == "true",
            "confirmationWasAuthenticated": found.get("ConfirmationWasAuthenticated") == "true",
            **({} if scope in inputs else {scope: found.get("FilterPolicyScope", "")}),
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        sns = api.client("sns")
        wanted = dict.fromkeys(attributes(SUBSCRIPTION, old), "") | attributes(SUBSCRIPTION, new)
        for name, value in wanted.items():
            sns.set_subscription_attributes(SubscriptionArn=id_, AttributeName=name, AttributeValue=value)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("sns").unsubscribe(SubscriptionArn=id_)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        pages = api.client("sns").get_paginator("list_subscriptions_by_topic")
        for found in pages.paginate(TopicArn=inputs["topic"]).search("Subscriptions[]"):
            if (found["Protocol"], found["Endpoint"]) == (inputs["protocol"], inputs["endpoint"]):
                return str(found["SubscriptionArn"])
        return None


def attributes(names: Mapping[str, str], inputs: Inputs) -> dict[str, str]:
    """The given properties as the API has them: texts by the names of attributes."""
    return {
        attribute: str(inputs[name]).lower() if isinstance(inputs[name], bool) else str(inputs[name])
        for name, attribute in names.items()
        if name in inputs
    }


RESOURCES: Final = (Topic, TopicPolicy, TopicSubscription)
