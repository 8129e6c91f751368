"""Athena's tasks, which moto's interpreter does not have.

https://docs.aws.amazon.com/step-functions/latest/dg/connect-athena.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback as callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import (
    ResourceCondition,
)
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

_PARAMETERS = {
    "startqueryexecution": {
        "ClientRequestToken",
        "ExecutionParameters",
        "QueryExecutionContext",
        "QueryString",
        "ResultConfiguration",
        "ResultReuseConfiguration",
        "WorkGroup",
    },
    "stopqueryexecution": {"QueryExecutionId"},
    "getqueryexecution": {"QueryExecutionId"},
    "getqueryresults": {"MaxResults", "NextToken", "QueryExecutionId"},
}


class AthenaTask(callback.StateTaskServiceCallback):
    """Starts a query and, as `.sync`, waits for its end."""

    def __init__(self) -> None:
        patterns: Any = {ResourceCondition.Sync, ResourceCondition.WaitForTaskToken}
        super().__init__(supported_integration_patterns=patterns)

    def _get_supported_parameters(self) -> set[str] | None:
        return _PARAMETERS.get(self.resource.api_action.lower())

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> None:
        client: Any = boto_client.boto_client_for(resource_runtime_part.region, "athena", state_credentials)
        answer = getattr(client, self._get_boto_service_action())(**normalised_parameters)
        answer.pop("ResponseMetadata", None)
        env.stack.append(answer)

    def _build_sync_resolver(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: Any, state_credentials: Any
    ) -> Callable[[], Any]:
        """Ask for the query until it has ended; its description is the task's output."""
        execution_id = env.stack.pop()["QueryExecutionId"]
        client: Any = boto_client.boto_client_for(resource_runtime_part.region, "athena", state_credentials)

        def ended() -> Any:
            answer = client.get_query_execution(QueryExecutionId=execution_id)
            answer.pop("ResponseMetadata", None)
            state = answer["QueryExecution"]["Status"]["State"]
            if state in ("FAILED", "CANCELLED"):
                name = StatesErrorName(typ=StatesErrorNameType.StatesTaskFailed)
                cause = to_json_str(answer["QueryExecution"])
                failed = self._failure(env, name, StatesErrorNameType.StatesTaskFailed.to_name(), cause)
                raise FailureEventException(failed)
            return answer if state == "SUCCEEDED" else None

        return ended

    def _from_error(self, env: Any, ex: Exception) -> Any:
        if isinstance(ex, ClientError):
            error = f"Athena.{ex.response['Error']['Code']}"
            return self._failure(env, CustomErrorName(error), error, ex.response["Error"]["Message"])
        return super()._from_error(env=env, ex=ex)

    def _failure(self, env: Any, name: Any, error: str, cause: str) -> FailureEvent:
        details: Any = {
            "taskFailedEventDetails": TaskFailedEventDetails(
                resource=self._get_sfn_resource(),
                resourceType=self._get_sfn_resource_type(),
                error=error,
                cause=cause,
            )
        }
        return FailureEvent(
            env=env, error_name=name, event_type=HistoryEventType.TaskFailed, event_details=details
        )
