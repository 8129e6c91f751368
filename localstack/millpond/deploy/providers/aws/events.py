"""EventBridge: rules, and whom they tell."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import (
    AwsResource,
    Inputs,
    Naming,
    Outputs,
    removed_tags,
    tag_list,
)
from millpond.deploy.providers.aws.mapping import Renames, parameters

_DEFAULT_BUS = "default"


class EventRule(AwsResource):
    """A schedule or a pattern of events."""

    type = "aws:cloudwatch/eventRule:EventRule"
    properties = frozenset(
        {
            "description",
            "eventBusName",
            "eventPattern",
            "forceDestroy",
            "name",
            "namePrefix",
            "roleArn",
            "scheduleExpression",
            "state",
        }
    )
    replaces = frozenset({"name", "namePrefix", "eventBusName"})
    naming = Naming("name", "namePrefix")
    tagged = True
    defaults: ClassVar[Inputs] = {"eventBusName": _DEFAULT_BUS, "state": "ENABLED", "description": ""}
    _unsent = frozenset({"namePrefix", "forceDestroy"})

    def create(self, api: Api, inputs: Inputs) -> str:
        request = self.request(api, inputs)
        if tags := tag_list(inputs):
            request["Tags"] = tags
        api.client("events").put_rule(**request)
        return str(inputs["name"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        found = api.client("events").describe_rule(Name=id_, EventBusName=inputs["eventBusName"])
        return {"arn": found["Arn"]}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        events = api.client("events")
        arn = events.put_rule(**self.request(api, new))["RuleArn"]
        if removed := removed_tags(old, new):
            events.untag_resource(ResourceARN=arn, TagKeys=removed)
        if tags := tag_list(new):
            events.tag_resource(ResourceARN=arn, Tags=tags)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        events, bus = api.client("events"), inputs["eventBusName"]
        if inputs.get("forceDestroy"):
            targets = events.list_targets_by_rule(Rule=id_, EventBusName=bus)["Targets"]
            if ids := [target["Id"] for target in targets]:
                events.remove_targets(Rule=id_, EventBusName=bus, Ids=ids)
        events.delete_rule(Name=id_, EventBusName=bus)

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        """The rule as PutRule takes it."""
        given = {name: inputs[name] for name in (self.properties - self._unsent) & inputs.keys()}
        return parameters(api.client("events"), "PutRule", given)


class EventTarget(AwsResource):
    """Whom a rule tells, and what."""

    type = "aws:cloudwatch/eventTarget:EventTarget"
    properties = frozenset(
        {
            "arn",
            "deadLetterConfig",
            "eventBusName",
            "input",
            "inputPath",
            "inputTransformer",
            "kinesisTarget",
            "retryPolicy",
            "roleArn",
            "rule",
            "sqsTarget",
            "targetId",
        }
    )
    replaces = frozenset({"rule", "targetId", "eventBusName"})
    naming = Naming("targetId")
    defaults: ClassVar[Inputs] = {"eventBusName": _DEFAULT_BUS}
    renames: ClassVar[Renames] = {
        "Id": "targetId",
        "InputPathsMap": "inputPaths",
        "SqsParameters": "sqsTarget",
        "KinesisParameters": "kinesisTarget",
    }

    def create(self, api: Api, inputs: Inputs) -> str:
        api.client("events").put_targets(**self.request(api, inputs))
        return f"{inputs['rule']}-{inputs['targetId']}"

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("events").list_targets_by_rule(**self._rule(inputs))["Targets"]
        return {} if any(target["Id"] == inputs["targetId"] for target in found) else None

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("events").remove_targets(**self._rule(inputs), Ids=[inputs["targetId"]])

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return f"{inputs['rule']}-{inputs['targetId']}"

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        """The target as PutTargets takes it."""
        place = {"rule": inputs["rule"], "eventBusName": inputs["eventBusName"]}
        target = {name: inputs[name] for name in (self.properties - place.keys()) & inputs.keys()}
        given = {**place, "targets": [target]}
        return parameters(api.client("events"), "PutTargets", given, self.renames)

    def _rule(self, inputs: Inputs) -> dict[str, str]:
        return {"Rule": inputs["rule"], "EventBusName": inputs["eventBusName"]}
