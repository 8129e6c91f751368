"""What starts Lambda functions, and what happens when they fail."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.mapping import Renames, parameters

_OF_STREAMS: Final[Mapping[str, str]] = {
    "maximumRecordAgeInSeconds": "MaximumRecordAgeInSeconds",
    "maximumRetryAttempts": "MaximumRetryAttempts",
    "parallelizationFactor": "ParallelizationFactor",
}
"""What a queue's mapping has nothing of, which the provider tells as 0."""


class EventSourceMapping(AwsResource):
    """A queue or stream that a function reads; its id is the mapping's UUID."""

    type = "aws:lambda/eventSourceMapping:EventSourceMapping"
    _source = frozenset({"eventSourceArn", "startingPosition", "startingPositionTimestamp"})
    properties = _source | {
        "batchSize",
        "bisectBatchOnFunctionError",
        "destinationConfig",
        "enabled",
        "filterCriteria",
        "functionName",
        "functionResponseTypes",
        "maximumBatchingWindowInSeconds",
        "maximumRecordAgeInSeconds",
        "maximumRetryAttempts",
        "parallelizationFactor",
        "scalingConfig",
        "tumblingWindowInSeconds",
    }
    replaces = _source
    tagged = True
    # Nothing of Kafka's is read.
    unset: ClassVar[Inputs] = {
        "amazonManagedKafkaEventSourceConfig": None,
        "selfManagedKafkaEventSourceConfig": None,
    }
    volatile = frozenset({"lastModified", "state", "stateTransitionReason"})
    echoes = frozenset({"lastModified", "lastProcessingResult"})
    defaults: ClassVar[Inputs] = {"enabled": True}
    renames: ClassVar[Renames] = {"Destination": "destinationArn"}

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client("lambda")
        request = parameters(client, "CreateEventSourceMapping", self._given(inputs), self.renames)
        if inputs["tagsAll"]:
            request["Tags"] = inputs["tagsAll"]
        return str(client.create_event_source_mapping(**request)["UUID"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        found = api.client("lambda").get_event_source_mapping(UUID=id_)
        if found.get("State") == "Deleting":
            return None
        return {
            "uuid": id_,
            "arn": found.get("EventSourceMappingArn", api.arn("lambda", f"event-source-mapping:{id_}")),
            "functionArn": found["FunctionArn"],
            "lastModified": found["LastModified"].astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "lastProcessingResult": found.get("LastProcessingResult", ""),
            "state": found.get("State", ""),
            "stateTransitionReason": found.get("StateTransitionReason", ""),
            **{name: found.get(member, 0) for name, member in _OF_STREAMS.items() if name not in inputs},
        }

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client = api.client("lambda")
        request = parameters(client, "UpdateEventSourceMapping", self.changeable(new), self.renames)
        client.update_event_source_mapping(UUID=id_, **request)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("lambda").delete_event_source_mapping(UUID=id_)

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        """A function reads a source once, so the pair is as good as an id."""
        source = {"EventSourceArn": inputs["eventSourceArn"]} if "eventSourceArn" in inputs else {}
        found = api.client("lambda").list_event_source_mappings(**source, FunctionName=inputs["functionName"])
        mappings: list[dict[str, Any]] = found["EventSourceMappings"]
        return str(mappings[0]["UUID"]) if mappings else None

    def changeable(self, inputs: Inputs) -> dict[str, Any]:
        """The properties that an update sets."""
        return {name: value for name, value in self._given(inputs).items() if name not in self._source}

    def _given(self, inputs: Inputs) -> dict[str, Any]:
        return {name: value for name, value in inputs.items() if name in self.properties}


class FunctionEventInvokeConfig(AwsResource):
    """How often an asynchronous call is tried again, and where it goes then."""

    type = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
    properties = frozenset(
        {"destinationConfig", "functionName", "maximumEventAgeInSeconds", "maximumRetryAttempts", "qualifier"}
    )
    replaces = frozenset({"functionName", "qualifier"})
    defaults: ClassVar = {"maximumRetryAttempts": 2}

    def create(self, api: Api, inputs: Inputs) -> str:
        client = api.client("lambda")
        request = parameters(client, "PutFunctionEventInvokeConfig", self.given(inputs))
        client.put_function_event_invoke_config(**request)
        return self.id_of(api, inputs)

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs:
        api.client("lambda").get_function_event_invoke_config(**self.target(inputs))
        return {}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.create(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        api.client("lambda").delete_function_event_invoke_config(**self.target(inputs))

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return ":".join(self.target(inputs).values())

    def given(self, inputs: Inputs) -> dict[str, Any]:
        """The properties that the API knows."""
        return {name: value for name, value in inputs.items() if name in self.properties}

    def target(self, inputs: Inputs) -> dict[str, str]:
        """The parameters that point at it."""
        qualifier = {"Qualifier": inputs["qualifier"]} if "qualifier" in inputs else {}
        return {"FunctionName": inputs["functionName"], **qualifier}
