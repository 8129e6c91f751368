"""Parameters of Systems Manager."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

from millpond.deploy.providers.aws.api import Api
from millpond.deploy.providers.aws.crud import CrudResource, Operations
from millpond.deploy.providers.aws.declaration import Inputs, Naming
from millpond.deploy.providers.aws.tagging import Tagging


class Parameter(CrudResource):
    """A parameter, plain or encrypted."""

    type = "aws:ssm/parameter:Parameter"
    service = "ssm"
    operations = Operations("PutParameter", "GetParameter", "DeleteParameter", "PutParameter")
    properties = frozenset(
        {
            "allowedPattern",
            "dataType",
            "description",
            "insecureValue",
            "keyId",
            "name",
            "overwrite",
            "tier",
            "type",
            "value",
        }
    )
    replaces = frozenset({"dataType", "name"})
    unsent = frozenset({"insecureValue"})
    naming = Naming("name", longest=1011)
    tagged = True
    tagging = Tagging(
        "AddTagsToResource", "RemoveTagsFromResource", "ResourceId", "id", ("ResourceType", "Parameter")
    )
    key: ClassVar = {"Name": "name"}
    outputs: ClassVar = {"version": "Parameter.Version", "dataType": "Parameter.DataType"}
    volatile = frozenset({"version"})
    # A value is told as the one or the other, as the program gives it.
    unset: ClassVar = {"insecureValue": None, "value": None}
    defaults: ClassVar = {"description": ""}

    def request(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        given = super().request(api, inputs)
        given.setdefault("value", inputs.get("insecureValue", ""))
        return given

    def changed(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        return {**super().changed(api, inputs), "overwrite": True}

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        return api.client("ssm").get_parameter(Name=inputs["name"], WithDecryption=True)

    def read(self, api: Api, id_: str, inputs: Inputs) -> dict[str, Any] | None:
        found = super().read(api, id_, inputs) or {}
        return {**found, "hasValueWo": False, "arn": api.arn("ssm", f"parameter/{id_.removeprefix('/')}")}

    def as_found(self, api: Api, id_: str, inputs: Inputs) -> dict[str, Any]:
        """What is told of a parameter only among others."""
        named = [{"Key": "Name", "Option": "Equals", "Values": [inputs["name"]]}]
        found = api.client("ssm").describe_parameters(ParameterFilters=named)["Parameters"]
        told = {
            name: description.get(member, "")
            for description in found
            for name, member in {"keyId": "KeyId", "tier": "Tier"}.items()
        }
        return {name: value for name, value in told.items() if name not in inputs}


RESOURCES: Final = (Parameter,)
