"""Functions, what starts them, and where they log."""

from __future__ import annotations

from typing import Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.cloudwatch import LogGroup
from millpond.deploy.providers.aws.declaration import Inputs
from millpond.deploy.providers.aws.drift.compared import Compared, Reader
from millpond.deploy.providers.aws.event_sources import EventSourceMapping, FunctionEventInvokeConfig
from millpond.deploy.providers.aws.functions import Alias, Function
from millpond.deploy.providers.aws.mapping import parameters


def _log_group(declaration: LogGroup, api: Api, id_: str, inputs: Inputs) -> Compared:
    logs = api.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
    found = next(group for group in groups if group["logGroupName"] == id_)
    tags = logs.list_tags_for_resource(resourceArn=api.arn("logs", f"log-group:{id_}"))["tags"]
    retention = {"retentionInDays": found.get("retentionInDays", 0)}
    return Compared({"retentionInDays": inputs.get("retentionInDays", 0)}, retention, tags=tags)


def _function(declaration: Function, api: Api, id_: str, inputs: Inputs) -> Compared:
    client = api.client("lambda")
    configured = {name: inputs[name] for name in declaration.configuration & inputs.keys()}
    sent = parameters(client, "UpdateFunctionConfiguration", configured, declaration.renames)
    answer = client.get_function(FunctionName=id_)
    found = dict(answer["Configuration"])
    # Layers are sent as ARNs and answered as objects; what is not set is not answered at all.
    found["Layers"] = [layer["Arn"] for layer in found.get("Layers", ())]
    found.setdefault("Environment", {"Variables": {}})
    return Compared(sent, found, declaration.renames, answer.get("Tags", {}))


def _alias(declaration: Alias, api: Api, id_: str, inputs: Inputs) -> Compared:
    found = api.client("lambda").get_alias(FunctionName=inputs["functionName"], Name=inputs["name"])
    sent = {"FunctionVersion": inputs["functionVersion"], "Description": inputs["description"]}
    return Compared(sent, found)


def _event_source(declaration: EventSourceMapping, api: Api, id_: str, inputs: Inputs) -> Compared:
    client = api.client("lambda")
    sent = parameters(client, "UpdateEventSourceMapping", declaration.changeable(inputs), declaration.renames)
    # The function is answered as an ARN, whatever it was named by, and the switch as a state.
    sent.pop("FunctionName")
    found = client.get_event_source_mapping(UUID=id_)
    switched = {"Enabled": True, "Enabling": True, "Disabled": False, "Disabling": False}
    if found.get("State") in switched:
        found["Enabled"] = switched[found["State"]]
    tags = client.list_tags(Resource=found["EventSourceMappingArn"])["Tags"]
    return Compared(sent, found, declaration.renames, tags)


def _invoke_config(declaration: FunctionEventInvokeConfig, api: Api, id_: str, inputs: Inputs) -> Compared:
    client = api.client("lambda")
    sent = parameters(client, "PutFunctionEventInvokeConfig", declaration.given(inputs))
    sent.pop("FunctionName")
    return Compared(sent, client.get_function_event_invoke_config(**declaration.target(inputs)))


READERS: Final[tuple[Reader, ...]] = (
    (LogGroup, _log_group),
    (Function, _function),
    (Alias, _alias),
    (EventSourceMapping, _event_source),
    (FunctionEventInvokeConfig, _invoke_config),
)
