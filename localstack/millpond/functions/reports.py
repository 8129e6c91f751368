"""What the platform itself says about an invocation: log lines and error objects, in AWS's words."""

from __future__ import annotations

import json
import platform
import signal

from millpond.functions.definition import FunctionDefinition
from millpond.functions.memory import MEBIBYTE


def error_payload(error_type: str, message: str) -> bytes:
    """The object that a caller gets when the platform ended an invocation."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def exit_message(exit_code: int | None) -> str:
    """Why the runtime is gone, by the exit code of its process."""
    if exit_code is None or exit_code == 0:
        return "Runtime exited without providing a reason"
    if exit_code < 0:
        reason = signal.strsignal(-exit_code) or str(-exit_code)
        return f"Runtime exited with error: signal: {reason.lower()}"
    return f"Runtime exited with error: exit status {exit_code}"


def initialization_start(definition: FunctionDefinition) -> str:
    """The line that begins an environment's log; tells which Python really runs the function."""
    version = definition.runtime.removeprefix("python")
    return (
        f"INIT_START Runtime Version: python:{version} "
        f"(CPython {platform.python_version()})\tRuntime Version ARN: -"
    )


def invocation_report(
    *,
    request_id: str,
    seconds: float,
    memory_mb: int,
    peak_bytes: int,
    init_seconds: float | None,
    status: str | None,
    error_type: str | None,
) -> str:
    """The REPORT line."""
    milliseconds = seconds * 1000
    fields = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {milliseconds:.2f} ms",
        f"Billed Duration: {int(-(-milliseconds // 1))} ms",
        f"Memory Size: {memory_mb} MB",
        f"Max Memory Used: {-(-peak_bytes // MEBIBYTE)} MB",
    ]
    if init_seconds is not None:
        fields.append(f"Init Duration: {init_seconds * 1000:.2f} ms")
    if status:
        fields.append(f"Status: {status}")
    if error_type:
        fields.append(f"Error Type: {error_type}")
    return "\t".join(fields)
