"""Crawlers, jobs, and what starts them."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.mapping import Renames
from millpond.deploy.providers.aws.modelled import ModelledResource


class Crawler(ModelledResource):
    """A crawler; Pulumi has its targets side by side, the API has them in one object."""

    type = "aws:glue/crawler:Crawler"
    service = "glue"
    noun = "Crawler"
    arn = "crawler/{}"
    _targets = frozenset(
        {
            "catalogTargets",
            "deltaTargets",
            "dynamodbTargets",
            "hudiTargets",
            "icebergTargets",
            "jdbcTargets",
            "mongodbTargets",
            "s3Targets",
        }
    )
    properties = _targets | {
        "classifiers",
        "configuration",
        "databaseName",
        "description",
        "lakeFormationConfiguration",
        "lineageConfiguration",
        "name",
        "recrawlPolicy",
        "role",
        "schedule",
        "schemaChangePolicy",
        "securityConfiguration",
        "tablePrefix",
    }
    replaces = frozenset({"name"})
    naming = Naming("name", longest=255)
    tagged = True
    defaults: ClassVar[Inputs] = {"description": "", "tablePrefix": "", "classifiers": []}
    renames: ClassVar[Renames] = {
        "CrawlerSecurityConfiguration": "securityConfiguration",
        "CrawlerLineageSettings": "crawlerLineageSettings",
    }

    def request(self, inputs: Inputs) -> dict[str, Any]:
        given = super().request(inputs)
        targets = {name: given.pop(name) for name in self._targets & given.keys()}
        return given | {"targets": targets}


class Job(ModelledResource):
    """A job."""

    type = "aws:glue/job:Job"
    service = "glue"
    noun = "Job"
    arn = "job/{}"
    name_parameter = "JobName"
    update_parameter = "JobUpdate"
    properties = frozenset(
        {
            "command",
            "connections",
            "defaultArguments",
            "description",
            "executionClass",
            "executionProperty",
            "glueVersion",
            "jobMode",
            "jobRunQueuingEnabled",
            "maintenanceWindow",
            "maxCapacity",
            "maxRetries",
            "name",
            "nonOverridableArguments",
            "notificationProperty",
            "numberOfWorkers",
            "roleArn",
            "securityConfiguration",
            "timeout",
            "workerType",
        }
    )
    replaces = frozenset({"name"})
    naming = Naming("name", longest=255)
    tagged = True
    renames: ClassVar[Renames] = {"Role": "roleArn"}
    unset: ClassVar[Inputs] = {"notificationProperty": None}
    outputs: ClassVar = {
        "executionProperty": "Job.ExecutionProperty",
        "glueVersion": "Job.GlueVersion || ''",
        "jobMode": "Job.JobMode || 'SCRIPT'",
        "maxCapacity": "Job.MaxCapacity",
        "maxRetries": "Job.MaxRetries",
        "notificationProperty": "Job.NotificationProperty",
        "numberOfWorkers": "Job.NumberOfWorkers || `0`",
        "timeout": "Job.Timeout",
        "workerType": "Job.WorkerType || ''",
    }

    def request(self, inputs: Inputs) -> dict[str, Any]:
        given = super().request(inputs)
        given["command"] = {"name": "glueetl", **given["command"]}
        if "connections" in given:
            given["connections"] = {"connections": given["connections"]}
        return given


class Trigger(ModelledResource):
    """What starts jobs and crawlers: on demand, by the clock, by an event, or after one another."""

    type = "aws:glue/trigger:Trigger"
    service = "glue"
    noun = "Trigger"
    arn = "trigger/{}"
    update_parameter = "TriggerUpdate"
    properties = frozenset(
        {
            "actions",
            "description",
            "enabled",
            "eventBatchingConditions",
            "name",
            "predicate",
            "schedule",
            "startOnCreation",
            "type",
            "workflowName",
        }
    )
    replaces = frozenset({"name", "type", "workflowName"})
    create_only = frozenset({"type", "workflowName", "startOnCreation"})
    naming = Naming("name", longest=255)
    tagged = True
    defaults: ClassVar[Inputs] = {"enabled": True}
    outputs: ClassVar = {"state": "Trigger.State"}
    volatile = frozenset({"state"})

    def request(self, inputs: Inputs) -> dict[str, Any]:
        return {name: value for name, value in super().request(inputs).items() if name != "enabled"}

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._switch(api, id_, inputs)

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        super().update(api, id_, old, new)
        self._switch(api, id_, new)

    def _switch(self, api: Api, id_: str, inputs: Inputs) -> None:
        """A trigger on demand is started by whoever demands it."""
        if inputs["type"] != "ON_DEMAND":
            glue = api.client("glue")
            (glue.start_trigger if inputs["enabled"] else glue.stop_trigger)(Name=id_)


class Workflow(ModelledResource):
    """A set of triggers that runs as one."""

    type = "aws:glue/workflow:Workflow"
    service = "glue"
    noun = "Workflow"
    arn = "workflow/{}"
    properties = frozenset({"defaultRunProperties", "description", "maxConcurrentRuns", "name"})
    replaces = frozenset({"name"})
    naming = Naming("name", longest=255)
    tagged = True
    defaults: ClassVar[Inputs] = {"description": "", "defaultRunProperties": {}}
