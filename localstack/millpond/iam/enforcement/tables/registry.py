"""The tables of all services, by the name that requests to a service are signed with."""

from __future__ import annotations

from collections.abc import Mapping

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.rules import Requirement, ServiceTable
from millpond.iam.enforcement.tables import analytics, compute, messaging, operations, security
from millpond.iam.enforcement.tables.glue import GLUE
from millpond.iam.enforcement.tables.kms import KMS
from millpond.iam.enforcement.tables.s3 import S3, S3_CONTROL

TABLES: Mapping[str, ServiceTable] = {
    "airflow": compute.AIRFLOW,
    "apigateway": messaging.API_GATEWAY,
    "athena": analytics.ATHENA,
    "budgets": operations.BUDGETS,
    "dynamodb": operations.DYNAMODB,
    "ec2": compute.EC2,
    "ecr": compute.ECR,
    "events": messaging.EVENTS,
    "firehose": analytics.FIREHOSE,
    "glue": GLUE,
    "iam": security.IAM,
    "kinesis": analytics.KINESIS,
    "kms": KMS,
    "lakeformation": analytics.LAKE_FORMATION,
    "lambda": compute.LAMBDA,
    "logs": operations.LOGS,
    "monitoring": operations.CLOUDWATCH,
    "s3": S3,
    "s3control": S3_CONTROL,
    "scheduler": messaging.SCHEDULER,
    "secretsmanager": security.SECRETS_MANAGER,
    "servicequotas": operations.SERVICE_QUOTAS,
    "sns": messaging.SNS,
    "sqs": messaging.SQS,
    "ssm": operations.SSM,
    "states": messaging.STATES,
    "sts": security.STS,
    "tagging": operations.TAGGING,
}


def requirements(call: ServiceCall) -> tuple[Requirement, ...]:
    """All that must be allowed for a call; the action of its own name on `*` where no table knows better."""
    table = TABLES.get(call.service)
    if table is None:
        return (Requirement(f"{call.service}:{call.operation}", "*"),)
    return table.requirements(call)
