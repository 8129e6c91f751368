"""The deployer's rights over what tells how things go: logs, alarms, dashboards, topics, budgets."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement
from infra.policies.logs import LOG_DELIVERY

_LOG_GROUPS = (
    "logs:AssociateKmsKey",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:DescribeLogStreams",
    "logs:DisassociateKmsKey",
    "logs:ListTagsForResource",
    "logs:PutRetentionPolicy",
    "logs:TagResource",
    "logs:UntagResource",
)
_ALARMS = (
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListTagsForResource",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:TagResource",
    "cloudwatch:UntagResource",
)
_DASHBOARDS = ("cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard")
_TOPICS = (
    "sns:CreateTopic",
    "sns:DeleteTopic",
    "sns:GetSubscriptionAttributes",
    "sns:GetTopicAttributes",
    "sns:ListTagsForResource",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
    "sns:TagResource",
    "sns:Unsubscribe",
    "sns:UntagResource",
)
_BUDGETS = (
    "budgets:ListTagsForResource",
    "budgets:ModifyBudget",
    "budgets:TagResource",
    "budgets:UntagResource",
    "budgets:ViewBudget",
)


def observability_statements(naming: Naming) -> tuple[Statement, ...]:
    """Make and change log groups, alarms, dashboards, topics and budgets."""
    mine = naming.name("*")
    groups = tuple(
        naming.arn("logs", f"log-group:{place}/{mine}")
        for place in ("/aws/lambda", "/aws/kinesisfirehose", "/aws/apigateway", "/aws/vendedlogs/states")
    )
    dashboard = f"arn:{naming.partition}:cloudwatch::{naming.account_id}:dashboard/{mine}"
    budget = f"arn:{naming.partition}:budgets::{naming.account_id}:budget/{mine}"
    return (
        Statement("LogGroups", _LOG_GROUPS, groups),
        Statement("LogDelivery", LOG_DELIVERY, ("*",)),
        Statement("Alarms", _ALARMS, (naming.arn("cloudwatch", f"alarm:{mine}"),)),
        Statement("Dashboards", _DASHBOARDS, (dashboard,)),
        Statement("Topics", _TOPICS, (naming.arn("sns", mine),)),
        Statement("Budgets", _BUDGETS, (budget,)),
    )
