"""IAM: moto's, with groups that move, clients of identity providers that change, and users' boundaries."""

from millpond.iam.service import IdentityService, install

__all__ = ["IdentityService", "install"]
