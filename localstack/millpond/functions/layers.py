"""Layers: the user's own, from the service, and AWS's public ones, from what is installed here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.functions.archives import ZipArchive
from millpond.functions.distributions import DistributionSet
from millpond.functions.exceptions import InvalidParameterValue

LAYER_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):layer:(?P<name>[\w-]+):(?P<version>\d+)"
)


@dataclass(frozen=True)
class PublicLayer:
    """A layer that AWS publishes, and the packages that it consists of.

    Attributes:
        title: How its documentation calls it.
        account: The account that publishes it, in every region.
        name: A pattern for its names, which carry Python's version and the architecture.
        packages: The same packages, to be found in Millpond's own environment.
    """

    title: str
    account: str
    name: str
    packages: DistributionSet


# https://aws-sdk-pandas.readthedocs.io/en/stable/layers.html
# https://docs.powertools.aws.dev/lambda/python/latest/#lambda-layer
PUBLIC_LAYERS = (
    PublicLayer(
        "AWS SDK for pandas",
        "336392948345",
        r"AWSSDKPandas-Python3\d+(-Arm64)?",
        DistributionSet(("awswrangler",)),
    ),
    PublicLayer(
        "Powertools for AWS Lambda",
        "017000801446",
        r"AWSLambdaPowertoolsPythonV3-python3\d+-(x86_64|arm64)",
        DistributionSet(("aws-lambda-powertools[all]",)),
    ),
)

Layer = ZipArchive | DistributionSet


def public_layer(arn: str) -> PublicLayer | None:
    """The public layer that an ARN names, None if it is none that Millpond knows."""
    match = LAYER_ARN.fullmatch(arn)
    if match is None:
        return None
    for layer in PUBLIC_LAYERS:
        if layer.account == match["account"] and re.fullmatch(layer.name, match["name"]):
            return layer
    return None


def unknown_layer(arn: str) -> InvalidParameterValue:
    """The error for a layer that neither the user nor this table has."""
    known = ", ".join(f"{layer.title} (account {layer.account})" for layer in PUBLIC_LAYERS)
    return InvalidParameterValue(
        f"Layer version {arn} does not exist here. Publish it with PublishLayerVersion; "
        f"the public layers that the local cloud answers are: {known}."
    )


def check_layers(arns: Sequence[str]) -> None:
    """Refuse layers that a function cannot have together.

    Raises:
        InvalidParameterValue: They are too many, or two of them are versions of the same one.
    """
    if len(arns) > _MOST_LAYERS:
        raise InvalidParameterValue(f"Cannot reference more than {_MOST_LAYERS} layers.")
    seen: dict[str, str] = {}
    for arn in arns:
        layer = arn.rpartition(":")[0]
        if layer in seen:
            raise InvalidParameterValue(
                "Two different versions of the same layer are not allowed to be referenced in the same "
                f"function. {seen[layer]} and {arn} are versions of the same layer."
            )
        seen[layer] = arn


_MOST_LAYERS = 5
