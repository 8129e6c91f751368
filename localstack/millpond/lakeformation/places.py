"""Places in S3 that were registered with the lake, with all that was said of them; moto keeps the role."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from moto.lakeformation.models import Resource

_SETTINGS: Final = ("HybridAccessEnabled", "WithFederation", "WithPrivilegedAccess")


class Place(Resource):
    """A registered place.

    https://docs.aws.amazon.com/lake-formation/latest/APIReference/API_ResourceInfo.html
    """

    def __init__(self, arn: str, role_arn: str, settings: Mapping[str, Any]) -> None:
        super().__init__(arn, role_arn)
        self.settings = {name: bool(settings.get(name)) for name in _SETTINGS}
        self.last_modified = time.time()

    def to_dict(self) -> dict[str, Any]:
        """As DescribeResource and ListResources tell it."""
        return {**super().to_dict(), **self.settings, "LastModified": self.last_modified}
