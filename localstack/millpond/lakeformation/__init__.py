"""Lake Formation: moto's, with LF-tags that may be read, added and removed in any order."""

from millpond.lakeformation.service import LakeFormationService, install

__all__ = ["LakeFormationService", "install"]
