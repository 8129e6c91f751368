"""Step Functions: state machines that run, each task under the machine's role.

moto has an interpreter of the Amazon States Language, which it uses only when told to. `interpreter` lets it
call this cloud under a role and adds what it lacks; `service` keeps the machines and their executions.

    urls → responses → service (machines, executions) → interpreter → this cloud's endpoint, by role
"""

from __future__ import annotations

from millpond.stepfunctions.runtime import StepFunctionsRuntime, install

__all__ = ["StepFunctionsRuntime", "install"]
