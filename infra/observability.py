"""Who is told what, and when: a topic, alarms, failed runs, a dashboard and a budget."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from infra.alarms import Alarm
from infra.naming import Naming
from infra.policies.resources import accept_alarms

ALERTS = "alerts"

_MINUTE = 60
_BUDGET_NOTICES: Sequence[tuple[Literal["ACTUAL", "FORECASTED"], int]] = (("ACTUAL", 80), ("FORECASTED", 100))


@dataclass(frozen=True)
class ObservabilityArgs:
    """What is watched.

    Attributes:
        naming: What things are called.
        key_arn: The key that encrypts what is told.
        alarms: What must not go on unnoticed.
        jobs: The Glue jobs whose failures are told.
        crawlers: The crawlers whose failures are told.
        email: Who is told by mail; nobody if it is empty.
        monthly_budget_usd: What a month may cost.
    """

    naming: Naming
    key_arn: pulumi.Input[str]
    alarms: Sequence[Alarm]
    jobs: Sequence[pulumi.Input[str]]
    crawlers: Sequence[pulumi.Input[str]]
    email: str
    monthly_budget_usd: int


class Observability(pulumi.ComponentResource):
    """Alarms, notices of failed runs, the dashboard and the budget, all told to one topic."""

    def __init__(
        self, name: str, args: ObservabilityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("millpond:observability:Observability", name, None, opts)
        self._args = args
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        self.topic = self._topic()
        for alarm in args.alarms:
            self._alarm(alarm)
        self._failures("job-failures", "Glue Job State Change", "jobName", args.jobs, ["FAILED", "TIMEOUT"])
        self._failures(
            "crawler-failures", "Glue Crawler State Change", "crawlerName", args.crawlers, ["Failed"]
        )
        self.dashboard = self._dashboard()
        self._budget()
        self.register_outputs({"topic_arn": self.topic.arn, "dashboard": self.dashboard.dashboard_name})

    def _topic(self) -> aws.sns.Topic:
        topic = aws.sns.Topic(
            "alerts-topic",
            name=self._naming.name(ALERTS),
            kms_master_key_id=self._args.key_arn,
            tags=self._naming.tags,
            opts=self._child,
        )
        aws.sns.TopicPolicy(
            "alerts-topic-policy",
            arn=topic.arn,
            policy=accept_alarms(self._naming, self._naming.name(ALERTS)),
            opts=self._child,
        )
        if self._args.email:
            aws.sns.TopicSubscription(
                "alerts-by-mail",
                topic=topic.arn,
                protocol="email",
                endpoint=self._args.email,
                opts=self._child,
            )
        return topic

    def _alarm(self, alarm: Alarm) -> None:
        aws.cloudwatch.MetricAlarm(
            f"alarm-{alarm.name}",
            name=self._naming.name(alarm.name),
            alarm_description=alarm.description,
            namespace=alarm.metric.namespace,
            metric_name=alarm.metric.name,
            dimensions=dict(alarm.metric.dimensions),
            statistic=alarm.metric.statistic,
            comparison_operator="LessThanThreshold" if alarm.rings_below else "GreaterThanThreshold",
            threshold=alarm.threshold,
            period=alarm.minutes * _MINUTE,
            evaluation_periods=1,
            treat_missing_data="breaching" if alarm.rings_without_data else "notBreaching",
            alarm_actions=[self.topic.arn],
            ok_actions=[self.topic.arn],
            tags=self._naming.tags,
            opts=self._child,
        )

    def _failures(
        self,
        name: str,
        detail_type: str,
        key: str,
        watched: Sequence[pulumi.Input[str]],
        states: Sequence[str],
    ) -> None:
        """Glue has no metric for a run that failed; it sends an event."""

        def pattern(names: Sequence[str]) -> str:
            detail = {key: list(names), "state": list(states)}
            return json.dumps(
                {"source": ["aws.glue"], "detail-type": [detail_type], "detail": detail},
                separators=(",", ":"),
            )

        rule = aws.cloudwatch.EventRule(
            name,
            name=self._naming.name(name),
            description="Tells of runs that failed.",
            event_pattern=pulumi.Output.all(*watched).apply(pattern),
            tags=self._naming.tags,
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{name}-target", rule=rule.name, target_id="alerts", arn=self.topic.arn, opts=self._child
        )

    def _dashboard(self) -> aws.cloudwatch.Dashboard:
        metrics = [alarm.metric for alarm in self._args.alarms]
        known = pulumi.Output.all(*(pulumi.Output.all(**metric.dimensions) for metric in metrics))

        def body(dimensions: Sequence[Mapping[str, str]]) -> str:
            widgets = [
                _widget(alarm, found, at, self._naming.region)
                for at, (alarm, found) in enumerate(zip(self._args.alarms, dimensions, strict=True))
            ]
            return json.dumps({"widgets": widgets}, separators=(",", ":"))

        return aws.cloudwatch.Dashboard(
            "dashboard",
            dashboard_name=self._naming.name("lake"),
            dashboard_body=known.apply(body),
            opts=self._child,
        )

    def _budget(self) -> None:
        aws.budgets.Budget(
            "budget",
            name=self._naming.name("monthly"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(self._args.monthly_budget_usd),
            limit_unit="USD",
            # Cost allocation by tag must be turned on once in the payer's account.
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:environment${self._naming.stack}"]}],
            notifications=[
                {
                    "notification_type": kind,
                    "comparison_operator": "GREATER_THAN",
                    "threshold": percent,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [self.topic.arn],
                }
                for kind, percent in _BUDGET_NOTICES
            ],
            tags=self._naming.tags,
            opts=self._child,
        )


def _widget(alarm: Alarm, dimensions: Mapping[str, str], at: int, region: str) -> dict[str, Any]:
    """One graph, two in a row."""
    flat = [part for name, value in dimensions.items() for part in (name, value)]
    metric = [alarm.metric.namespace, alarm.metric.name, *flat, {"stat": alarm.metric.statistic}]
    return {
        "type": "metric",
        "x": 12 * (at % 2),
        "y": 6 * (at // 2),
        "width": 12,
        "height": 6,
        "properties": {
            "title": alarm.name,
            "region": region,
            "metrics": [metric],
            "period": alarm.minutes * _MINUTE,
            "annotations": {"horizontal": [{"label": "alarm", "value": alarm.threshold}]},
        },
    }
