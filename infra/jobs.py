"""Glue's jobs and crawler, and the workflow that runs them at night."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from infra.naming import Naming

COMPACT_RAW = "compact-raw"
SESSIONIZE_EVENTS = "sessionize-events"
CRAWL_LANDING = "landing"
NIGHTLY = "nightly"

SCRIPTS_PREFIX = "glue_jobs/"
SPARK_TEMPORARY_PREFIX = "spark/"

_SCRIPTS = Path(__file__).resolve().parent.parent / "glue_jobs"
# Python shell runs no newer Python; `analytics` brings AWS SDK for pandas.
_PYTHON_SHELL = "3.9"
_GLUE_VERSION = "5.0"
_SMALLEST_PYTHON_SHELL = 0.0625
_TABLE_PREFIX = "landed_"
# 02:15, when all of the day before has arrived.
_AT_NIGHT = "cron(15 2 * * ? *)"


@dataclass(frozen=True)
class JobsArgs:
    """The jobs.

    Attributes:
        naming: What things are called.
        artifacts_bucket: Where the scripts lie.
        raw_bucket: What the jobs work on.
        results_bucket: Where Spark puts what it needs for a moment.
        raw_database: The tables that they work on.
        landing_database: Where the crawler writes down what it finds.
        crawled: The folders of landing whose files may grow fields that no contract names yet.
        streams: The tables of raw that are compacted at night, since events come in many small files, and
            the columns that tell their rows apart.
        compact_role_arn: The role of the compaction.
        sessionize_role_arn: The role of the Spark job.
        crawler_role_arn: The role of the crawler.
        needs: What must be there before anything runs: the roles' rights, the tables.
        spark_workers: How many machines the Spark job has.
        schedules_enabled: Whether the workflow starts by itself.
    """

    naming: Naming
    artifacts_bucket: pulumi.Input[str]
    raw_bucket: pulumi.Input[str]
    results_bucket: pulumi.Input[str]
    raw_database: pulumi.Input[str]
    landing_database: pulumi.Input[str]
    landing_bucket: pulumi.Input[str]
    crawled: Sequence[str]
    streams: Mapping[str, Sequence[str]]
    compact_role_arn: pulumi.Input[str]
    sessionize_role_arn: pulumi.Input[str]
    crawler_role_arn: pulumi.Input[str]
    needs: Sequence[pulumi.Resource]
    spark_workers: int
    schedules_enabled: bool

    def __post_init__(self) -> None:
        if self.spark_workers < 2:
            raise ValueError("a Spark job has at least two workers")


class Jobs(pulumi.ComponentResource):
    """Compaction, sessions, the crawler and their workflow."""

    def __init__(self, name: str, args: JobsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("millpond:jobs:Jobs", name, None, opts)
        self._args = args
        self._naming = args.naming
        self._child = pulumi.ResourceOptions(parent=self)
        self._with_needs = pulumi.ResourceOptions(parent=self, depends_on=list(args.needs))
        self.compact_raw = self._compact_raw()
        self.sessionize_events = self._sessionize_events()
        self.crawler = self._crawler()
        self.workflow = self._nightly()
        self.register_outputs(
            {
                "compact_raw": self.compact_raw.name,
                "sessionize_events": self.sessionize_events.name,
                "crawler": self.crawler.name,
                "workflow": self.workflow.name,
            }
        )

    def _script(self, name: str) -> pulumi.Output[str]:
        script = aws.s3.BucketObjectv2(
            f"{name}-script",
            bucket=self._args.artifacts_bucket,
            key=f"{SCRIPTS_PREFIX}{name}.py",
            source=pulumi.FileAsset(str(_SCRIPTS / f"{name}.py")),
            tags=self._naming.tags,
            opts=self._child,
        )
        return pulumi.Output.format("s3://{0}/{1}", script.bucket, script.key)

    def _compact_raw(self) -> aws.glue.Job:
        args = self._args
        return aws.glue.Job(
            "compact-raw-job",
            name=self._naming.name(COMPACT_RAW),
            description="Rewrites partitions of raw: small files together, each row once.",
            role_arn=args.compact_role_arn,
            command={
                "name": "pythonshell",
                "python_version": _PYTHON_SHELL,
                "script_location": self._script("compact_raw"),
            },
            default_arguments={
                "--library-set": "analytics",
                "--raw_database": args.raw_database,
                "--raw_bucket": args.raw_bucket,
                "--tables": ",".join(args.streams),
                "--row_keys": ";".join(f"{table}={','.join(keys)}" for table, keys in args.streams.items()),
            },
            # One sixteenth of a machine, with a gigabyte, for what is done partition by partition.
            max_capacity=_SMALLEST_PYTHON_SHELL,
            timeout=60,
            max_retries=1,
            # Two compactions of one partition would each forget what the other has written.
            execution_property={"max_concurrent_runs": 1},
            tags=self._naming.tags,
            opts=self._with_needs,
        )

    def _sessionize_events(self) -> aws.glue.Job:
        args = self._args
        return aws.glue.Job(
            "sessionize-events-job",
            name=self._naming.name(SESSIONIZE_EVENTS),
            description="Parts the events of each visitor into sessions.",
            role_arn=args.sessionize_role_arn,
            glue_version=_GLUE_VERSION,
            command={
                "name": "glueetl",
                "python_version": "3",
                "script_location": self._script("sessionize_events"),
            },
            default_arguments={
                "--job-bookmark-option": "job-bookmark-enable",
                "--enable-metrics": "true",
                "--enable-glue-datacatalog": "true",
                "--TempDir": pulumi.Output.format(
                    "s3://{0}/{1}", args.results_bucket, SPARK_TEMPORARY_PREFIX
                ),
                "--raw_database": args.raw_database,
                "--raw_bucket": args.raw_bucket,
            },
            worker_type="G.1X",
            number_of_workers=args.spark_workers,
            timeout=120,
            max_retries=1,
            execution_property={"max_concurrent_runs": 1},
            tags=self._naming.tags,
            opts=self._with_needs,
        )

    def _crawler(self) -> aws.glue.Crawler:
        args = self._args
        grouping = {"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}
        return aws.glue.Crawler(
            "landing-crawler",
            name=self._naming.name(CRAWL_LANDING),
            description="Writes down what the files of landing look like, so that new fields are noticed.",
            role=args.crawler_role_arn,
            database_name=args.landing_database,
            table_prefix=_TABLE_PREFIX,
            s3_targets=[
                {"path": pulumi.Output.format("s3://{0}/{1}/", args.landing_bucket, folder)}
                for folder in args.crawled
            ],
            configuration=json.dumps(grouping, separators=(",", ":")),
            recrawl_policy={"recrawl_behavior": "CRAWL_EVERYTHING"},
            # What has gone from landing is not gone from the catalog: the crawler deletes nothing.
            schema_change_policy={"update_behavior": "UPDATE_IN_DATABASE", "delete_behavior": "LOG"},
            tags=self._naming.tags,
            opts=self._with_needs,
        )

    def _nightly(self) -> aws.glue.Workflow:
        workflow = aws.glue.Workflow(
            "nightly-workflow",
            name=self._naming.name(NIGHTLY),
            description="Looks at what landed, compacts the events of the day, makes sessions of them.",
            max_concurrent_runs=1,
            tags=self._naming.tags,
            opts=self._child,
        )
        aws.glue.Trigger(
            "nightly-start",
            name=self._naming.name("nightly-start"),
            type="SCHEDULED",
            schedule=_AT_NIGHT,
            enabled=self._args.schedules_enabled,
            workflow_name=workflow.name,
            actions=[{"crawler_name": self.crawler.name}, {"job_name": self.compact_raw.name}],
            tags=self._naming.tags,
            opts=self._child,
        )
        aws.glue.Trigger(
            "nightly-after-compaction",
            name=self._naming.name("nightly-after-compaction"),
            type="CONDITIONAL",
            workflow_name=workflow.name,
            predicate={
                "logical": "AND",
                "conditions": [
                    {"job_name": self.compact_raw.name, "state": "SUCCEEDED", "logical_operator": "EQUALS"}
                ],
            },
            actions=[{"job_name": self.sessionize_events.name}],
            tags=self._naming.tags,
            opts=self._child,
        )
        return workflow
