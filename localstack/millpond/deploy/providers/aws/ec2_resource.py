"""What resources of EC2 have in common: ids that EC2 gives, descriptions in lists, one way to tag."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar, Final

import jmespath

from millpond.deploy.providers.aws.api import Api, call
from millpond.deploy.providers.aws.crud import CrudResource
from millpond.deploy.providers.aws.declaration import Inputs, Outputs
from millpond.deploy.providers.aws.mapping import parameters
from millpond.deploy.providers.aws.tagging import Tagging

MARK: Final = "millpond:creation"
"""The tag that something carries from its making until the state knows it."""


class Ec2Resource(CrudResource):
    """A resource of EC2."""

    service = "ec2"
    marked = True
    tagged = True
    tags_on_create = False
    tagging = Tagging("CreateTags", "DeleteTags", "Resources", "id")
    describe_by: ClassVar[str]
    """The parameter of the operation that describes; it takes a list of ids."""
    items: ClassVar[str]
    """Where the descriptions are."""
    tells_arn: ClassVar[bool] = True
    """Whether the ARN is one of the outputs."""
    kind: ClassVar[str]
    """What comes before the id in the ARN."""

    def create(self, api: Api, inputs: Inputs) -> str:
        client, operation = api.client(self.service), self.operations.create
        request = parameters(client, operation, self.request(api, inputs), self.renames)
        made = call(client, operation, {**request, **self.marks(api, inputs)})
        return str(jmespath.search(self.id_path, made))

    def marks(self, api: Api, inputs: Inputs) -> dict[str, Any]:
        """The parameter that puts tags and the creation's mark on what is made.

        Rights to make something may hang on its tags, which are therefore there from the beginning.
        """
        tags = {**(inputs.get("tagsAll") or {}), MARK: api.mark or ""}
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return {"TagSpecifications": [{"ResourceType": self.kind, "Tags": listed}]}

    def retag(self, api: Api, id_: str, old: Inputs, new: Inputs) -> None:
        super().retag(api, id_, old, new)
        if "tagsAll" not in old:
            api.client("ec2").delete_tags(Resources=[id_], Tags=[{"Key": MARK}])

    def find(self, api: Api, inputs: Inputs, since: float) -> str | None:
        filters = [{"Name": "key", "Values": [MARK]}, {"Name": "value", "Values": [api.mark or ""]}]
        found = api.client("ec2").describe_tags(Filters=filters)["Tags"] if api.mark else ()
        return next((str(tag["ResourceId"]) for tag in found), None)

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        found = call(api.client("ec2"), self.operations.read, {self.describe_by: [id_]})[self.items]
        return found[0] if found else {}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        if not self.answer(api, id_, inputs):
            return None
        found = super().read(api, id_, inputs)
        arn = {"arn": api.arn("ec2", f"{self.kind}/{id_}")} if self.tells_arn else {}
        return None if found is None else {**arn, **found}
