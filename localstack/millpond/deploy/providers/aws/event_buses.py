"""EventBridge's buses, who may put events on them, and archives."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import ClassVar

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Naming, Outputs
from millpond.deploy.providers.aws.tagging import Tagging


class EventBus(CrudResource):
    """A bus of one's own."""

    type = "aws:cloudwatch/eventBus:EventBus"
    service = "events"
    operations = Operations("CreateEventBus", "DescribeEventBus", "DeleteEventBus", "UpdateEventBus")
    properties = frozenset({"deadLetterConfig", "description", "eventSourceName", "kmsKeyIdentifier", "name"})
    replaces = frozenset({"eventSourceName", "name"})
    naming = Naming("name", longest=256)
    tagged = True
    tagging = Tagging(resource="ResourceARN")
    key: ClassVar = {"Name": "name"}
    outputs: ClassVar = {"arn": "Arn"}
    defaults: ClassVar = {"description": ""}


class EventBusPolicy(AwsResource):
    """Who may put events on a bus; the id is the bus's name."""

    type = "aws:cloudwatch/eventBusPolicy:EventBusPolicy"
    properties = frozenset({"eventBusName", "policy"})
    replaces = frozenset({"eventBusName"})
    documents = frozenset({"policy"})
    defaults: ClassVar[Inputs] = {"eventBusName": "default"}

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("events").put_permission(EventBusName=inputs["eventBusName"], Policy=inputs["policy"])
        return str(inputs["eventBusName"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        return {} if api.client("events").describe_event_bus(Name=id_).get("Policy") else None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("events").remove_permission(EventBusName=id_, RemoveAllPermissions=True)

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return str(inputs["eventBusName"])


class EventArchive(CrudResource):
    """What was on a bus, kept for replays."""

    type = "aws:cloudwatch/eventArchive:EventArchive"
    service = "events"
    operations = Operations("CreateArchive", "DescribeArchive", "DeleteArchive", "UpdateArchive")
    properties = frozenset({"description", "eventPattern", "eventSourceArn", "name", "retentionDays"})
    replaces = frozenset({"eventSourceArn", "name"})
    documents = frozenset({"eventPattern"})
    naming = Naming("name", longest=48)
    key: ClassVar = {"ArchiveName": "name"}
    renames: ClassVar = {"ArchiveName": "name"}
    outputs: ClassVar = {"arn": "ArchiveArn"}
    defaults: ClassVar = {"retentionDays": 0, "description": ""}
