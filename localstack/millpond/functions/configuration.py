"""What a function may be configured with here, as tables and as the refusal of everything else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.exceptions import ValidationException

from millpond.functions.environment import RESERVED_VARIABLES
from millpond.functions.exceptions import InvalidParameterValue, UnsupportedFeature

# All of them run on the Python that Millpond runs on; INIT_START in the log tells which one that is.
RUNTIMES = tuple(f"python3.{minor}" for minor in range(9, 15))

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_LIMITS = {"Timeout": (1, 900), "MemorySize": (128, 10_240)}
_MOST_VARIABLE_BYTES = 4096

# What AWS has and is not done here: the name to be told, and whether a request asks for it.
_UNSUPPORTED: tuple[tuple[str, Callable[[dict[str, Any]], bool]], ...] = (
    (
        "functions from container images; use a zip file",
        lambda spec: spec.get("PackageType") == "Image" or "ImageUri" in (spec.get("Code") or spec),
    ),
    ("functions with file systems (FileSystemConfigs)", lambda spec: bool(spec.get("FileSystemConfigs"))),
    ("SnapStart", lambda spec: (spec.get("SnapStart") or {}).get("ApplyOn", "None") != "None"),
)


def check_new_function(spec: dict[str, Any]) -> None:
    """Refuse a function that cannot run here.

    Raises:
        UnsupportedFeature: It is a container image, not written in Python, or needs what is not done.
        InvalidParameterValue: A parameter is missing or wrong.
    """
    check_changes(spec)
    if not spec.get("Runtime") or not spec.get("Handler"):
        raise InvalidParameterValue(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )


def check_changes(spec: dict[str, Any]) -> None:
    """Refuse a change of code or configuration; raises as `check_new_function` does."""
    for feature, is_wanted in _UNSUPPORTED:
        if is_wanted(spec):
            raise UnsupportedFeature(feature)
    runtime = spec.get("Runtime")
    if runtime is not None and runtime not in RUNTIMES:
        known = ", ".join(RUNTIMES)
        raise UnsupportedFeature(f"the runtime {runtime}; it runs Python functions only ({known})")
    for parameter, (least, most) in _LIMITS.items():
        value = spec.get(parameter)
        if value is not None and not least <= value <= most:
            side, bound = ("less", most) if value > most else ("greater", least)
            message = f"Member must have value {side} than or equal to {bound}"
            raise ValidationException(str(value), parameter[0].lower() + parameter[1:], message)
    variables = (spec.get("Environment") or {}).get("Variables") or {}
    reserved = sorted(RESERVED_VARIABLES & variables.keys())
    if reserved:
        raise InvalidParameterValue(
            "Lambda was unable to configure your environment variables because the environment variables "
            "you have provided contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    _check_size(variables)


def _check_size(variables: Mapping[str, str]) -> None:
    """Refuse more variables than fit into 4 KB, as JSON: that is how AWS measures them."""
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > _MOST_VARIABLE_BYTES:
        raise InvalidParameterValue(
            "Lambda was unable to configure your environment variables because the environment variables "
            f"you have provided exceeded the 4KB limit. String measured: {measured}"
        )
