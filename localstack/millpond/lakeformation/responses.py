"""Lake Formation's wire format: what moto does not answer, or not whole."""

from __future__ import annotations

import json

from moto.lakeformation.responses import LakeFormationResponse

from millpond.lakeformation.places import Place


class LakeFormationApi(LakeFormationResponse):
    """The operations."""

    def register_resource(self) -> str:
        """Register a place, and remember all that is said of it."""
        answer: str = super().register_resource()
        places, arn = self.lakeformation_backend.resources, self._get_param("ResourceArn")
        places[arn] = Place(arn, places[arn].role_arn, json.loads(self.body))
        return answer

    def update_resource(self) -> str:
        """Give a registered place another role, or other settings."""
        places, arn = self.lakeformation_backend.resources, self._get_param("ResourceArn")
        was = self.lakeformation_backend.describe_resource(resource_arn=arn).to_dict()
        places[arn] = Place(arn, self._get_param("RoleArn"), {**was, **json.loads(self.body)})
        return "{}"
