"""Types for which the API has one operation each, with requests that mirror Pulumi's properties."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import jmespath

from millpond.deploy.providers.aws.api import Api, call
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.mapping import Renames, parameters, properties_of


class ModelledResource(AwsResource):
    """A named resource whose operations are Create, Get, Update and Delete of one noun."""

    service: ClassVar[str]
    noun: ClassVar[str]
    arn: ClassVar[str]
    """What follows the account in the ARN; `{}` is the name."""
    update_parameter: ClassVar[str | None] = None
    """The parameter that holds what an update sets, where the API nests it."""
    name_parameter: ClassVar[str] = "Name"
    """The parameter that holds the name in every operation but the first."""
    create_only: ClassVar[frozenset[str]] = frozenset()
    """Properties that the operation that updates does not take."""
    renames: ClassVar[Renames] = {}
    outputs: ClassVar[Mapping[str, str]] = {}
    """Outputs that the program did not give, and where in the answer of a read they are."""

    def request(self, inputs: Inputs) -> dict[str, Any]:
        """The properties as the API nests them."""
        return {name: value for name, value in inputs.items() if name in self.properties}

    def create(self, api: Api, inputs: Inputs) -> str:
        client, operation = api.client(self.service), f"Create{self.noun}"
        request = parameters(client, operation, self.request(inputs), self.renames)
        if self.tagged and inputs["tagsAll"]:
            request["Tags"] = inputs["tagsAll"]
        call(client, operation, request)
        return str(inputs["name"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        answer = call(api.client(self.service), f"Get{self.noun}", {self.name_parameter: id_})
        asked = {name: path for name, path in self.outputs.items() if name not in inputs}
        found = {name: properties_of(jmespath.search(path, answer)) for name, path in asked.items()}
        known = {name: value for name, value in found.items() if value is not None}
        return {"arn": api.arn(self.service, self.arn.format(id_)), **known}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client, operation = api.client(self.service), f"Update{self.noun}"
        given = {
            name: value
            for name, value in self.request(new).items()
            if name not in self.create_only | {"name"}
        }
        wrapped = {self.update_parameter: given} if self.update_parameter else given
        request = parameters(client, operation, wrapped, self.renames)
        call(client, operation, {**request, self.name_parameter: id_})
        self._retag(api, id_, old, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        call(api.client(self.service), f"Delete{self.noun}", {self.name_parameter: id_})

    def _retag(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        client, arn = api.client(self.service), api.arn(self.service, self.arn.format(id_))
        if not self.tagged:
            return
        if removed := sorted(old.get("tagsAll", {}).keys() - new["tagsAll"].keys()):
            client.untag_resource(ResourceArn=arn, TagsToRemove=removed)
        if new["tagsAll"]:
            client.tag_resource(ResourceArn=arn, TagsToAdd=new["tagsAll"])
