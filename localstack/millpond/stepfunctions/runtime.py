"""What state machines need of this cloud, and their installation."""

from __future__ import annotations

from typing import Any

import moto.stepfunctions.models
from moto.stepfunctions.models import StepFunctionBackend

from millpond.role_clients import RoleClients


class StepFunctionsRuntime:
    """The clients with which machines call other services; the interpreter is loaded with the first request.

    Importing it takes more than a second.
    """

    def __init__(self, clients: RoleClients) -> None:
        self.clients = clients
        self._executed = False

    def used(self) -> None:
        """There is a service by now, and so there may be executions."""
        self._executed = True

    def shutdown(self) -> None:
        """Stop every execution that runs."""
        if self._executed:
            from millpond.stepfunctions import service

            service.stop_all()


class _Unused(StepFunctionBackend):
    """Stands for the service until the first request, and says where requests go."""

    @property
    def _url_module(self) -> Any:
        from millpond.stepfunctions import urls

        return urls


def install(runtime: StepFunctionsRuntime) -> None:
    """Put this service in the place of moto's; before the first request."""
    from millpond.stepfunctions import urls

    moto.stepfunctions.models.stepfunctions_backends.backend = _Unused
    urls.StateMachineApi.runtime = runtime
