"""Lake Formation's wire format: what moto does not answer."""

from __future__ import annotations

from moto.lakeformation.responses import LakeFormationResponse


class LakeFormationApi(LakeFormationResponse):
    """The operations."""

    def update_resource(self) -> str:
        """Give a registered place another role."""
        place = self.lakeformation_backend.describe_resource(resource_arn=self._get_param("ResourceArn"))
        place.role_arn = self._get_param("RoleArn")
        return "{}"
