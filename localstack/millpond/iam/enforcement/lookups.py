"""Resources that a call's parameters do not tell: looked up in what the services keep."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from moto.athena.models import athena_backends
from moto.awslambda.models import lambda_backends
from moto.iam.exceptions import NoSuchEntity, NotFoundException
from moto.iam.models import iam_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends

from millpond.iam.enforcement.call import ServiceCall
from millpond.iam.enforcement.keys import find_key


def workgroups_of_queries(call: ServiceCall) -> tuple[str, ...]:
    """The workgroups of the query executions that a call names."""
    service: Any = athena_backends[call.account][call.region]
    queries = (service.queries.get(query_id) for query_id in _ids(call, "QueryExecutionId"))
    return _workgroups(call, [query.request.workgroup for query in queries if query is not None])


def results_of_query(call: ServiceCall) -> tuple[str, ...]:
    """The object with the result of a query; none if there is no such query, or Athena keeps the result."""
    service: Any = athena_backends[call.account][call.region]
    query = service.queries.get(str(call.parameters.get("QueryExecutionId")))
    location = query.request.output_object if query is not None else None
    if location is None:
        return ()
    return (f"arn:{call.partition}:s3:::{location.bucket}/{location.key}",)


def workgroups_of_named_queries(call: ServiceCall) -> tuple[str, ...]:
    """The workgroups of the named queries that a call names."""
    known = athena_backends[call.account][call.region].named_queries
    queries = (known.get(query_id) for query_id in _ids(call, "NamedQueryId"))
    return _workgroups(call, [query.workgroup.name for query in queries if query is not None])


def function(call: ServiceCall) -> tuple[str, ...]:
    """The function that a call names: by name, `name:alias`, a whole or partial ARN; with its qualifier.

    https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
    """
    named = str(call.parameters.get("FunctionName") or call.parameters.get("Name") or "*")
    return (function_arn(call, named, str(call.parameters.get("Qualifier") or "")),)


def unqualified_function(call: ServiceCall) -> tuple[str, ...]:
    """The function itself, also where a version or alias is meant."""
    named = str(call.parameters.get("FunctionName") or "*")
    return (":".join(function_arn(call, named, "").split(":")[:7]),)


def function_arn(call: ServiceCall, named: str, qualifier: str) -> str:
    """The ARN of a function in any of the forms that Lambda takes."""
    local = named.rpartition(":function:")[2] if ":function:" in named else named
    name, _, included = local.partition(":")
    account = named.split(":")[4] if named.startswith("arn:") else call.account
    region = named.split(":")[3] if named.startswith("arn:") else call.region
    arn = f"arn:{call.partition}:lambda:{region}:{account}:function:{name}"
    qualifier = included or qualifier
    return f"{arn}:{qualifier}" if qualifier else arn


def mapped_function(call: ServiceCall) -> dict[str, tuple[str, ...]]:
    """`lambda:FunctionArn`: the function that an event source feeds, as a call or its mapping names it."""
    if call.parameters.get("FunctionName"):
        return {"lambda:FunctionArn": function(call)}
    mappings = lambda_backends[call.account][call.region]._event_source_mappings
    mapping = mappings.get(str(call.parameters.get("UUID")))
    return {"lambda:FunctionArn": (str(mapping.function_arn),)} if mapping is not None else {}


def route_table_of_association(call: ServiceCall) -> tuple[str, ...]:
    """The route table that an association, which a call names by its id, is of."""
    from moto.ec2.models import ec2_backends  # slow to import, and most clouds have no network

    known = ec2_backends[call.account][call.region].route_tables
    association = str(call.parameters.get("AssociationId"))
    ids = [id_ for id_, table in known.items() if association in table.all_associations_ids]
    return tuple(
        f"arn:{call.partition}:ec2:{call.region}:{call.account}:route-table/{id_}" for id_ in ids or ["*"]
    )


def resources_by_id(call: ServiceCall) -> tuple[str, ...]:
    """What a call of EC2 names by ids alone, whose first part says what each one is."""
    found = (str(id_) for id_ in call.parameters.get("Resources") or ())
    return tuple(
        f"arn:{call.partition}:ec2:{call.region}:{call.account}:"
        f"{_KINDS_BY_ID.get(id_.partition('-')[0], '*')}/{id_}"
        for id_ in found
    )


_KINDS_BY_ID: Final = {
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "igw": "internet-gateway",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}


def layers_of_function(call: ServiceCall) -> tuple[str, ...]:
    """The layer versions that a function is given."""
    return tuple(str(arn) for arn in call.parameters.get("Layers") or ())


def key(call: ServiceCall) -> tuple[str, ...]:
    """The key that a call names by id, ARN or alias: policies speak of keys, never of aliases.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    return _key(call, str(call.parameters.get("KeyId") or call.parameters.get("TargetKeyId") or "*"))


def source_key(call: ServiceCall) -> tuple[str, ...]:
    """The key that ReEncrypt decrypts with."""
    return _key(call, str(call.parameters.get("SourceKeyId") or "*"))


