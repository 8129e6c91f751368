"""The condition keys that follow from who asks and from what is asked, whichever the service.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from millpond.iam.evaluation.conditions import Context
from millpond.iam.evaluation.principal import Principal, PrincipalKind
from millpond.iam.evaluation.request import AuthorizationRequest

_WITH_IDENTITY = (
    PrincipalKind.ROOT,
    PrincipalKind.USER,
    PrincipalKind.ASSUMED_ROLE,
    PrincipalKind.FEDERATED_USER,
)


def global_context(request: AuthorizationRequest) -> Context:
    """The request's own keys in lower case, over those that follow from principal and resource.

    Time, address and transport (`aws:CurrentTime`, `aws:SourceIp`, `aws:SecureTransport`, ...) are the
    caller's to give: an evaluation has no clock.
    """
    context = principal_context(request.principal)
    owner = request.resource_owner
    if owner:
        context["aws:resourceaccount"] = (owner,)
    context.update((key.lower(), values) for key, values in request.context.items())
    return context


def principal_context(principal: Principal) -> dict[str, tuple[str, ...]]:
    """The keys that follow from a principal, in lower case."""
    context: dict[str, tuple[str, ...]] = {
        "aws:principaltype": (principal.kind.value,),
        "aws:principalisawsservice": ("true" if principal.kind is PrincipalKind.SERVICE else "false",),
    }
    if principal.kind is PrincipalKind.SERVICE:
        context["aws:principalservicename"] = (principal.name,)
        context["aws:principalservicenameslist"] = (principal.name,)
    elif principal.kind is PrincipalKind.ANONYMOUS:
        context["aws:userid"] = ("anonymous",)
    elif principal.kind in _WITH_IDENTITY:
        context["aws:principalarn"] = (principal.role_arn or principal.arn,)
        context["aws:principalaccount"] = (principal.account,)
        context["aws:userid"] = (principal.user_id,)
    if principal.kind is PrincipalKind.USER:
        context["aws:username"] = (principal.name,)
    for key, value in principal.tags.items():
        context[f"aws:principaltag/{key.lower()}"] = (value,)
    context.update((key.lower(), values) for key, values in principal.session.items())
    return {key: values for key, values in context.items() if values != ("",)}
