"""Members of requests and answers between the States Language and the SDK.

A task writes them as Step Functions documents it, `StateMachineArn`, where the service may say
`stateMachineArn`; gives objects where the service takes text, which is their JSON then; and gets text where
the service streams it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model


def fit_parameters(
    task: Any,
    parameters: dict[str, Any],
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    """Make a task's parameters those of the SDK, in place."""
    operation = _operation_of(task, boto_service_name, service_action_name)
    if operation is not None and operation.input_shape is not None:
        task._to_boto_request(parameters, operation.input_shape)


def fit_response(
    task: Any,
    response: Any,
    boto_service_name: str | None = None,
    service_action_name: str | None = None,
) -> None:
    """Make the SDK's answer one of the States Language, in place."""
    operation = _operation_of(task, boto_service_name, service_action_name)
    if operation is not None and operation.output_shape is not None:
        task._from_boto_response(response, operation.output_shape)


def _operation_of(task: Any, service_name: str | None, action_name: str | None) -> OperationModel | None:
    """The operation that a task calls; None if there is no such one, which fails when it is called."""
    service = _service(task._get_boto_service_name(service_name))
    name = _operation_names(service).get(task._get_boto_service_action(action_name))
    return service.operation_model(name) if name else None


@cache
def _service(name: str) -> ServiceModel:
    return get_service_model(name)


@cache
def _operation_names(service: ServiceModel) -> dict[str, str]:
    return {xform_name(name): name for name in service.operation_names}
