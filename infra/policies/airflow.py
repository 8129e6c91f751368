"""What Amazon MWAA needs of the role of an environment that it hosts.

https://docs.aws.amazon.com/mwaa/latest/userguide/mwaa-create-role.html, without its wildcards.
"""

from __future__ import annotations

from infra.naming import Naming
from infra.policies.document import Statement

_LOGS = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:GetLogEvents",
    "logs:GetLogGroupFields",
    "logs:GetLogRecord",
    "logs:PutLogEvents",
)
_QUEUE = (
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
)


def host_airflow(naming: Naming, environment: str) -> tuple[Statement, ...]:
    """Log, measure and hand tasks to workers."""
    name = naming.name(environment)
    return (
        Statement(
            "PublishAirflowMetrics",
            ("airflow:PublishMetrics",),
            (naming.arn("airflow", f"environment/{name}"),),
        ),
        Statement("WriteAirflowLogs", _LOGS, (naming.arn("logs", f"log-group:airflow-{name}-*"),)),
        Statement("TalkToWorkers", _QUEUE, (naming.managed_airflow_queues,)),
        # AWS knows no resources for these.
        Statement("FindLogGroups", ("logs:DescribeLogGroups",), ("*",)),
        Statement("SeeThatNothingIsPublic", ("s3:GetAccountPublicAccessBlock",), ("*",)),
    )
