"""KMS: moto's, with keys that tell how often they are rotated."""

from millpond.kms.service import KeyService, install

__all__ = ["KeyService", "install"]
