"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from typing import ClassVar, Final

from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import Naming


class Schedule(CrudResource):
    """When what is called; an update sets all of it."""

    type = "aws:scheduler/schedule:Schedule"
    service = "scheduler"
    operations = Operations("CreateSchedule", "GetSchedule", "DeleteSchedule", "UpdateSchedule")
    properties = frozenset(
        {
            "actionAfterCompletion",
            "description",
            "endDate",
            "flexibleTimeWindow",
            "groupName",
            "kmsKeyArn",
            "name",
            "namePrefix",
            "scheduleExpression",
            "scheduleExpressionTimezone",
            "startDate",
            "state",
            "target",
        }
    )
    replaces = frozenset({"groupName", "name", "namePrefix"})
    unsent = frozenset({"namePrefix"})
    naming = Naming("name", "namePrefix")
    key: ClassVar = {"GroupName": "groupName", "Name": "name"}
    id_format = "{groupName}/{name}"
    outputs: ClassVar = {"arn": "Arn"}
    defaults: ClassVar = {
        "actionAfterCompletion": "NONE",
        "description": "",
        "groupName": "default",
        "scheduleExpressionTimezone": "UTC",
        "state": "ENABLED",
    }


class ScheduleGroup(CrudResource):
    """A group of schedules; deleting it deletes them."""

    type = "aws:scheduler/scheduleGroup:ScheduleGroup"
    service = "scheduler"
    operations = Operations("CreateScheduleGroup", "GetScheduleGroup", "DeleteScheduleGroup")
    properties = frozenset({"name", "namePrefix"})
    replaces = properties
    unsent = frozenset({"namePrefix"})
    naming = Naming("name", "namePrefix")
    tagged = True
    key: ClassVar = {"Name": "name"}
    outputs: ClassVar = {
        "arn": "Arn",
        "creationDate": "CreationDate",
        "lastModificationDate": "LastModificationDate",
        "state": "State",
    }


RESOURCES: Final = (Schedule, ScheduleGroup)
