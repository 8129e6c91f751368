"""What temporary credentials of users may never call, whatever policies say.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from __future__ import annotations

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.evaluation import Principal, PrincipalKind

_WITH_SESSION_TOKEN = frozenset({"AssumeRole", "GetCallerIdentity"})
_WITH_FEDERATION_TOKEN = frozenset({"GetCallerIdentity"})


def may_call(caller: Principal, call: ServiceCall) -> bool:
    """Whether a caller's kind of credentials may be used for a call at all.

    Those of GetSessionToken reach IAM only with a second factor, which there is none of here, and in STS two
    operations; those of GetFederationToken never reach IAM, and in STS one operation.
    """
    if not caller.access_key_id or caller.kind is PrincipalKind.ASSUMED_ROLE:
        return True
    if call.service == "iam":
        return False
    if call.service == "sts":
        is_federated = caller.kind is PrincipalKind.FEDERATED_USER
        return call.operation in (_WITH_FEDERATION_TOKEN if is_federated else _WITH_SESSION_TOKEN)
    return True
