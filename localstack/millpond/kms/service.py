"""KMS of one account and region; moto forgets the period of a key's rotation.

https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-enable.html
"""

from __future__ import annotations

from typing import Any

from moto.kms.models import KmsBackend, kms_backends

from millpond.kms.exceptions import InvalidRotationPeriod

_DEFAULT_DAYS = 365


class KeyService(KmsBackend):
    """moto's, with the period of each key's rotation."""

    @property
    def _url_module(self) -> Any:
        from millpond.kms import urls

        return urls

    def rotate_every(self, key_id: str, days: int) -> None:
        """Remember the period of a key's rotation."""
        vars(self.keys[self.get_key_id(key_id)])["rotation_period_in_days"] = days

    def rotation_period(self, key_id: str) -> int | None:
        """After how many days a key is rotated; None if it is not."""
        key = self.keys[self.get_key_id(key_id)]
        days: int = vars(key).get("rotation_period_in_days", _DEFAULT_DAYS)
        return days if key.key_rotation_status else None


def checked_period(days: int | None) -> int:
    """The period of a rotation, if another than the usual one is asked for.

    Raises:
        InvalidRotationPeriod: It is too short or too long.
    """
    if days is not None and not 90 <= days <= 2560:
        raise InvalidRotationPeriod(days)
    return days or _DEFAULT_DAYS


def install() -> None:
    """Put this service in the place of moto's; before the first request."""
    kms_backends.backend = KeyService
