"""What resources of EC2 have in common: ids that EC2 gives, descriptions in lists, one way to tag."""

# ruff: noqa: D102 - what the methods do is said once, in AwsResource.
from __future__ import annotations

from typing import Any, ClassVar

from millpond.deploy.providers.aws.api import Api, call
from millpond.deploy.providers.aws.crud import CrudResource
from millpond.deploy.providers.aws.declaration import Inputs, Outputs
from millpond.deploy.providers.aws.tagging import Tagging


class Ec2Resource(CrudResource):
    """A resource of EC2."""

    service = "ec2"
    tagged = True
    tags_on_create = False
    tagging = Tagging("CreateTags", "DeleteTags", "Resources", "id")
    describe_by: ClassVar[str]
    """The parameter of the operation that describes; it takes a list of ids."""
    items: ClassVar[str]
    """Where the descriptions are."""
    kind: ClassVar[str]
    """What comes before the id in the ARN."""

    def answer(self, api: Api, id_: str, inputs: Inputs) -> Any:
        found = call(api.client("ec2"), self.operations.read, {self.describe_by: [id_]})[self.items]
        return found[0] if found else {}

    def read(self, api: Api, id_: str, inputs: Inputs) -> Outputs | None:
        if not self.answer(api, id_, inputs):
            return None
        found = super().read(api, id_, inputs)
        return None if found is None else {"arn": api.arn("ec2", f"{self.kind}/{id_}"), **found}
