"""Log groups. Pulumi has EventBridge and alarms under the same name: they are in modules of their own."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, Final

from millpond.deploy.providers.aws.alarms import Dashboard, MetricAlarm
from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs, removed_tags
from millpond.deploy.providers.aws.event_buses import EventArchive, EventBus, EventBusPolicy
from millpond.deploy.providers.aws.events import EventRule, EventTarget
from millpond.deploy.providers.aws.log_parts import (
    LogMetricFilter,
    LogResourcePolicy,
    LogStream,
    LogSubscriptionFilter,
)


class LogGroup(AwsResource):
    """Where a function's or job's output goes, and how long it stays."""

    type = "aws:cloudwatch/logGroup:LogGroup"
    properties = frozenset(
        {"name", "namePrefix", "retentionInDays", "kmsKeyId", "logGroupClass", "skipDestroy"}
    )
    replaces = frozenset({"name", "namePrefix", "logGroupClass"})
    naming = Naming("name", "namePrefix", longest=512)
    tagged = True

    def create(self, api: Api, inputs: Inputs) -> str:
        request: dict[str, Any] = {"logGroupName": inputs["name"]}
        for name in ("kmsKeyId", "logGroupClass"):
            if name in inputs:
                request[name] = inputs[name]
        if inputs["tagsAll"]:
            request["tags"] = inputs["tagsAll"]
        api.client("logs").create_log_group(**request)
        return str(inputs["name"])

    def complete(self, api: Api, id_: str, inputs: Inputs) -> None:
        self._retain(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("logs").describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
        group = next((group for group in found if group["logGroupName"] == id_), None)
        if group is None:
            return None
        return {
            "arn": group["arn"].removesuffix(":*"),
            "deletionProtectionEnabled": group.get("deletionProtectionEnabled", False),
            "logGroupClass": group.get("logGroupClass", "STANDARD"),
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        logs = api.client("logs")
        self._retain(api, new)
        if "kmsKeyId" in new:
            logs.associate_kms_key(logGroupName=id_, kmsKeyId=new["kmsKeyId"])
        elif "kmsKeyId" in old:
            logs.disassociate_kms_key(logGroupName=id_)
        arn = api.arn("logs", f"log-group:{id_}")
        if removed := removed_tags(old, new):
            logs.untag_resource(resourceArn=arn, tagKeys=removed)
        if new["tagsAll"]:
            logs.tag_resource(resourceArn=arn, tags=new["tagsAll"])

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        if not inputs.get("skipDestroy"):
            api.client("logs").delete_log_group(logGroupName=id_)

    def _retain(self, api: Api, inputs: Inputs) -> None:
        # Zero days is how Pulumi says "for ever".
        if days := int(inputs.get("retentionInDays", 0)):
            api.client("logs").put_retention_policy(logGroupName=inputs["name"], retentionInDays=days)
        else:
            api.client("logs").delete_retention_policy(logGroupName=inputs["name"])


RESOURCES: Final = (
    LogGroup,
    LogStream,
    LogMetricFilter,
    LogSubscriptionFilter,
    LogResourcePolicy,
    EventRule,
    EventTarget,
    EventBus,
    EventBusPolicy,
    EventArchive,
    MetricAlarm,
    Dashboard,
)
