"""One execution environment: a process with AWS's runtime client, and the two sides of it.

Above, `run` gives it an invocation and waits for the outcome. Below, the Runtime API hands the
invocation to the process and takes the answer. Between them is what the process may do
besides: exit, use too much memory, take too long.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass

from millpond.functions.credentials import SESSION_SECONDS, assume_role
from millpond.functions.definition import FunctionDefinition, Invocation, Outcome
from millpond.functions.environment import MARK, EnvironmentBuilder
from millpond.functions.exceptions import WorkerGone
from millpond.functions.logs import FunctionOutput, LogStream
from millpond.functions.memory import MEBIBYTE, MemoryGuard
from millpond.functions.reports import (
    error_payload,
    exit_message,
    initialization_start,
    invocation_report,
)
from millpond.functions.runtime_api import MAX_RESPONSE_BYTES, RuntimeApi
from millpond.lifeline import end_family

# An hour before its credentials expire, an environment is replaced.
_LONGEST_LIFE = SESSION_SECONDS - 3600


@dataclass(frozen=True)
class _Answer:
    """What an invocation came to, before it is reported."""

    payload: bytes
    failed: bool
    status: str | None = None
    error_type: str | None = None


class Worker:
    """A started environment of one function definition; runs one invocation at a time."""

    def __init__(
        self,
        definition: FunctionDefinition,
        builder: EnvironmentBuilder,
        memory: MemoryGuard,
        init_seconds: float,
    ) -> None:
        self.definition = definition
        self.idle_since = time.monotonic()
        self._init_seconds = init_seconds
        self._memory = memory
        self._changed = threading.Condition()
        self._pending: Invocation | None = None
        self._current: Invocation | None = None
        self._deadline = 0.0
        self._picked_up_at = 0.0
        self._answer: _Answer | None = None
        self._init_seconds_taken: float | None = None
        self._init_reported = False
        self._exit_code: int | None = None
        self._out_of_memory = False
        self._peak_bytes = 0
        self._stopped = False

        stream = LogStream(definition)
        self._api = RuntimeApi(self)
        try:
            self._launch = builder.prepare(
                definition, assume_role(definition), self._api.address, stream.name
            )
        except BaseException:
            self._api.close()
            raise
        reader, writer = os.pipe()
        self._output = FunctionOutput(reader, stream, self._launch.as_on_aws)
        self._output.write(initialization_start(definition))
        self._started_at = time.monotonic()
        self._process = self._start_process(writer)
        os.close(writer)
        threading.Thread(target=self._await_exit, name="function-exit", daemon=True).start()

    @property
    def reusable(self) -> bool:
        """Whether it can take another invocation."""
        fresh = time.monotonic() - self._started_at < _LONGEST_LIFE
        with self._changed:
            return fresh and self._init_seconds_taken is not None and not self._over

    def run(self, invocation: Invocation) -> Outcome:
        """Run one invocation to its end, whatever that is.

        Raises:
            WorkerGone: The process, warm until now, ended before it took the invocation.
        """
        self._output.begin()
        self._memory.watch(self._process.pid, self.definition.memory_mb * MEBIBYTE, self._exceed_memory)
        try:
            answer = self._answer_of(invocation)
        finally:
            self._peak_bytes = max(self._peak_bytes, self._memory.forget(self._process.pid))
        self._output.drain()
        self._output.write(
            f"END RequestId: {invocation.request_id}", self._report(invocation, answer, time.monotonic())
        )
        return Outcome(
            request_id=invocation.request_id,
            payload=answer.payload,
            failed=answer.failed,
            log_tail=self._output.tail(),
            executed_version=self.definition.version,
        )

    def kill(self) -> None:
        """Send the end to the process and its children, without waiting for it."""
        end_family(self._process.pid, MARK, self._launch.variables[MARK])

    def stop(self) -> None:
        """End the process with its children and everything that served it."""
        with self._changed:
            if self._stopped:
                return
            self._stopped = True
            running = self._exit_code is None
            self._changed.notify_all()
        if running:
            self.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()
        self._api.close()
        self._output.close()
        self._launch.clean()

    # Called by the Runtime API's threads

    def next_invocation(self) -> tuple[Invocation, int] | None:
        """See `RuntimeEvents`."""
        with self._changed:
            if self._init_seconds_taken is None:
                self._init_seconds_taken = time.monotonic() - self._started_at
            self._changed.wait_for(lambda: self._pending or self._over)
            if self._over or self._pending is None:
                return None
            invocation, self._pending = self._pending, None
        self._output.drain()
        self._output.write(self._start_line(invocation))
        with self._changed:
            self._current = invocation
            self._answer = None
            self._picked_up_at = time.monotonic()
            self._deadline = self._picked_up_at + self.definition.timeout_seconds
            self._changed.notify_all()
        return invocation, int((time.time() + self.definition.timeout_seconds) * 1000)

    def invocation_answered(self, request_id: str, payload: bytes, *, failed: bool) -> None:
        """See `RuntimeEvents`."""
        if len(payload) > MAX_RESPONSE_BYTES:
            failed = True
            payload = error_payload(
                "Function.ResponseSizeTooLarge",
                f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes).",
            )
        if failed:
            payload = self._launch.as_on_aws(payload)
        with self._changed:
            if self._current is not None and self._current.request_id == request_id:
                self._answer = _Answer(payload, failed)
                self._changed.notify_all()

    def initialization_failed(self, payload: bytes) -> None:
        """See `RuntimeEvents`."""
        payload = self._launch.as_on_aws(payload)
        with self._changed:
            self._answer = _Answer(payload, True, "error", str(json.loads(payload).get("errorType", "")))
            self._changed.notify_all()

    # The course of an invocation

    @property
    def _over(self) -> bool:
        return self._exit_code is not None or self._stopped

    def _answer_of(self, invocation: Invocation) -> _Answer:
        begun = time.monotonic()
        with self._changed:
            warm = self._init_seconds_taken is not None
            self._answer = None if warm else self._answer
            self._pending = invocation
            self._changed.notify_all()
            limit = self.definition.timeout_seconds + (0 if warm else self._init_seconds)
            self._changed.wait_for(lambda: self._current is invocation or self._settled, timeout=limit)
            if self._current is invocation:
                remaining = max(0.0, self._deadline - time.monotonic())
                self._changed.wait_for(lambda: self._settled, timeout=remaining)
            elif warm and self._over:
                raise WorkerGone
            else:
                self._pending = None
                # The time limit begins when the time for the initialization is over.
                self._picked_up_at = max(begun, time.monotonic() - self.definition.timeout_seconds)
                self._output.drain()
                self._output.write(self._start_line(invocation))
            answer = self._answer
            self._current = None
            if answer is None and self._over:
                return self._exited(invocation)
        if answer is not None:
            return answer
        self.kill()
        self._process.wait()
        return self._timed_out(invocation)

    @property
    def _settled(self) -> bool:
        return self._answer is not None or self._over

    def _exited(self, invocation: Invocation) -> _Answer:
        message = f"RequestId: {invocation.request_id} Error: {exit_message(self._exit_code)}"
        self._output.drain()
        self._output.write(message)
        error_type = "Runtime.OutOfMemory" if self._out_of_memory else "Runtime.ExitError"
        return _Answer(error_payload("Runtime.ExitError", message), True, "error", error_type)

    def _timed_out(self, invocation: Invocation) -> _Answer:
        message = f"Task timed out after {self.definition.timeout_seconds:.2f} seconds"
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._output.drain()
        self._output.write(f"{now} {invocation.request_id} {message}")
        payload = error_payload("Sandbox.Timedout", f"RequestId: {invocation.request_id} Error: {message}")
        return _Answer(payload, True, "timeout")

    def _start_line(self, invocation: Invocation) -> str:
        return f"START RequestId: {invocation.request_id} Version: {self.definition.version}"

    def _report(self, invocation: Invocation, answer: _Answer, now: float) -> str:
        init_seconds = None if self._init_reported else self._init_seconds_taken
        self._init_reported = True
        return invocation_report(
            request_id=invocation.request_id,
            seconds=now - self._picked_up_at,
            memory_mb=self.definition.memory_mb,
            peak_bytes=self._peak_bytes,
            init_seconds=init_seconds,
            status=answer.status,
            error_type=answer.error_type,
        )

    # The process

    def _start_process(self, output: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._launch.command,
            env=self._launch.variables,
            cwd=self._launch.working_directory,
            stdin=subprocess.PIPE,  # the lifeline: never written to, closed by our end
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def _await_exit(self) -> None:
        exit_code = self._process.wait()
        self.kill()  # what it started and left behind
        with self._changed:
            self._exit_code = exit_code
            self._changed.notify_all()

    def _exceed_memory(self) -> None:
        self._out_of_memory = True
        self.kill()
