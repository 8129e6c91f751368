"""An event source mapping as the API shows it: with what holds where nothing is said."""

from __future__ import annotations

from typing import Any, Final

from moto.awslambda.models import EventSourceMapping

_EVERYWHERE: Final[dict[str, Any]] = {"FunctionResponseTypes": [], "MaximumBatchingWindowInSeconds": 0}
_OF_A_STREAM: Final[dict[str, Any]] = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}


def described(mapping: EventSourceMapping, last_result: str) -> dict[str, Any]:
    """A mapping.

    Args:
        mapping: As it is kept.
        last_result: What came of the last batch, which only streams tell.
    """
    shown = {**_EVERYWHERE, **mapping.get_configuration(), "StateTransitionReason": "USER_INITIATED"}
    if ":kinesis:" in mapping.event_source_arn:
        shown = {**_OF_A_STREAM, **shown, "StateTransitionReason": "User action"}
        shown["LastProcessingResult"] = last_result
    return shown


def already_mapped(mapping: EventSourceMapping, function_name: str) -> str:
    """Why a second mapping of the same source and function is refused."""
    arn = mapping.event_source_arn
    if ":kinesis:" in arn:
        said = f'The event source arn (" {arn} ") and function (" {function_name} ") provided mapping'
    else:
        said = f'An event source mapping with SQS arn (" {arn} ") and function (" {function_name} ")'
    return f"{said} already exists. Please update or delete the existing mapping with UUID {mapping.uuid}"
