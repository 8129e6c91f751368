"""The policy simulator's wire format in and out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from moto.iam.exceptions import InvalidInput, NoSuchEntity
from moto.iam.models import Group, IAMBackend, Role, User

from millpond.iam.attached import Owner, PolicyDocument, PolicySource, documents_of, managed_document
from millpond.iam.evaluation import MalformedPolicyError, PolicyType, Principal, PrincipalKind
from millpond.iam.principals import role_session, user_principal
from millpond.iam.simulation import (
    ActionResult,
    ResourceResult,
    Simulation,
    SourcedStatement,
    context_keys,
    simulate,
)

_PAGE: Final = 100
_UNSUPPORTED: Final = ("PolicyExclusionList", "OrderedOrganizationPolicyInputList", "ResourceHandlingOption")
_TYPES: Final = {
    PolicyType.IDENTITY: "IAM Policy",
    PolicyType.RESOURCE: "Resource Policy",
    PolicyType.BOUNDARY: "Permissions Boundary Policy",
}

Parameters = Mapping[str, Any]


def simulate_custom(iam: IAMBackend, parameters: Parameters) -> dict[str, Any]:
    """SimulateCustomPolicy.

    Raises:
        InvalidInput: A document is no policy, or something is asked for that cannot be simulated.
    """
    caller_arn = parameters.get("CallerArn") or ""
    if parameters.get("ResourcePolicy") and not caller_arn:
        raise InvalidInput("CallerArn is required with ResourcePolicy.")
    caller = _caller(iam, caller_arn) if caller_arn else Principal(PrincipalKind.USER, "", iam.account_id)
    identity = _inputs(parameters, "PolicyInputList")
    return _simulated(parameters, caller, identity, _boundary_input(parameters))


def simulate_principal(iam: IAMBackend, parameters: Parameters) -> dict[str, Any]:
    """SimulatePrincipalPolicy.

    Raises:
        InvalidInput: A document is no policy, or something is asked for that cannot be simulated.
        NoSuchEntity: There is no such user, role or group.
    """
    source = parameters["PolicySourceArn"]
    owner = _owner(iam, source)
    caller = _caller(iam, parameters.get("CallerArn") or ("" if isinstance(owner, Group) else source))
    identity = (*_documents(iam, owner), *_inputs(parameters, "PolicyInputList"))
    boundary = _boundary_input(parameters) or _boundary_of(iam, owner)
    return _simulated(parameters, caller, identity, boundary)


def keys_of_custom(parameters: Parameters) -> dict[str, Any]:
    """GetContextKeysForCustomPolicy.

    Raises:
        InvalidInput: A document is no policy.
    """
    return _keys(_inputs(parameters, "PolicyInputList"))


def keys_of_principal(iam: IAMBackend, parameters: Parameters) -> dict[str, Any]:
    """GetContextKeysForPrincipalPolicy.

    Raises:
        InvalidInput: A document is no policy.
        NoSuchEntity: There is no such user, role or group.
    """
    owner = _owner(iam, parameters["PolicySourceArn"])
    return _keys((*_documents(iam, owner), *_inputs(parameters, "PolicyInputList")))


# ---- in


def _simulated(
    parameters: Parameters,
    caller: Principal,
    identity: tuple[PolicyDocument, ...],
    boundary: PolicyDocument | None,
) -> dict[str, Any]:
    for name in _UNSUPPORTED:
        if parameters.get(name):
            raise InvalidInput(f"The local cloud's policy simulator does not support {name}.")
    actions = tuple(parameters["ActionNames"])
    for action in actions:
        if ":" not in action or "*" in action:
            reason = "Name the service and the operation, without wildcards."
            raise InvalidInput(f"Invalid action: {action}. {reason}")
    text = parameters.get("ResourcePolicy")
    if text and caller.kind is PrincipalKind.ASSUMED_ROLE:
        raise InvalidInput("Simulation of resource-based policies isn't supported for IAM roles.")
    simulation = Simulation(
        caller,
        actions,
        tuple(each for each in parameters.get("ResourceArns") or () if each != "*"),
        identity,
        boundary,
        PolicyDocument("ResourcePolicy", PolicySource.RESOURCE, text) if text else None,
        _account(parameters.get("ResourceOwner") or ""),
        _context(parameters.get("ContextEntries") or ()),
    )
    try:
        results = simulate(simulation)
    except MalformedPolicyError as error:
        raise InvalidInput(str(error)) from error
    return _page(results, parameters)


def _context(entries: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {entry["ContextKeyName"]: tuple(entry.get("ContextKeyValues") or ()) for entry in entries}


def _account(owner: str) -> str:
    """The account of a resource's owner, who is given as an account's ARN or number."""
    return owner.split(":")[4] if owner.startswith("arn:") else owner


def _inputs(parameters: Parameters, name: str) -> tuple[PolicyDocument, ...]:
    return tuple(
        PolicyDocument(f"{name}.{number}", PolicySource.INPUT, text)
        for number, text in enumerate(parameters.get(name) or (), 1)
    )


def _boundary_input(parameters: Parameters) -> PolicyDocument | None:
    inputs = _inputs(parameters, "PermissionsBoundaryPolicyInputList")
    if len(inputs) > 1:
        raise InvalidInput("Only one permissions boundary can be simulated.")
    return inputs[0] if inputs else None


def _boundary_of(iam: IAMBackend, owner: Owner) -> PolicyDocument | None:
    attached = getattr(owner, "permissions_boundary", None)
    managed = iam.managed_policies.get(attached["PermissionsBoundaryArn"]) if attached else None
    return managed_document(managed) if managed else None


def _owner(iam: IAMBackend, arn: str) -> Owner:
    """The user, role or group of an ARN."""
    for owner in (*iam.users.values(), *iam.roles.values(), *iam.groups.values()):
        if isinstance(owner, User | Role | Group) and owner.arn == arn:
            return owner
    raise NoSuchEntity(f"{arn} does not exist.")


def _documents(iam: IAMBackend, owner: Owner) -> tuple[PolicyDocument, ...]:
    groups = iam.get_groups_for_user(owner.name) if isinstance(owner, User) else []
    return tuple(document for each in (owner, *groups) for document in documents_of(each))


def _caller(iam: IAMBackend, arn: str) -> Principal:
    """The user or role that would call; one that is not there is known by his ARN only."""
    for user in iam.users.values():
        if isinstance(user, User) and user.arn == arn:
            return user_principal(user)
    for role in iam.roles.values():
        if isinstance(role, Role) and role.arn == arn:
            return role_session(role, "simulation")
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return Principal(PrincipalKind.USER, "", iam.account_id)
    kind, _, name = parts[5].partition("/")
    if kind not in ("user", "role"):
        raise InvalidInput(f"Invalid CallerArn: {arn}. Only users and roles can be simulated as callers.")
    if kind == "role":
        session = f"arn:aws:sts::{parts[4]}:assumed-role/{name.rpartition('/')[2]}/simulation"
        return Principal(PrincipalKind.ASSUMED_ROLE, session, parts[4], role_arn=arn)
    return Principal(PrincipalKind.USER, arn, parts[4], name=name.rpartition("/")[2])


# ---- out


def _keys(documents: Iterable[PolicyDocument]) -> dict[str, Any]:
    try:
        return {"ContextKeyNames": list(context_keys(document.text for document in documents))}
    except MalformedPolicyError as error:
        raise InvalidInput(str(error)) from error


def _page(results: Sequence[ActionResult], parameters: Parameters) -> dict[str, Any]:
    marker = parameters.get("Marker") or "0"
    if not marker.isdigit() or int(marker) > len(results):
        raise InvalidInput(f"Invalid Marker: {marker}")
    start, size = int(marker), int(parameters.get("MaxItems") or _PAGE)
    page: dict[str, Any] = {
        "EvaluationResults": [_action_result(each) for each in results[start : start + size]],
        "IsTruncated": start + size < len(results),
    }
    return {**page, "Marker": str(start + size)} if page["IsTruncated"] else page


def _action_result(result: ActionResult) -> dict[str, Any]:
    answer = {
        "EvalActionName": result.action,
        # AWS gives the form of the ARNs that the action takes, which the local cloud has no list of.
        "EvalResourceName": "*",
        "EvalDecision": result.outcome.value,
        **_details(result),
    }
    if result.is_specific:
        answer["ResourceSpecificResults"] = [_resource_result(each) for each in result.per_resource]
    return answer


def _resource_result(result: ResourceResult) -> dict[str, Any]:
    return {
        "EvalResourceName": result.resource,
        "EvalResourceDecision": result.outcome.value,
        **_details(result),
    }


def _details(result: ActionResult | ResourceResult) -> dict[str, Any]:
    details: dict[str, Any] = {
        "MatchedStatements": [_statement(each) for each in result.matched],
        "MissingContextValues": list(result.missing_keys),
    }
    if result.by_policy_type:
        said = {_TYPES[kind]: outcome.value for kind, outcome in result.by_policy_type.items()}
        details["EvalDecisionDetails"] = said
    if result.allowed_by_boundary is not None:
        details["PermissionsBoundaryDecisionDetail"] = {
            "AllowedByPermissionsBoundary": result.allowed_by_boundary
        }
    return details


def _statement(statement: SourcedStatement) -> dict[str, Any]:
    start, end = statement.span.start, statement.span.end
    return {
        "SourcePolicyId": statement.document.name.rpartition("/")[2],
        "SourcePolicyType": statement.document.source.value,
        "StartPosition": {"Line": start.line, "Column": start.column},
        "EndPosition": {"Line": end.line, "Column": end.column},
    }
