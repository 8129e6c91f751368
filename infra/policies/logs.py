"""What a role may write to CloudWatch."""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement

# What AWS knows no resource for: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)


def write_logs(naming: Naming, log_group: str) -> tuple[Statement, ...]:
    """Write to a log group that exists."""
    arn = naming.arn("logs", f"log-group:{log_group}:*")
    return (Statement("WriteLogs", ("logs:CreateLogStream", "logs:PutLogEvents"), (arn,)),)


def write_log_stream(naming: Naming, log_group: str, stream: str) -> tuple[Statement, ...]:
    """Write to a log stream that exists."""
    arn = naming.arn("logs", f"log-group:{log_group}:log-stream:{stream}")
    return (Statement("WriteLogStream", ("logs:PutLogEvents",), (arn,)),)


def write_glue_logs(naming: Naming, *log_groups: str) -> tuple[Statement, ...]:
    """Write to Glue's own log groups, which all jobs of an account share and the first one makes."""
    groups = tuple(naming.arn("logs", f"log-group:{group}") for group in log_groups)
    return (
        # AWS writes the resource of this action with `:*` in some places of its documentation.
        Statement("MakeLogGroups", ("logs:CreateLogGroup",), (*groups, *(f"{group}:*" for group in groups))),
        Statement(
            "WriteLogs",
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            tuple(f"{group}:*" for group in groups),
        ),
    )


def deliver_logs() -> tuple[Statement, ...]:
    """Have a service deliver its logs to a log group, as a state machine does."""
    return (Statement("DeliverLogs", LOG_DELIVERY, ("*",)),)


def put_metrics(namespace: str) -> tuple[Statement, ...]:
    """Publish metrics in a namespace; AWS knows no resource for it, but this condition."""
    return (
        Statement(
            "PutMetrics",
            ("cloudwatch:PutMetricData",),
            ("*",),
            condition={"StringEquals": {"cloudwatch:namespace": namespace}},
        ),
    )
