"""The tags of resources as conditions read them: `aws:ResourceTag/...`, and other names that services have.

They are looked up only when a policy that bears on the request reads such a key.

Buckets have none for conditions: on AWS a bucket's tags count once `PutBucketAbac` says so, which the local
cloud refuses, and an object's are `s3:ExistingObjectTag/...` alone.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/tagging-and-policies.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from moto import backends
from moto.athena.models import athena_backends
from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.events.models import events_backends
from moto.firehose.models import firehose_backends
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.kinesis.models import kinesis_backends
from moto.kms.models import kms_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from millpond.iam.enforcement.keys import find_bucket, find_key, find_object
from millpond.iam.evaluation import AuthorizationRequest, PolicySet
from millpond.iam.principals import find_role

Tags = Mapping[str, str]


def with_resource_tags(request: AuthorizationRequest, policies: PolicySet) -> AuthorizationRequest:
    """The request with the tags of its resource, as far as these policies read them."""
    read = [key for key in policies.keys_read_for(request.action) if key.startswith(_PREFIXES)]
    if not read:
        return request
    context = dict(request.context)
    for key in sorted({key.partition("/")[0] for key in read}):
        context.update({f"{key}/{name}": (value,) for name, value in _tags(key, request).items()})
    return replace(request, context=context)


@dataclass(frozen=True)
class _Resource:
    """An ARN in its parts, and the version of an object that is asked for."""

    region: str
    account: str
    local: str
    arn: str
    version_id: str | None

    @property
    def name(self) -> str:
        """What stands after the type of the resource."""
        kind, _, name = self.local.replace("/", ":", 1).partition(":")
        return name or kind


_Finder = Callable[[_Resource], Tags]


def _tags(key: str, request: AuthorizationRequest) -> Tags:
    segments = request.resource.split(":", 5)
    if len(segments) < 6:
        return {}
    _, _, service, region, account, local = segments
    find = _KEYS[key].get(service)
    if find is None:
        return {}
    version_id = next(iter(request.context.get("s3:VersionId", ())), None)
    return find(_Resource(region, account, local, request.resource, version_id))


def _listed(tags: Any) -> Tags:
    """Tags of a list, in either case of its keys."""
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) or "" for tag in tags or ()}


def _tagged(backends: Any, resource: _Resource, arn: str | None = None) -> Tags:
    """Tags that a service keeps by ARN."""
    tags: Tags = backends[resource.account][resource.region].tagger.get_tag_dict_for_resource(
        arn or resource.arn
    )
    return {key: value or "" for key, value in tags.items()}


def _tagged_in(service: str) -> _Finder:
    """What finds the tags that a service keeps by ARN; few clouds use it, so that it is imported late."""
    find: Any = backends.get_backend
    return lambda resource: _tagged(find(service), replace(resource, region=resource.region or "aws"))


def _function(resource: _Resource) -> Tags:
    """A function's tags, which its versions and aliases have too."""
    if not resource.local.startswith("function:"):
        return {}
    name = resource.name.partition(":")[0]
    functions: Any = lambda_backends[resource.account][resource.region]._lambdas._functions
    latest = (functions.get(name) or {}).get("latest")
    return dict(latest.tags or {}) if latest is not None else {}


def _table(resource: _Resource) -> Tags:
    """A table's tags, which its indexes and streams have too."""
    name = resource.name.partition("/")[0]
    table = dynamodb_backends[resource.account][resource.region].tables.get(name)
    return _listed(table.tags) if table is not None else {}


def _identity(resource: _Resource) -> Tags:
    backend = iam_backends[resource.account]["aws"]
    kind = resource.local.partition("/")[0]
    found: Any = None
    if kind == "role":
        found = find_role(resource.arn)
    elif kind == "user":
        found = backend.users.get(resource.arn.rpartition("/")[2])
    elif kind == "policy":
        found = backend.managed_policies.get(resource.arn)
    tags = getattr(found, "tags", None)
    # moto keeps those of roles and users as a list, those of policies by their keys.
    return _listed(tags.values() if isinstance(tags, Mapping) else tags)


def _stream(resource: _Resource) -> Tags:
    stream = kinesis_backends[resource.account][resource.region].streams.get(resource.name.partition("/")[0])
    return dict(stream.tags) if stream is not None else {}


