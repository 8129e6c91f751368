"""IAM: identities are moto's; who may do what is decided here.

    sessions, attached ─→ principals (who asks, with which policies) ─→ evaluation (pure: what comes out)
                                                                          ├─→ enforcement (every request)
                                                                          └─→ simulation (the policy simulator)
"""

from millpond.iam.service import IdentityService, install

__all__ = ["IdentityService", "install"]
