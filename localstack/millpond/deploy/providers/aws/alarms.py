"""CloudWatch's alarms and dashboards."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import Inputs, Naming, Outputs
from millpond.deploy.providers.aws.tagging import Tagging


class MetricAlarm(CrudResource):
    """An alarm on a metric or an expression; an update sets all of it."""

    type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    service = "cloudwatch"
    operations = Operations("PutMetricAlarm", "DescribeAlarms", "DeleteAlarms", "PutMetricAlarm")
    properties = frozenset(
        {
            "actionsEnabled",
            "alarmActions",
            "alarmDescription",
            "comparisonOperator",
            "datapointsToAlarm",
            "dimensions",
            "evaluateLowSampleCountPercentiles",
            "evaluationPeriods",
            "extendedStatistic",
            "insufficientDataActions",
            "metricName",
            "metricQueries",
            "name",
            "namespace",
            "okActions",
            "period",
            "statistic",
            "threshold",
            "thresholdMetricId",
            "treatMissingData",
            "unit",
        }
    )
    replaces = frozenset({"name"})
    naming = Naming("name", longest=255)
    tagged = True
    tagging = Tagging(resource="ResourceARN")
    key: ClassVar = {"AlarmName": "name"}
    renames: ClassVar = {"AlarmName": "name", "Metrics": "metricQueries"}
    arn = "alarm:{id}"
    unset: ClassVar = {"evaluateLowSampleCountPercentiles": ""}
    defaults: ClassVar = {"actionsEnabled": True, "treatMissingData": "missing"}

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        given = _with_dimensions(super().request(api, inputs))
        if "metricQueries" in given:
            given["metricQueries"] = [_query(query) for query in given["metricQueries"]]
        return given

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        return api.client("cloudwatch").describe_alarms(AlarmNames=[id_], AlarmTypes=["MetricAlarm"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        if not self.answer(api, id_, inputs)["MetricAlarms"]:
            return None
        return {"arn": api.arn("cloudwatch", f"alarm:{id_}")}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("cloudwatch").delete_alarms(AlarmNames=[id_])


class Dashboard(CrudResource):
    """A dashboard."""

    type = "aws:cloudwatch/dashboard:Dashboard"
    service = "cloudwatch"
    operations = Operations("PutDashboard", "GetDashboard", "DeleteDashboards", "PutDashboard")
    properties = frozenset({"dashboardBody", "dashboardName"})
    replaces = frozenset({"dashboardName"})
    documents = frozenset({"dashboardBody"})
    key: ClassVar = {"DashboardName": "dashboardName"}
    id_format = "{dashboardName}"
    outputs: ClassVar = {"dashboardArn": "DashboardArn"}

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("cloudwatch").delete_dashboards(DashboardNames=[id_])


def _with_dimensions(given: dict[str, Any]) -> dict[str, Any]:
    """Dimensions as pairs."""
    if "dimensions" not in given:
        return given
    pairs = [{"name": name, "value": value} for name, value in given["dimensions"].items()]
    return {**given, "dimensions": pairs}


def _query(given: Inputs) -> dict[str, Any]:
    """A query of one metric has the metric in an object, and how it is computed beside it."""
    query = {**given, "returnData": given.get("returnData", False)}
    if "metric" in query:
        metric = _with_dimensions(dict(query.pop("metric")))
        statistic = {name: metric.pop(name) for name in ("period", "stat", "unit") if name in metric}
        query["metricStat"] = {**statistic, "metric": metric}
    return query
