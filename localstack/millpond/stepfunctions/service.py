"""State machines of one account and region, and their executions."""

from __future__ import annotations

import copy
import json
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.core.base_backend import BackendDict

from millpond.iam.enforcement import RoleNotAssumableError, check_trust
from millpond.stepfunctions import interpreter
from millpond.stepfunctions.exceptions import (
    InvalidDefinition,
    MachineExists,
    MachineTypeUnsupported,
    RoleRefused,
    VersionsUnsupported,
)
from millpond.stepfunctions.execution import LogSession, ToldExecution, ToldSyncExecution
from millpond.stepfunctions.runtime import StepFunctionsRuntime

# The interpreter must be changed before moto loads it.
assert interpreter  # noqa: S101
from moto.stepfunctions.exceptions import InvalidToken  # noqa: E402
from moto.stepfunctions.models import StateMachine  # noqa: E402
from moto.stepfunctions.parser.api import ExecutionStatus, InvalidExecutionInput  # noqa: E402
from moto.stepfunctions.parser.asl.parse.asl_parser import (  # noqa: E402
    AmazonStateLanguageParser,
    ASLParserException,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend  # noqa: E402


class StateMachineService(StepFunctionsParserBackend):
    """Step Functions, with machines that run."""

    @property
    def _url_module(self) -> Any:
        from millpond.stepfunctions import urls

        return urls

    def create_state_machine(self, *arguments: Any, **given: Any) -> StateMachine:
        """CreateStateMachine.

        Raises:
            InvalidDefinition: The definition cannot be read, or a task's service does not execute here.
            RoleRefused: The role does not trust Step Functions.
            MachineExists: There is another one of this name.
        """
        _check_definition(given["definition"])
        arn = self._arn_of("stateMachine", given["name"])
        _check_role(given["roleArn"], arn)
        for known in self.state_machines:
            wanted = (given["definition"], given["roleArn"], given.get("sm_type") or "STANDARD")
            if known.arn == arn and (known.definition, known.roleArn, known.type) != wanted:
                raise MachineExists(arn)
        return super().create_state_machine(*arguments, **given)

    def update_state_machine(self, *arguments: Any, **given: Any) -> StateMachine:
        """UpdateStateMachine.

        Raises:
            InvalidDefinition: The definition cannot be read, or a task's service does not execute here.
            RoleRefused: The role does not trust Step Functions.
        """
        if definition := given.get("definition"):
            _check_definition(definition)
        if role_arn := given.get("role_arn"):
            _check_role(role_arn, given["arn"])
        return super().update_state_machine(*arguments, **given)

    def delete_state_machine(self, arn: str) -> None:
        """DeleteStateMachine: from a list of its own, since one that shrinks under a search hides another."""
        self._validate_machine_arn(arn)
        self.state_machines = [machine for machine in self.state_machines if machine.arn != arn]

    def start_execution(
        self,
        state_machine_arn: str,
        name: str = "",
        execution_input: str = "{}",
        trace_header: str | None = None,
    ) -> Any:
        """StartExecution: runs in a thread of its own; one without a name gets one."""
        machine, name = self._machine(state_machine_arn), name or str(uuid.uuid4())
        again = machine._handle_name_input_idempotency(name, execution_input)
        if again is not None:
            return again
        execution = self._new_execution(ToldExecution, machine, name, execution_input, trace_header)
        machine.executions.append(execution)
        execution.start()
        return execution

    def start_sync_execution(self, state_machine_arn: str, name: str, execution_input: str) -> Any:
        """StartSyncExecution: answers when the execution has ended.

        Raises:
            MachineTypeUnsupported: It is no express machine.
        """
        machine = self._machine(state_machine_arn)
        if machine.type != "EXPRESS":
            raise MachineTypeUnsupported
        execution = self._new_execution(ToldSyncExecution, machine, name, execution_input, None)
        execution.start()
        answer = execution.to_start_sync_execution_output()
        return {**answer, "billingDetails": {"billedDurationInMilliseconds": 100, "billedMemoryUsedInMB": 64}}

    def stop_execution(self, execution_arn: str, error: str | None = None, cause: str | None = None) -> Any:
        """StopExecution."""
        execution: Any = self.describe_execution(execution_arn)
        now = datetime.now(UTC)
        execution.stop(stop_date=now, error=error, cause=cause)
        execution.stop_date = execution.stop_date or now
        return execution

    def history_page(
        self, execution_arn: str, size: int, token: str | None, *, newest_first: bool
    ) -> tuple[list[Any], str | None]:
        """A page of an execution's events, and where the next one begins.

        Raises:
            InvalidToken: The token is none that was given out.
        """
        events = list(self.get_execution_history(execution_arn)["events"])
        if newest_first:
            events.reverse()
        if token is not None and not token.isdecimal():
            raise InvalidToken
        begin = int(token or 0)
        end = begin + min(size, 1000)
        return events[begin:end], str(end) if end < len(events) else None

    def validate(self, definition: str) -> dict[str, Any]:
        """ValidateStateMachineDefinition."""
        problem = _problem(definition)
        if problem is None:
            return {"result": "OK", "diagnostics": [], "truncated": False}
        diagnostic = {"severity": "ERROR", "code": "SCHEMA_VALIDATION_FAILED", "message": problem}
        return {"result": "FAIL", "diagnostics": [diagnostic], "truncated": False}

    def _machine(self, arn: str) -> StateMachine:
        machine = self.describe_state_machine(arn)
        if not isinstance(machine, StateMachine):
            raise VersionsUnsupported(arn)
        return machine

    def _arn_of(self, kind: str, resource: str) -> str:
        return f"arn:{self.partition}:states:{self.region_name}:{self.account_id}:{kind}:{resource}"

    def _new_execution(
        self, kind: type[Any], machine: StateMachine, name: str, given: str, trace_header: str | None
    ) -> Any:
        """An execution of the machine as it is now, whatever becomes of the machine later."""
        try:
            json.loads(given)
        except ValueError:
            raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{given}'") from None
        shared = {id(machine.executions): [], id(machine.backend): machine.backend}
        snapshot = copy.deepcopy(machine, shared)
        kind_of_resource = "express" if machine.type == "EXPRESS" else "execution"
        arn = self._arn_of(kind_of_resource, f"{machine.name}:{name}")
        return kind(
            name=name,
            sm_type=machine.type,
            role_arn=interpreter.RoleOfMachine(snapshot.roleArn, machine.arn),
            exec_arn=arn,
            account_id=self.account_id,
            region_name=self.region_name,
            state_machine=snapshot,
            start_date=datetime.now(UTC),
            cloud_watch_logging_session=LogSession(arn, snapshot),
            input_data=given,
            trace_header=trace_header,
            activity_store={},
        )


def _check_role(role_arn: str, machine_arn: str) -> None:
    try:
        check_trust(role_arn, interpreter.PRINCIPAL, source_arn=machine_arn)
    except RoleNotAssumableError:
        raise RoleRefused(role_arn) from None


def _check_definition(definition: str) -> None:
    if problem := _problem(definition):
        raise InvalidDefinition(problem)


def _problem(definition: str) -> str | None:
    """What is wrong with a definition; None if nothing is."""
    if missing := _not_done(definition):
        return f"the local cloud does not {missing}"
    try:
        AmazonStateLanguageParser.parse(definition)
    except ASLParserException as error:
        return str(error)
    except Exception as error:  # the interpreter tells what it cannot read by errors of many kinds
        return str(error) or type(error).__name__
    return None


def _not_done(definition: str) -> str | None:
    """What a definition asks for and moto's interpreter would stumble over in the middle of an execution."""
    try:
        parts = list(_objects(json.loads(definition)))
    except ValueError:
        return None
    if any(part.get("QueryLanguage") == "JSONata" for part in parts):
        return "evaluate the query language JSONata; use JSONPath"
    if any(":activity:" in str(part.get("Resource")) for part in parts):
        return "run activities; use a task that waits for its token (.waitForTaskToken)"
    return None


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(part)


class _Services:
    """The service of each account and region."""

    def __init__(self) -> None:
        self._backends: BackendDict[StateMachineService] = BackendDict(StateMachineService, "stepfunctions")
        self._runtime: StepFunctionsRuntime | None = None
        self._lock = threading.Lock()

    def use(self, runtime: StepFunctionsRuntime) -> None:
        """Run machines in this cloud; forgets those of another one in the same process."""
        # Of two first requests at once, the one must not forget what the other has made by then.
        with self._lock:
            if self._runtime is not runtime:
                # Not `reset`, which forgets every service of moto's.
                self._backends.clear()
                interpreter.use(runtime.clients)
                runtime.used()
                self._runtime = runtime

    def of(self, account_id: str, region: str) -> StateMachineService:
        """The service."""
        return self._backends[account_id][region]

    def running(self) -> list[Any]:
        """The executions that have not ended."""
        return [
            execution
            for regions in self._backends.values()
            for service in regions.values()
            for execution in service._get_executions(ExecutionStatus.RUNNING)
        ]


services = _Services()


def stop_all() -> None:
    """Stop every execution that runs; the cloud ends."""
    for execution in services.running():
        if execution.exec_worker and execution.exec_worker.env:
            execution.stop(stop_date=datetime.now(UTC), error=None, cause="The local cloud ended")
