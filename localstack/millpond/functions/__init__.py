"""Lambda: Python functions that really run, in warm processes with AWS's own runtime client."""

from __future__ import annotations

import moto.awslambda.models

from millpond.functions.runtime import FunctionRuntime
from millpond.functions.service import FunctionService
from millpond.functions.settings import FunctionSettings

__all__ = ["FunctionRuntime", "FunctionService", "FunctionSettings", "install"]


def install(settings: FunctionSettings) -> FunctionRuntime:
    """Put this service in the place of moto's; once per process, before the first request.

    SQS must be `millpond.sqs`'s: moto's own queues call functions from within a send.
    """
    FunctionService.runtime = FunctionRuntime(settings)
    moto.awslambda.models.lambda_backends.backend = FunctionService
    return FunctionService.runtime
