"""Lambda: Python functions that really run, in warm processes with AWS's own runtime client.

An invocation goes one way through the package:

    responses → service ─ (moto keeps the functions) → runtime
    event_sources ─┐                                     │
    asynchronous ──┴──────────────→ pool → worker ⇄ runtime_api ⇄ the function's process

`definition` is what all of them pass on: how a function runs, one invocation, its outcome.
`environment` lays out what the process sees (`archives`, `layers`, `distributions`,
`credentials`), `logs` and `memory` watch over it while it runs.
"""

from __future__ import annotations

import moto.awslambda.models

from millpond.functions.runtime import FunctionRuntime
from millpond.functions.service import FunctionService
from millpond.functions.settings import FunctionSettings
from millpond.s3 import ObjectStorage

__all__ = ["FunctionRuntime", "FunctionService", "FunctionSettings", "install"]


def install(settings: FunctionSettings, storage: ObjectStorage) -> FunctionRuntime:
    """Put this service in the place of moto's; once per process, before the first request.

    SQS must be `millpond.sqs`'s: moto's own queues call functions from within a send.
    """
    FunctionService.runtime = FunctionRuntime(settings)
    FunctionService.storage = storage
    moto.awslambda.models.lambda_backends.backend = FunctionService
    return FunctionService.runtime
