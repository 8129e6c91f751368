"""What others changed: the inputs that the cloud has otherwise than they were sent.

Sent and found are compared in the API's own words. Only what was sent is compared, and only where the
service tells it at all: what it adds of its own is no drift. A type without an entry here is refreshed by
its outputs, and by whether it is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from millpond.deploy.providers.aws.api import Api, call, unless_missing
from millpond.deploy.providers.aws.athena import Workgroup
from millpond.deploy.providers.aws.cloudwatch import LogGroup
from millpond.deploy.providers.aws.crud import CrudResource
from millpond.deploy.providers.aws.declaration import AwsResource, Inputs, Outputs
from millpond.deploy.providers.aws.functions import Function
from millpond.deploy.providers.aws.iam import Role, RolePolicy
from millpond.deploy.providers.aws.mapping import Renames, member, parameters, properties_of
from millpond.deploy.providers.aws.modelled import ModelledResource
from millpond.deploy.providers.aws.s3 import Bucket
from millpond.deploy.providers.aws.s3_part import BucketPart
from millpond.deploy.providers.aws.sqs import ATTRIBUTES, Queue, QueueAttribute, attributes
from millpond.deploy.values import equal


@dataclass(frozen=True)
class _Compared:
    """What was sent, what the service says, and the properties of parameters that are called otherwise."""

    sent: Mapping[str, Any]
    found: Mapping[str, Any]
    properties: Renames = field(default_factory=dict)
    tags: Mapping[str, str] | None = None


def drift(declaration: AwsResource, api: Api, id_: str, inputs: Inputs) -> Outputs:
    """The inputs that the cloud has otherwise, as it has them; None for one that it has no more."""
    reader = next((reader for kind, reader in _READERS if isinstance(declaration, kind)), None)
    if reader is None:
        return {}
    compared: _Compared = reader(declaration, api, id_, inputs)
    found: Outputs = {}
    for name, sent in compared.sent.items():
        if name in compared.found and not _agree(sent, compared.found[name]):
            given = compared.properties.get(name, name[:1].lower() + name[1:])
            found[given] = _as_property(compared.found[name], inputs.get(given))
    if compared.tags is not None and compared.tags != inputs.get("tagsAll", {}):
        found["tagsAll"] = dict(compared.tags)
    return found


def _agree(sent: Any, found: Any) -> bool:
    """Whether what a service says is what was sent; it may say more."""
    if isinstance(sent, str) and isinstance(found, Mapping):
        # A document, or a text that the service answers in an object, as Glue does a crawler's schedule.
        return equal(json.loads(sent), found) if sent[:1] in ("{", "[") else sent in found.values()
    if isinstance(sent, Mapping) and isinstance(found, Mapping):
        return all(_agree(item, found.get(name)) for name, item in sent.items())
    if isinstance(sent, list) and isinstance(found, list):
        left = list(found)
        for item in sent:
            match = next((other for other in left if _agree(item, other)), None)
            if match is None:
                return False
            left.remove(match)
        return not left
    if not sent and not found:
        # Nothing is said in many ways: none, an empty text, an empty list.
        return True
    return equal(sent, found) or str(sent).lower() == str(found).lower()


def _as_property(found: Any, sent: Any) -> Any:
    """What was found, in the property's spelling: documents are texts, numbers may have come as texts."""
    if isinstance(sent, str) and isinstance(found, Mapping):
        return json.dumps(found)
    if isinstance(sent, int) and not isinstance(sent, bool) and isinstance(found, str) and found.isdigit():
        return int(found)
    if isinstance(sent, bool) and isinstance(found, str):
        return found == "true"
    return properties_of(found) if isinstance(found, Mapping | list) else found


def _crud(declaration: CrudResource, api: Api, id_: str, inputs: Inputs) -> _Compared:
    client = api.client(declaration.service)
    request = declaration.request(api, inputs)
    sent = parameters(client, declaration.operations.create, request, declaration.renames)
    found = _unwrapped(declaration.answer(api, id_, inputs), sent)
    return _Compared(sent, found, declaration.renames)


def _modelled(declaration: ModelledResource, api: Api, id_: str, inputs: Inputs) -> _Compared:
    client, noun = api.client(declaration.service), declaration.noun
    sent = parameters(client, f"Create{noun}", declaration.request(inputs), declaration.renames)
    found = call(client, f"Get{noun}", {declaration.name_parameter: id_})
    return _Compared(sent, _unwrapped(found, sent), declaration.renames)


def _bucket(declaration: Bucket, api: Api, id_: str, inputs: Inputs) -> _Compared:
    tagging = unless_missing(lambda: api.client("s3").get_bucket_tagging(Bucket=id_)) or {}
    return _Compared({}, {}, tags=_pairs(tagging.get("TagSet", [])))


