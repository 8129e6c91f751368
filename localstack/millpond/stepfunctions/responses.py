"""Step Functions' wire format: what moto leaves out."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse

from millpond.stepfunctions.runtime import StepFunctionsRuntime

if TYPE_CHECKING:
    from millpond.stepfunctions.service import StateMachineService


class StateMachineApi(StepFunctionResponse):
    """The operations; `runtime` is set when the service is installed."""

    runtime: ClassVar[StepFunctionsRuntime]

    @property
    def stepfunction_backend(self) -> StateMachineService:
        """The service of the caller's account and region, with the interpreter loaded."""
        from millpond.stepfunctions.service import services

        services.use(self.runtime)
        return services.of(self.current_account, self.region)

    def start_execution(self) -> ActionResult:
        """Start an execution."""
        execution = self.stepfunction_backend.start_execution(
            self._get_param("stateMachineArn"),
            self._get_param("name"),
            self._get_param("input", if_none="{}"),
        )
        return ActionResult({"executionArn": execution.execution_arn, "startDate": execution.start_date})

    def start_sync_execution(self) -> ActionResult:
        """Run an express machine and answer what came out."""
        answer = self.stepfunction_backend.start_sync_execution(
            self._get_param("stateMachineArn"),
            self._get_param("name") or str(uuid.uuid4()),
            self._get_param("input", if_none="{}"),
        )
        return ActionResult(answer)

    def stop_execution(self) -> ActionResult:
        """Stop an execution, for a reason."""
        stopped = self.stepfunction_backend.stop_execution(
            self._get_param("executionArn"), self._get_param("error"), self._get_param("cause")
        )
        return ActionResult({"stopDate": stopped.stop_date})

    def get_execution_history(self) -> ActionResult:
        """The events of an execution, in pages and from either end."""
        events, token = self.stepfunction_backend.history_page(
            self._get_param("executionArn"),
            self._get_int_param("maxResults") or 100,
            self._get_param("nextToken"),
            newest_first=bool(self._get_param("reverseOrder")),
        )
        return ActionResult({"events": events, "nextToken": token})

    def validate_state_machine_definition(self) -> ActionResult:
        """Say what is wrong with a definition."""
        return ActionResult(self.stepfunction_backend.validate(self._get_param("definition")))

    def send_task_failure(self) -> EmptyResult:
        """Let a task that waits for its token fail; moto forgets the cause."""
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()
