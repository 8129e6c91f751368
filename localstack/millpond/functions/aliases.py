"""Aliases: which version a name stands for, and which other one gets a share of its calls.

https://docs.aws.amazon.com/lambda/latest/dg/configuring-alias-routing.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import ValidationException
from moto.awslambda.models import LambdaAlias

from millpond.functions.exceptions import InvalidParameterValue
from millpond.functions.invoke_configs import LATEST

_WEIGHT = (
    "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, "
    "Member must have value greater than or equal to 0.0, Member must not be null]"
)


def weights_of(alias: LambdaAlias | None) -> Mapping[str, float]:
    """Which other versions get which share of an alias's calls."""
    # moto types the routing as text, and keeps the object of the request.
    routing: Any = alias.routing_config if alias else None
    return weights_in(routing)


def weights_in(routing: Mapping[str, Any] | None) -> Mapping[str, float]:
    """The same in an alias's `RoutingConfig`."""
    return (routing or {}).get("AdditionalVersionWeights") or {}


def check_routing(function_version: str, routing: Mapping[str, Any] | None) -> None:
    """Refuse what AWS does not route.

    Raises:
        InvalidParameterValue: The versions do not fit together.
        ValidationException: A weight is none.
    """
    weights = weights_in(routing)
    if len(weights) > 1:
        raise InvalidParameterValue("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for version, weight in weights.items():
        if not 0 <= weight <= 1:
            shown = f"{{{version}={float(weight)}}}"
            raise ValidationException(shown, "routingConfig.additionalVersionWeights", _WEIGHT)
        if version == function_version:
            raise InvalidParameterValue(
                f"Invalid function version {version}. Function version {version} is already included "
                "in routing configuration."
            )
        if LATEST in (version, function_version):
            raise InvalidParameterValue(
                "$LATEST is not supported for an alias pointing to more than 1 version"
            )


def described(alias: LambdaAlias) -> dict[str, Any]:
    """An alias as the API shows it."""
    shown = alias.to_json()
    if not weights_of(alias):
        del shown["RoutingConfig"]
    return shown