def _bucket_part(declaration: BucketPart, api: Api, id_: str, inputs: Inputs) -> _Compared:
    """A part is put whole, so that what differs inside belongs to its only property, or to a member."""
    s3, parameter = api.client("s3"), declaration.parameter
    content = member(
        s3, f"Put{declaration.operation}", parameter, declaration.content(inputs), declaration.renames
    )
    answer = call(s3, f"Get{declaration.operation}", {"Bucket": id_})
    answer.pop("ResponseMetadata", None)
    if not isinstance(content, Mapping):
        return _Compared({parameter: content}, answer, declaration.renames)
    found = answer.get(parameter, answer)
    names = {name: declaration.renames.get(name, name[:1].lower() + name[1:]) for name in content}
    own = next(iter(declaration.properties - {"bucket"}))
    if len(declaration.properties) == 2 and any(name not in inputs for name in names.values()):
        return _Compared({own: content}, {own: found})
    return _Compared(content, {name: found.get(name) for name in content}, names)


def _queue(declaration: Queue, api: Api, id_: str, inputs: Inputs) -> _Compared:
    sqs = api.client("sqs")
    found = sqs.get_queue_attributes(QueueUrl=id_, AttributeNames=["All"])["Attributes"]
    names = {attribute: name for name, (attribute, _) in ATTRIBUTES.items()}
    return _Compared(attributes(inputs), found, names, sqs.list_queue_tags(QueueUrl=id_).get("Tags", {}))


def _queue_attribute(declaration: QueueAttribute, api: Api, id_: str, inputs: Inputs) -> _Compared:
    attribute, _ = ATTRIBUTES[declaration.property]
    found = api.client("sqs").get_queue_attributes(QueueUrl=id_, AttributeNames=[attribute])["Attributes"]
    return _Compared({attribute: inputs[declaration.property]}, found, {attribute: declaration.property})


def _log_group(declaration: LogGroup, api: Api, id_: str, inputs: Inputs) -> _Compared:
    logs = api.client("logs")
    groups = logs.describe_log_groups(logGroupNamePrefix=id_)["logGroups"]
    found = next(group for group in groups if group["logGroupName"] == id_)
    tags = logs.list_tags_for_resource(resourceArn=api.arn("logs", f"log-group:{id_}"))["tags"]
    retention = {"retentionInDays": found.get("retentionInDays", 0)}
    return _Compared({"retentionInDays": inputs.get("retentionInDays", 0)}, retention, tags=tags)


def _role(declaration: Role, api: Api, id_: str, inputs: Inputs) -> _Compared:
    found = api.client("iam").get_role(RoleName=id_)["Role"]
    sent = {
        "AssumeRolePolicyDocument": inputs["assumeRolePolicy"],
        "Description": inputs["description"],
        "MaxSessionDuration": inputs["maxSessionDuration"],
    }
    names = {"AssumeRolePolicyDocument": "assumeRolePolicy"}
    return _Compared(sent, found, names, _pairs(found.get("Tags", [])))


def _role_policy(declaration: RolePolicy, api: Api, id_: str, inputs: Inputs) -> _Compared:
    found = api.client("iam").get_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"])
    return _Compared({"PolicyDocument": inputs["policy"]}, found, {"PolicyDocument": "policy"})


def _function(declaration: Function, api: Api, id_: str, inputs: Inputs) -> _Compared:
    client = api.client("lambda")
    configured = {name: inputs[name] for name in declaration.configuration & inputs.keys()}
    sent = parameters(client, "UpdateFunctionConfiguration", configured, declaration.renames)
    answer = client.get_function(FunctionName=id_)
    found = dict(answer["Configuration"])
    # Layers are sent as ARNs and answered as objects; what is not set is not answered at all.
    found["Layers"] = [layer["Arn"] for layer in found.get("Layers", ())]
    found.setdefault("Environment", {"Variables": {}})
    return _Compared(sent, found, declaration.renames, answer.get("Tags", {}))


def _workgroup(declaration: Workgroup, api: Api, id_: str, inputs: Inputs) -> _Compared:
    athena = api.client("athena")
    found = athena.get_work_group(WorkGroup=id_)["WorkGroup"]
    sent = {
        "Description": inputs["description"],
        "State": inputs["state"],
        "Configuration": member(
            athena, "CreateWorkGroup", "Configuration", inputs.get("configuration", {}), _WORKGROUP
        ),
    }
    return _Compared(sent, found)


def _unwrapped(answer: Mapping[str, Any], sent: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object in an answer that the request was about: the one that has most of its parameters."""
    inner = [
        item for name, item in answer.items() if isinstance(item, Mapping) and name != "ResponseMetadata"
    ]
    return max([answer, *inner], key=lambda item: len(item.keys() & sent.keys()))


def _pairs(tags: list[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


_WORKGROUP: Final[Renames] = {"KmsKey": "kmsKeyArn"}

_READERS: Final[tuple[tuple[type[AwsResource], Callable[[Any, Api, str, Inputs], _Compared]], ...]] = (
    (CrudResource, _crud),
    (ModelledResource, _modelled),
    (Bucket, _bucket),
    (BucketPart, _bucket_part),
    (Queue, _queue),
    (QueueAttribute, _queue_attribute),
    (LogGroup, _log_group),
    (Role, _role),
    (RolePolicy, _role_policy),
    (Function, _function),
    (Workgroup, _workgroup),
)
