"""A state machine that loads a batch: files of landing again, compaction, a check that nothing is lost.

It is for what the events of landing do not do: the history of a new source, files whose contract was
corrected, and at night the compaction of what came by day.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.naming import Naming
from lake.raw_zone import INGESTION_LOG

BATCH_LOAD = "batch-load"
SCHEDULES = "schedules"

_FILES_AT_ONCE = 5
_LONGEST_SECONDS = 4 * 3600
# 01:15, before the nightly workflow.
_AT_NIGHT = "cron(15 1 * * ? *)"
_RETRY = {
    "ErrorEquals": [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    "IntervalSeconds": 2,
    "MaxAttempts": 5,
    "BackoffRate": 2,
}


def log_group_name(naming: Naming) -> str:
    """Where the state machine logs."""
    return f"/aws/vendedlogs/states/{naming.name(BATCH_LOAD)}"


@dataclass(frozen=True)
class BatchLoadArgs:
    """The state machine.

    Attributes:
        naming: What things are called.
        ingest_function_arn: The function that takes files in.
        landing_bucket: Where the files lie.
        compact_job: The Glue job that compacts.
        tables: The tables that it compacts.
        raw_database: Whose ingestion log is checked.
        workgroup: Where the check is run.
        role_arn: The role of the state machine.
        scheduler_role_arn: The role of the schedule.
        needs: What must be there before it runs: the roles' rights.
        schedules_enabled: Whether it starts by itself every night.
        log_retention_days: How long its logs are kept.
        key_arn: The key that encrypts them.
    """

    naming: Naming
    ingest_function_arn: pulumi.Input[str]
    landing_bucket: pulumi.Input[str]
    compact_job: pulumi.Input[str]
    tables: Sequence[str]
    raw_database: pulumi.Input[str]
    workgroup: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    scheduler_role_arn: pulumi.Input[str]
    needs: Sequence[pulumi.Resource]
    schedules_enabled: bool
    log_retention_days: int
    key_arn: pulumi.Input[str]


def definition(
    partition: str,
    ingest_function_arn: str,
    landing_bucket: str,
    compact_job: str,
    tables: Sequence[str],
    raw_database: str,
    workgroup: str,
) -> dict[str, Any]:
    """The machine in the Amazon States Language.

    Its input is `{"files": [{"key": "sales/2011-01-31.csv"}]}`, with keys as S3's events write them: spaces
    as `+`, the rest by per cent. No files, and it compacts and checks alone.
    """
    return {
        "Comment": "Loads files of landing, compacts the tables of raw, checks that no line is lost.",
        "StartAt": "LoadFiles",
        "TimeoutSeconds": _LONGEST_SECONDS,
        "States": {
            "LoadFiles": {
                "Type": "Map",
                "ItemsPath": "$.files",
                "MaxConcurrency": _FILES_AT_ONCE,
                "ItemProcessor": _load_one_file(partition, ingest_function_arn, landing_bucket),
                "ResultPath": "$.loaded",
                "Next": "Compact",
            },
            "Compact": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::glue:startJobRun.sync",
                "Parameters": {"JobName": compact_job, "Arguments": {"--tables": ",".join(tables)}},
                "ResultSelector": {"run.$": "$.Id", "state.$": "$.JobRunState"},
                "ResultPath": "$.compacted",
                "Next": "CountLostLines",
            },
            "CountLostLines": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::athena:startQueryExecution.sync",
                "Parameters": {
                    "QueryString": f'select count(*) from "{raw_database}"."{INGESTION_LOG}" '
                    "where lines <> loaded + quarantined",
                    "WorkGroup": workgroup,
                },
                "ResultSelector": {"query.$": "$.QueryExecution.QueryExecutionId"},
                "ResultPath": "$.check",
                "Next": "ReadLostLines",
            },
            "ReadLostLines": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::athena:getQueryResults",
                "Parameters": {"QueryExecutionId.$": "$.check.query"},
                "ResultSelector": {"files.$": "$.ResultSet.Rows[1].Data[0].VarCharValue"},
                "ResultPath": "$.lost",
                "Next": "IsAnyLost",
            },
            "IsAnyLost": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.lost.files", "StringEquals": "0", "Next": "Loaded"}],
                "Default": "LinesLost",
            },
            "Loaded": {"Type": "Succeed"},
            "LinesLost": {
                "Type": "Fail",
                "Error": "LinesLost",
                "Cause": "The ingestion log has files whose lines are neither loaded nor quarantined.",
            },
        },
    }


def _load_one_file(partition: str, function_arn: str, landing_bucket: str) -> dict[str, Any]:
    """Hand a file to the ingest function as its queue would."""
    bucket = {"name": landing_bucket}
    return {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "WriteEvent",
        "States": {
            "WriteEvent": {
                "Type": "Pass",
                "Parameters": {
                    "Records": [
                        {
                            "eventName": "ObjectCreated:BatchLoad",
                            "s3": {"bucket": bucket, "object": {"key.$": "$.key"}},
                        }
                    ]
                },
                "Next": "LoadFile",
            },
            "LoadFile": {
                "Type": "Task",
                "Resource": f"arn:{partition}:states:::lambda:invoke",
                "Parameters": {
                    "FunctionName": function_arn,
                    "Payload": {"Records": [{"messageId": "batch-load", "body.$": "States.JsonToString($)"}]},
                },
                "Retry": [_RETRY],
                "OutputPath": "$.Payload",
                "Next": "HasFailed",
            },
            "HasFailed": {
                "Type": "Choice",
                "Choices": [
                    {"Variable": "$.batchItemFailures[0]", "IsPresent": True, "Next": "FileNotLoaded"}
                ],
                "Default": "FileLoaded",
            },
            "FileLoaded": {"Type": "Succeed"},
            "FileNotLoaded": {
                "Type": "Fail",
                "Error": "FileNotLoaded",
                "Cause": "The ingest function's log says why.",
            },
        },
    }


class BatchLoad(pulumi.ComponentResource):
    """The state machine and its schedule."""

    def __init__(self, name: str, args: BatchLoadArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:batch:BatchLoad", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.machine = self._machine()
        self._schedule()
        self.register_outputs({"state_machine_arn": self.machine.arn})

    def _machine(self) -> aws.sfn.StateMachine:
        args, naming = self._args, self._args.naming
        log_group = aws.cloudwatch.LogGroup(
            "batch-load-logs",
            name=log_group_name(naming),
            retention_in_days=args.log_retention_days,
            kms_key_id=args.key_arn,
            tags=naming.tags,
            opts=self._child,
        )
        document = pulumi.Output.all(
            args.ingest_function_arn, args.landing_bucket, args.compact_job, args.raw_database, args.workgroup
        ).apply(
            lambda known: json.dumps(
                definition(naming.partition, known[0], known[1], known[2], args.tables, known[3], known[4]),
                indent=1,
            )
        )
        return aws.sfn.StateMachine(
            "batch-load-machine",
            name=naming.name(BATCH_LOAD),
            type="STANDARD",
            role_arn=args.role_arn,
            definition=document,
            logging_configuration={
                "level": "ERROR",
                # What goes through the states names customers' files.
                "include_execution_data": False,
                "log_destination": pulumi.Output.format("{0}:*", log_group.arn),
            },
            tags=naming.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.needs)),
        )

    def _schedule(self) -> None:
        args, naming = self._args, self._args.naming
        # A group of its own, for which the scheduler's role can be held to.
        group = aws.scheduler.ScheduleGroup(
            "schedules", name=naming.name(SCHEDULES), tags=naming.tags, opts=self._child
        )
        aws.scheduler.Schedule(
            "batch-load-schedule",
            name=naming.name("batch-load-nightly"),
            group_name=group.name,
            description="Compacts the day's files and checks that none is lost.",
            schedule_expression=_AT_NIGHT,
            flexible_time_window={"mode": "FLEXIBLE", "maximum_window_in_minutes": 15},
            state="ENABLED" if args.schedules_enabled else "DISABLED",
            target={
                "arn": self.machine.arn,
                "role_arn": args.scheduler_role_arn,
                "input": json.dumps({"files": []}),
                "retry_policy": {"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 3600},
            },
            opts=self._child,
        )
