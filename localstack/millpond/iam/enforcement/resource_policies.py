"""Where the policies of resources are kept: S3's buckets, SQS's queues, KMS's keys, Lambda's functions, ...

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.events.models import events_backends
from moto.glue.models import glue_backends
from moto.kinesis.models import kinesis_backends
from moto.logs.models import logs_backends
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from millpond.iam.backends import backend_of
from millpond.iam.enforcement.grants import listed, statements_of, with_statements
from millpond.iam.enforcement.keys import find_bucket, find_key
from millpond.iam.evaluation import (
    AuthorizationRequest,
    MalformedPolicyError,
    Policy,
    PolicyType,
    parse_policy,
)
from millpond.iam.principals import find_role

_Document = str | Mapping[str, Any] | None


@dataclass(frozen=True)
class ResourcePolicy:
    """A resource's own policy.

    Attributes:
        policy: The document, `None` if the resource has none.
        decides: Nobody gets in whom it does not let in, whatever his own policies say: keys and roles.
    """

    policy: Policy | None
    decides: bool = False


def policy_of_resource(request: AuthorizationRequest) -> ResourcePolicy | None:
    """The policy that bears on a request besides those of the caller; `None` if there is none."""
    service = request.action.partition(":")[0]
    find = _FINDERS.get(service)
    if find is None or not request.resource.startswith("arn:"):
        return None
    segments = request.resource.split(":", 5)
    if len(segments) < 6:
        return None
    arn = _Arn(segments[3], segments[4], segments[5], request.resource)
    try:
        found = find(arn)
    except KeyError:  # there is no such region, and so no policy in it
        if arn.region in sqs_backends[arn.account].regions:
            raise
        return None
    trusts = service == "sts" and segments[5].startswith("role/")
    # Of a key that is not there, its service says so.
    decides = trusts or (service == "kms" and _find_key(arn) is not None)
    if found is None:
        return ResourcePolicy(None, decides=True) if decides else None
    policy_type = PolicyType.TRUST if trusts else PolicyType.RESOURCE
    try:
        return ResourcePolicy(parse_policy(found, request.resource, policy_type), decides)
    except MalformedPolicyError:
        # moto keeps what it is given; a document that is none says nothing, and allows nothing.
        return ResourcePolicy(None, decides)


@dataclass(frozen=True)
class _Arn:
    region: str
    account: str
    local: str
    whole: str


def _is_key(arn: str) -> bool:
    return ":key/" in arn


def _bucket(arn: _Arn) -> _Document:
    bucket = find_bucket(arn.local.partition("/")[0])
    policy = bucket.policy if bucket is not None else None
    return policy.decode() if isinstance(policy, bytes) else policy


def _queue(arn: _Arn) -> _Document:
    queue = backend_of(sqs_backends, arn.account, arn.region).queues.get(arn.local)
    return None if queue is None else queue.policy or None


def _topic(arn: _Arn) -> _Document:
    topic = backend_of(sns_backends, arn.account, arn.region).topics.get(":".join(arn.whole.split(":")[:6]))
    return None if topic is None else topic._policy_json


def _key(arn: _Arn) -> _Document:
    """A key's policy, and what its grants allow besides."""
    key = _find_key(arn)
    if key is None:
        return None
    statements = [statement for grant in list(key.grants.values()) for statement in statements_of(grant)]
    return with_statements(key.policy, statements) if statements else key.policy


def _find_key(arn: _Arn) -> Any:
    return find_key(arn.whole, arn.account, arn.region) if _is_key(arn.whole) else None


def _function(arn: _Arn) -> _Document:
    """A function's statements say themselves which version or alias they are about."""
    kind, _, rest = arn.local.partition(":")
    if kind == "layer" and arn.account not in lambda_backends:
        return _PUBLIC_LAYER
    if kind != "function":
        return None
    name = rest.partition(":")[0]
    versions = backend_of(lambda_backends, arn.account, arn.region)._lambdas._functions.get(name)
    if not versions:
        return None
    functions = [versions.get("latest"), *(versions.get("versions") or ())]
    present = [function for function in functions if function is not None]
    statements = [
        {**statement, "Principal": _principal(statement.get("Principal"))}
        for function in present
        for statement in function.policy.statements
    ]
    return {"Version": "2012-10-17", "Statement": statements} if statements else None


def _principal(given: Any) -> Any:
    """An account or role as policies name it; AddPermission takes it alone."""
    return {"AWS": given} if isinstance(given, str) and given != "*" else given


# The layers of other accounts that there are here are those that AWS publishes for everybody.
_PUBLIC_LAYER = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion", "Resource": "*"},
}


def _catalog(arn: _Arn) -> _Document:
    glue = backend_of(glue_backends, arn.account, arn.region)
    kept = glue.resource_policies.get(glue.default_catalog_arn)
    return None if kept is None else kept.get("PolicyInJson")


def _secret(arn: _Arn) -> _Document:
    secrets = backend_of(secretsmanager_backends, arn.account, arn.region).secrets
    secret = secrets.get(arn.whole) if arn.whole in secrets else None
    return secret.policy if isinstance(secret, FakeSecret) else None


def _bus(arn: _Arn) -> _Document:
    kind, _, name = arn.local.partition("/")
    bus = (
        backend_of(events_backends, arn.account, arn.region).event_buses.get(name)
        if kind == "event-bus"
        else None
    )
    return None if bus is None else bus.policy


def _data_stream(arn: _Arn) -> _Document:
    document: _Document = backend_of(kinesis_backends, arn.account, arn.region).resource_policies.get(
        arn.whole
    )
    return document


def _table(arn: _Arn) -> _Document:
    """A table's policy, which says itself whether it is about its indexes too."""
    table = ":".join([*arn.whole.split(":")[:5], "/".join(arn.local.split("/")[:2])])
    kept = backend_of(dynamodb_backends, arn.account, arn.region).resource_policies.get(table)
    return None if kept is None else kept.policy_doc


def _logs(arn: _Arn) -> _Document:
    """The account's policies for Logs, which name groups and destinations in their statements."""
    kept = list(backend_of(logs_backends, arn.account, arn.region).resource_policies.values())
    documents = [json.loads(each.policy_document) for each in kept]
    statements = [statement for document in documents for statement in listed(document.get("Statement"))]
    return {"Version": "2012-10-17", "Statement": statements} if statements else None


def _role(arn: _Arn) -> _Document:
    role = find_role(arn.whole)
    return None if role is None else role.assume_role_policy_document


_FINDERS: Mapping[str, Callable[[_Arn], _Document]] = {
    "dynamodb": _table,
    "events": _bus,
    "glue": _catalog,
    "kinesis": _data_stream,
    "kms": _key,
    "lambda": _function,
    "logs": _logs,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
    "sts": _role,
}
