"""Executions that tell EventBridge and CloudWatch Logs how they fare.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.stepfunctions.parser.asl.eval.event.logging import is_logging_enabled_for
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
    SyncExecution,
    SyncExecutionWorkerCommunication,
)

_log = logging.getLogger(__name__)


class ToldExecution(Execution):
    """An execution whose beginning and end stand on the default event bus."""

    def start(self) -> None:
        """Begin, and say so."""
        super().start()
        tell(self, "RUNNING")

    def _get_start_execution_worker_comm(self) -> BaseExecutionWorkerCommunication:
        return _TellingCommunication(self)


class _TellingCommunication(BaseExecutionWorkerCommunication):
    def terminated(self) -> None:
        super().terminated()
        # What services answer may hold moments, which the interpreter hands on as they are.
        self.execution.output = json.loads(to_json_str(self.execution.output))
        tell(self.execution, str(self.execution.status))


class ToldSyncExecution(SyncExecution):
    """An execution that its caller waits for; express machines send no events."""

    def _get_start_execution_worker_comm(self) -> SyncExecutionWorkerCommunication:
        return SyncExecutionWorkerCommunication(self)


def tell(execution: Execution, status: str) -> None:
    """Put a change of an execution's status on the default bus."""
    ended = execution.stop_date if status != "RUNNING" else None
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(ended) if ended else None,
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": to_json_str(execution.output, separators=(",", ":")) if status == "SUCCEEDED" else None,
        "error": execution.error,
        "cause": execution.cause,
    }
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail),
        "Resources": [execution.exec_arn],
    }
    events_backends[execution.account_id][execution.region_name].put_events([entry])


class LogSession:
    """Writes an execution's history to its machine's log group; what moto writes cannot be read back."""

    def __init__(self, execution_arn: str, machine: Any) -> None:
        configuration = machine.loggingConfiguration or {}
        self.execution_arn = execution_arn
        self._level = configuration.get("level", "OFF")
        self._with_data = configuration.get("includeExecutionData", False)
        destinations = configuration.get("destinations") or [{}]
        arn = destinations[0].get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
        self._parts = arn.split(":")
        day = datetime.now(UTC).strftime("%Y-%m-%d-%H-%M")
        self._stream = f"states/{machine.name}/{day}/{execution_arn.rpartition(':')[2][:8]}"

    @property
    def configuration(self) -> Any:
        """What the interpreter asks about: whether inputs and outputs are to be written."""
        return self

    @property
    def include_execution_data(self) -> bool:
        """Whether inputs and outputs are to be written."""
        return bool(self._with_data)

    def log_level_filter(self, history_event_type: Any) -> bool:
        """Whether an event is to be written."""
        return len(self._parts) > 6 and bool(is_logging_enabled_for(self._level, history_event_type))

    def publish_history_log(self, history_log: Any) -> None:
        """Write an event."""
        milliseconds = _milliseconds(datetime.fromisoformat(str(history_log["event_timestamp"])))
        line = {**history_log, "event_timestamp": str(milliseconds)}
        event = {"timestamp": milliseconds, "message": to_json_str(line)}
        logs = logs_backends[self._parts[4]][self._parts[3]]
        group = self._parts[6]
        try:
            if self._stream not in logs.groups[group].streams:
                logs.create_log_stream(group, self._stream)
            logs.put_log_events(group, self._stream, [event])
        except (JsonRESTError, KeyError):
            _log.exception("An event of %s could not be logged", self.execution_arn)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