def _kms_key(resource: _Resource) -> Tags:
    """A key's tags, which moto keeps by the key's id."""
    key = find_key(resource.arn, resource.account, resource.region)
    return _tagged(kms_backends, resource, key.id) if key is not None else {}


def _log_group(resource: _Resource) -> Tags:
    """The tags of a log group, which its streams have too."""
    return _tagged(logs_backends, resource, ":".join(resource.arn.split(":")[:7]))


def _machine(resource: _Resource) -> Tags:
    """The tags of a state machine, which its executions have too."""
    from millpond.stepfunctions.service import services  # its interpreter is slow to import

    parts = resource.arn.split(":")
    arn = ":".join([*parts[:5], "stateMachine", parts[6]]) if parts[5] == "execution" else resource.arn
    tagger = services.of(resource.account, resource.region).tagger
    return tagger.get_tag_dict_for_resource(arn)


def _secret(resource: _Resource) -> Tags:
    secrets = secretsmanager_backends[resource.account][resource.region].secrets
    secret = secrets.get(resource.arn) if resource.arn in secrets else None
    return _listed(secret.tags) if isinstance(secret, FakeSecret) else {}


def _queue(resource: _Resource) -> Tags:
    queue = sqs_backends[resource.account][resource.region].queues.get(resource.local)
    return dict(queue.tags or {}) if queue is not None else {}


def _topic(resource: _Resource) -> Tags:
    topic = sns_backends[resource.account][resource.region].topics.get(":".join(resource.arn.split(":")[:6]))
    return dict(topic._tags or {}) if topic is not None else {}


def _parameter(resource: _Resource) -> Tags:
    """The tags of a parameter or document; a parameter's path begins with a slash that its ARN has once."""
    kind, _, name = resource.local.partition("/")
    manager: Any = backends.get_backend("ssm")[resource.account][resource.region]
    kept = manager._resource_tags.get(kind.capitalize(), {})
    return dict(kept.get(name) or kept.get(f"/{name}") or {})


def _environment(resource: _Resource) -> Tags:
    """The tags of an Airflow environment; its web server's roles have none."""
    from millpond.mwaa.exceptions import EnvironmentNotFound
    from millpond.mwaa.service import mwaa_backends  # which itself asks for rights

    try:
        return mwaa_backends[resource.account][resource.region].tags(resource.arn)
    except EnvironmentNotFound:
        return {}


def _network(resource: _Resource) -> Tags:
    """The tags of what EC2 has, which are kept by its ids."""
    from moto.ec2.models import ec2_backends  # slow to import, and most clouds have no network

    return dict(ec2_backends[resource.account][resource.region].tags.get(resource.name, {}))


def _object(resource: _Resource) -> Tags:
    bucket_name, _, key = resource.local.partition("/")
    bucket, found = find_bucket(bucket_name), find_object(bucket_name, key, resource.version_id)
    if bucket is None or found is None:
        return {}
    tags: Tags = s3_backends[bucket.account_id]["aws"].tagger.get_tag_dict_for_resource(found.arn)
    return tags


_BY_SERVICE: Mapping[str, _Finder] = {
    "airflow": _environment,
    "athena": lambda resource: _tagged(athena_backends, resource),
    "budgets": _tagged_in("budgets"),
    "cloudwatch": _tagged_in("cloudwatch"),
    "dynamodb": _table,
    "ec2": _network,
    "ecr": _tagged_in("ecr"),
    "events": lambda resource: _tagged(events_backends, resource),
    "firehose": lambda resource: _tagged(firehose_backends, resource),
    "glue": lambda resource: _tagged(glue_backends, resource),
    "iam": _identity,
    "kinesis": _stream,
    "kms": _kms_key,
    "lambda": _function,
    "logs": _log_group,
    "scheduler": _tagged_in("scheduler"),
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
    "ssm": _parameter,
    "states": _machine,
}

# The keys, up to the name of a tag, and the services whose resources have them.
_KEYS: Mapping[str, Mapping[str, _Finder]] = {
    "aws:resourcetag": _BY_SERVICE,
    "iam:resourcetag": {"iam": _identity},
    "s3:existingobjecttag": {"s3": _object},
    "secretsmanager:resourcetag": {"secretsmanager": _secret},
}

_PREFIXES = tuple(f"{key}/" for key in _KEYS)
