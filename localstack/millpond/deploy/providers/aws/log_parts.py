"""What a log group may have: streams, filters that count or send on what is logged; and who may write."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import Inputs, Naming, Outputs


class LogStream(CrudResource):
    """A stream of a log group."""

    type = "aws:cloudwatch/logStream:LogStream"
    service = "logs"
    operations = Operations("CreateLogStream", "DescribeLogStreams", "DeleteLogStream")
    properties = frozenset({"logGroupName", "name"})
    replaces = properties
    naming = Naming("name", longest=512)
    key: ClassVar = {"logGroupName": "logGroupName", "logStreamName": "name"}
    renames: ClassVar = {"logStreamName": "name"}

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        """The one of that name, of those whose names begin with it."""
        found = api.client("logs").describe_log_streams(
            logGroupName=inputs["logGroupName"], logStreamNamePrefix=inputs["name"]
        )["logStreams"]
        return next((stream for stream in found if stream["logStreamName"] == inputs["name"]), {})

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = self.answer(api, id_, inputs)
        return {"arn": found["arn"]} if found else None


class LogMetricFilter(CrudResource):
    """What of a log group's lines counts for a metric; an update sets all of it."""

    type = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
    service = "logs"
    operations = Operations(
        "PutMetricFilter", "DescribeMetricFilters", "DeleteMetricFilter", "PutMetricFilter"
    )
    properties = frozenset(
        {"applyOnTransformedLogs", "logGroupName", "metricTransformation", "name", "pattern"}
    )
    replaces = frozenset({"logGroupName", "name"})
    naming = Naming("name", longest=512)
    key: ClassVar = {"logGroupName": "logGroupName", "filterName": "name"}
    renames: ClassVar = {
        "filterName": "name",
        "filterPattern": "pattern",
        "metricTransformations": "metricTransformation",
        "metricName": "name",
        "metricNamespace": "namespace",
        "metricValue": "value",
    }
    unset: ClassVar = {"applyOnTransformedLogs": False}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = self.answer(api, id_, inputs)["metricFilters"]
        return {} if any(item["filterName"] == inputs["name"] for item in found) else None

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        return api.client("logs").describe_metric_filters(
            logGroupName=inputs["logGroupName"], filterNamePrefix=inputs["name"]
        )


class LogSubscriptionFilter(CrudResource):
    """Where of a log group's lines what is sent; an update sets all of it."""

    type = "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter"
    service = "logs"
    operations = Operations(
        "PutSubscriptionFilter",
        "DescribeSubscriptionFilters",
        "DeleteSubscriptionFilter",
        "PutSubscriptionFilter",
    )
    properties = frozenset({"destinationArn", "distribution", "filterPattern", "logGroup", "name", "roleArn"})
    replaces = frozenset({"logGroup", "name"})
    naming = Naming("name", longest=512)
    key: ClassVar = {"logGroupName": "logGroup", "filterName": "name"}
    renames: ClassVar = {"filterName": "name", "logGroupName": "logGroup"}
    id_format = "{logGroup}|{name}"
    unset: ClassVar = {"applyOnTransformedLogs": False}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {} if self.answer(api, id_, inputs) else None

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        found = api.client("logs").describe_subscription_filters(
            logGroupName=inputs["logGroup"], filterNamePrefix=inputs["name"]
        )["subscriptionFilters"]
        return next((item for item in found if item["filterName"] == inputs["name"]), None)


class LogResourcePolicy(CrudResource):
    """Which services may write logs."""

    type = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
    service = "logs"
    operations = Operations(
        "PutResourcePolicy", "DescribeResourcePolicies", "DeleteResourcePolicy", "PutResourcePolicy"
    )
    properties = frozenset({"policyDocument", "policyName"})
    replaces = frozenset({"policyName"})
    documents = frozenset({"policyDocument"})
    unique = "policyName"
    key: ClassVar = {"policyName": "policyName"}
    id_format = "{policyName}"

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = self.answer(api, id_, inputs)
        if not found:
            return None
        # Only the policy of one log group has revisions.
        return {"policyScope": found.get("policyScope", "ACCOUNT"), "revisionId": found.get("revisionId", "")}

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        pages = api.client("logs").get_paginator("describe_resource_policies").paginate()
        found = (item for page in pages for item in page["resourcePolicies"])
        return next((item for item in found if item["policyName"] == id_), None)
