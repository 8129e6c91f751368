"""What a log group may have: streams, and filters that count what is logged."""

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

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("logs").describe_log_streams(
            logGroupName=inputs["logGroupName"], logStreamNamePrefix=inputs["name"]
        )["logStreams"]
        return next(({"arn": s["arn"]} for s in found if s["logStreamName"] == inputs["name"]), None)


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

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = self.answer(api, id_, inputs)["metricFilters"]
        return {} if any(item["filterName"] == inputs["name"] for item in found) else None

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        return api.client("logs").describe_metric_filters(
            logGroupName=inputs["logGroupName"], filterNamePrefix=inputs["name"]
        )
