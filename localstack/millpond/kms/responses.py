"""KMS's wire format: what moto leaves out."""

from __future__ import annotations

import json

from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse

from millpond.kms.service import KeyService, checked_period


class KeyApi(KmsResponse):
    """The operations."""

    def enable_key_rotation(self) -> str:
        """Rotate a key by itself from now on."""
        days = checked_period(self._get_param("RotationPeriodInDays"))
        answer = super().enable_key_rotation()
        self._service.rotate_every(self._get_param("KeyId"), days)
        return answer

    def get_key_rotation_status(self) -> str:
        """Whether, and how often, a key is rotated."""
        answer = json.loads(super().get_key_rotation_status())
        days = self._service.rotation_period(self._get_param("KeyId"))
        return json.dumps(answer | ({"RotationPeriodInDays": days} if days else {}))

    @property
    def _service(self) -> KeyService:
        service = kms_backends[self.current_account][self.region]
        assert isinstance(service, KeyService)  # noqa: S101 - install() put the class there
        return service
