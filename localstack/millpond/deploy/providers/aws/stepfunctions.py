"""Step Functions: state machines and activities."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import ID, CrudResource, Operations, Settling
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.tagging import Tagging


class StateMachine(CrudResource):
    """A state machine; its id is its ARN."""

    type = "aws:sfn/stateMachine:StateMachine"
    service = "stepfunctions"
    operations = Operations(
        "CreateStateMachine", "DescribeStateMachine", "DeleteStateMachine", "UpdateStateMachine"
    )
    properties = frozenset(
        {
            "definition",
            "encryptionConfiguration",
            "loggingConfiguration",
            "name",
            "namePrefix",
            "roleArn",
            "tracingConfiguration",
            "type",
        }
    )
    replaces = frozenset({"name", "namePrefix", "type"})
    unsent = frozenset({"namePrefix"})
    naming = Naming("name", "namePrefix", longest=80)
    tagged = True
    tagging = Tagging(resource="resourceArn", by="id")
    reuses = True
    documents = frozenset({"definition"})
    key: ClassVar = {"stateMachineArn": ID}
    outputs: ClassVar = {
        "arn": "stateMachineArn",
        "creationDate": "creationDate",
        "description": "description || ''",
        "encryptionConfiguration": "encryptionConfiguration",
        "loggingConfiguration": "loggingConfiguration",
        "revisionId": "revisionId || ''",
        "status": "status",
        "tracingConfiguration": "tracingConfiguration",
    }
    # No versions are published.
    unset: ClassVar = {
        "encryptionConfiguration": None,
        "loggingConfiguration": None,
        "stateMachineVersionArn": "",
        "tracingConfiguration": None,
        "versionDescription": "",
    }
    volatile = frozenset({"revisionId"})
    settling = Settling("status", gone=frozenset({"DELETING"}))
    defaults: ClassVar = {"type": "STANDARD"}

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        given = super().request(api, inputs)
        if logging := given.get("loggingConfiguration"):
            given["loggingConfiguration"] = _logging(logging)
        return given

    def changed(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        off = {"loggingConfiguration": {"level": "OFF"}, "tracingConfiguration": {"enabled": False}}
        return off | super().changed(api, inputs)

    def _formatted(self, api: Api, inputs: Inputs) -> str:
        return api.arn("states", f"stateMachine:{inputs['name']}")


class Activity(CrudResource):
    """Work that something outside does; its id is its ARN."""

    type = "aws:sfn/activity:Activity"
    service = "stepfunctions"
    operations = Operations("CreateActivity", "DescribeActivity", "DeleteActivity")
    properties = frozenset({"encryptionConfiguration", "name"})
    replaces = properties
    naming = Naming("name", longest=80)
    tagged = True
    tagging = Tagging(resource="resourceArn", by="id")
    reuses = True
    key: ClassVar = {"activityArn": ID}
    outputs: ClassVar = {
        "arn": "activityArn",
        "creationDate": "creationDate",
        "encryptionConfiguration": "encryptionConfiguration",
    }
    unset: ClassVar = {"encryptionConfiguration": None}

    def _formatted(self, api: Api, inputs: Inputs) -> str:
        return api.arn("states", f"activity:{inputs['name']}")


def _logging(given: Inputs) -> dict[str, Any]:
    """Where the log goes is in a list of objects."""
    content = dict(given)
    if group := content.pop("logDestination", None):
        content["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
    return content


RESOURCES: Final = (StateMachine, Activity)