def destination_key(call: ServiceCall) -> tuple[str, ...]:
    """The key that ReEncrypt encrypts with."""
    return _key(call, str(call.parameters.get("DestinationKeyId") or "*"))


def key_of_alias(call: ServiceCall) -> tuple[str, ...]:
    """The key that an alias, which a call names, stands for now."""
    found = find_key(str(call.parameters.get("AliasName")), call.account, call.region)
    return (str(found.arn),) if found is not None else ()


def decrypting_key(call: ServiceCall) -> tuple[str, ...]:
    """The key of Decrypt, which a ciphertext carries within when the call does not name it."""
    if call.parameters.get("KeyId"):
        return key(call)
    try:
        header = base64.b64decode(str(call.parameters.get("CiphertextBlob", "")))[:36].decode().rstrip("\0")
    except (binascii.Error, UnicodeDecodeError):
        return ("*",)
    return _key(call, header)


def queue(call: ServiceCall) -> tuple[str, ...]:
    """The queue that a call names by its URL, or by its name when it does not exist yet."""
    url = str(call.parameters.get("QueueUrl") or "")
    name = url.rpartition("/")[2] or str(call.parameters.get("QueueName") or "*")
    segments = url.split("/")
    account = segments[-2] if len(segments) > 1 and segments[-2].isdigit() else call.account
    return (f"arn:{call.partition}:sqs:{call.region}:{account}:{name}",)


def secret(call: ServiceCall) -> tuple[str, ...]:
    """The secret that a call names; its ARN ends in six characters that only Secrets Manager knows."""
    named = str(call.parameters.get("SecretId") or call.parameters.get("Name") or "*")
    if named.startswith("arn:"):
        return (named,)
    secrets = secretsmanager_backends[call.account][call.region].secrets
    found = secrets.get(named) if named in secrets else None
    if found is not None:
        return (str(found.arn),)
    return (f"arn:{call.partition}:secretsmanager:{call.region}:{call.account}:secret:{named}",)


def role(call: ServiceCall) -> tuple[str, ...]:
    """The role that a call names, with its path."""
    return _identity(call, "role", call.parameters.get("RoleName"))


def boundary_of_role(call: ServiceCall) -> dict[str, tuple[str, ...]]:
    """`iam:PermissionsBoundary`: of the role that a call changes, the boundary that it has."""
    named = call.parameters.get("RoleName")
    roles: Any = iam_backends[call.account]["aws"].roles
    found = next((each for each in list(roles.values()) if each.name == named), None)
    boundary = found.permissions_boundary_arn if found is not None else None
    return {"iam:PermissionsBoundary": (boundary,)} if boundary else {}


def user(call: ServiceCall) -> tuple[str, ...]:
    """The user that a call names, with his path; the caller himself where it names none."""
    return _identity(call, "user", call.parameters.get("UserName") or call.caller.name)


def group(call: ServiceCall) -> tuple[str, ...]:
    """The group that a call names, with its path."""
    return _identity(call, "group", call.parameters.get("GroupName"))


def instance_profile(call: ServiceCall) -> tuple[str, ...]:
    """The instance profile that a call names, with its path."""
    return _identity(call, "instance-profile", call.parameters.get("InstanceProfileName"))


def topic_of_subscription(call: ServiceCall) -> tuple[str, ...]:
    """The topic that a subscription belongs to."""
    arn = str(call.parameters.get("SubscriptionArn", ""))
    subscription = sns_backends[call.account][call.region].subscriptions.get(arn)
    return (str(subscription.topic_arn),) if subscription is not None else (arn.rpartition(":")[0] or "*",)


def _ids(call: ServiceCall, name: str) -> list[str]:
    one = call.parameters.get(name)
    return [str(one)] if one else [str(each) for each in call.parameters.get(f"{name}s") or ()]


def _workgroups(call: ServiceCall, names: list[str]) -> tuple[str, ...]:
    prefix = f"arn:{call.partition}:athena:{call.region}:{call.account}:workgroup/"
    return tuple(dict.fromkeys(prefix + name for name in names)) or (prefix + "*",)


def _key(call: ServiceCall, named: str) -> tuple[str, ...]:
    found = find_key(named, call.account, call.region)
    if found is not None:
        return (str(found.arn),)
    if named.startswith("arn:"):
        return (named,)
    return (f"arn:{call.partition}:kms:{call.region}:{call.account}:key/{named}",)


def _identity(call: ServiceCall, kind: str, name: object) -> tuple[str, ...]:
    named = str(name or "*")
    backend = iam_backends[call.account][call.partition]
    get: Callable[[str], Any] = {
        "role": backend.get_role,
        "user": backend.get_user,
        "group": backend.get_group,
        "instance-profile": backend.get_instance_profile,
    }[kind]
    try:
        return (str(get(named).arn),)
    except (NoSuchEntity, NotFoundException):
        path = str(call.parameters.get("Path") or "/")
        return (f"arn:{call.partition}:iam::{call.account}:{kind}{path}{named}",)
