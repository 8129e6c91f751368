"""What KMS refuses."""

from __future__ import annotations

from moto.kms.exceptions import ValidationException


class InvalidRotationPeriod(ValidationException):
    """A key is to be rotated more often than every 90 days, or less often than every 2560."""

    def __init__(self, days: int) -> None:
        super().__init__(
            f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy "
            "constraint: Member must have value between 90 and 2560"
        )
