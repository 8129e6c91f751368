"""IAM: identities are moto's; who may do what is decided here.

`principals` finds who asks and which policies he has, `evaluation` decides from these alone;
`enforcement` asks it for every request, `simulation` for the policy simulator.
"""

from millpond.iam.service import IdentityService, install

__all__ = ["IdentityService", "install"]
