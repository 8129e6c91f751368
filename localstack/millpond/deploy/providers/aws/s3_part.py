"""A part of a bucket's configuration: what every such type has in common."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import jmespath

from millpond.deploy.providers.aws.api import Api, call
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.mapping import Renames, member, properties_of


class BucketPart(AwsResource):
    """A part of a bucket's configuration: put whole, and known by the bucket's name."""

    operation: ClassVar[str]
    """The API's name after Put, Get and Delete."""
    parameter: ClassVar[str]
    renames: ClassVar[Renames] = {}
    outputs: ClassVar[Mapping[str, str]] = {}
    """Outputs that the program did not give, and where in the answer of Get they are."""
    replaces = frozenset({"bucket"})

    def content(self, inputs: Inputs) -> Any:
        """What goes into `parameter`, in Pulumi's spelling."""
        return {name: value for name, value in inputs.items() if name not in ("bucket", "region")}

    def put(self, api: Api, inputs: Inputs) -> None:
        """Set this part of the configuration."""
        s3, operation = api.client("s3"), f"Put{self.operation}"
        value = member(s3, operation, self.parameter, self.content(inputs), self.renames)
        call(s3, operation, {"Bucket": inputs["bucket"], self.parameter: value})

    def create(self, api: Api, inputs: Inputs) -> str:
        self.put(api, inputs)
        return str(inputs["bucket"])

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        answer = call(api.client("s3"), f"Get{self.operation}", {"Bucket": id_})
        asked = {name: path for name, path in self.outputs.items() if name not in inputs}
        return {name: properties_of(jmespath.search(path, answer)) for name, path in asked.items()}

    def update(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        self.put(api, new)

    def delete(self, api: Api, id_: str, inputs: Inputs) -> None:
        call(api.client("s3"), f"Delete{self.operation}", {"Bucket": id_})

    def id_of(self, api: Api, inputs: Inputs) -> str:
        return str(inputs["bucket"])
