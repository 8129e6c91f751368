"""moto's interpreter of the Amazon States Language, made to act in this cloud.

Importing this module changes the interpreter before its own modules look at what is changed: paths find what
they find on AWS, clients call this cloud's endpoint under the role of the machine or the state, and tasks of
services that do not execute here are refused when a machine is made rather than reported as done.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from moto.stepfunctions.parser.asl.utils import json_path

from millpond.role_clients import RoleClients, ServiceRole
from millpond.stepfunctions.exceptions import UnsupportedIntegration
from millpond.stepfunctions.paths import value_at

json_path.extract_json = value_at
# The order of these imports matters: each module reads the names that were set before it.
from moto.stepfunctions.parser.asl.utils import boto_client  # noqa: E402

PRINCIPAL = "states.amazonaws.com"

_clients: RoleClients


class RoleOfMachine(str):
    """A machine's role, which knows whose it is: the interpreter hands on nothing else to a client.

    Attributes:
        machine_arn: The machine, as the role's trust policy may name it (`aws:SourceArn`).
    """

    machine_arn: str

    def __new__(cls, arn: str, machine_arn: str) -> RoleOfMachine:
        """A role's ARN."""
        role = super().__new__(cls, arn)
        role.machine_arn = machine_arn
        return role

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # the history is copied with it
        return str(self), self.machine_arn


def use(clients: RoleClients) -> None:
    """Have tasks call with these clients."""
    global _clients
    _clients = clients


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    """A client of a service that acts under the role of a state; takes the place of moto's."""
    arn = state_credentials.role_arn
    source = arn.machine_arn if isinstance(arn, RoleOfMachine) else None
    role = ServiceRole(str(arn), PRINCIPAL, "StepFunctions", source)
    return _clients.client(service, region, role)


boto_client.boto_client_for = client_for


class _BatchIsLeftOut(ModuleType):
    """In the place of the interpreter's Batch tasks, which are refused (`task_for`).

    For the names of a job's states, moto's would load its Batch and, with that, all of EC2: ten times what
    the rest of the interpreter takes, in time and in memory.
    """

    StateTaskServiceBatch: Any = None


_TASKS = "moto.stepfunctions.parser.asl.component.state.exec.state_task.service"
sys.modules[f"{_TASKS}.state_task_service_batch"] = _BatchIsLeftOut("left_out")

from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (  # noqa: E402
    state_task_service_callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (  # noqa: E402
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import (  # noqa: E402
    StateTaskService,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_factory import (  # noqa: E402
    state_task_service_for,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_glue import (  # noqa: E402
    StateTaskServiceGlue,
)

from millpond.stepfunctions.athena_task import AthenaTask  # noqa: E402
from millpond.stepfunctions.sdk_names import fit_parameters, fit_response  # noqa: E402


class GlueTask(StateTaskServiceGlue):
    """A Glue task that waits for its run: moto's asks for a token that it has not made."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # moto's
        token: Any = ResourceCondition.WaitForTaskToken
        self._supported_integration_patterns.add(token)


_OURS: dict[str, type[StateTaskService]] = {"athena": AthenaTask, "glue": GlueTask}

# Services whose tasks moto takes, and which do not execute in the local cloud.
_UNSUPPORTED = {
    "apigateway",
    "batch",
    "bedrock",
    "codebuild",
    "databrew",
    "ecs",
    "eks",
    "elasticmapreduce",
    "emr-containers",
    "emr-serverless",
    "mediaconvert",
    "sagemaker",
}


def task_for(service_name: str) -> StateTaskService:
    """The integration of a service; takes the place of moto's.

    Raises:
        UnsupportedIntegration: The service does not execute here.
    """
    if service_name in _UNSUPPORTED:
        raise UnsupportedIntegration(service_name)
    return _OURS[service_name]() if service_name in _OURS else state_task_service_for(service_name)


vars(state_task_factory)["state_task_service_for"] = task_for
# moto leaves out both: names and values go to the SDK, and come from it, as they stand in a definition.
setattr(StateTaskService, "_normalise_parameters", fit_parameters)  # noqa: B010  # mypy knows the method
setattr(StateTaskService, "_normalise_response", fit_response)  # noqa: B010
# How long to wait before asking again whether a run or query has ended, in seconds.
vars(state_task_service_callback)["_DELAY_SECONDS_SYNC_CONDITION_CHECK"] = 0.1
