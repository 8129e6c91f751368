"""What PutBucketNotificationConfiguration asks for, read from its XML as moto's S3 takes it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
"""

from __future__ import annotations

from typing import Any, Final

import xmltodict  # type: ignore[import-untyped]  # it has no stubs
from moto.s3.exceptions import InvalidArgumentError, MalformedXML

# The service of the destinations of each kind of rule.
_SERVICES: Final = {"Topic": "sns", "Queue": "sqs", "CloudFunction": "lambda"}
_FILTERS: Final = ("prefix", "suffix")
# A header of the request, which goes with what the body says.
SKIP_VALIDATION: Final = "SkipDestinationValidation"


def notification_configuration(body: bytes | str) -> dict[str, Any]:
    """Read a request; one that names no destination takes away what there was.

    Raises:
        InvalidArgumentError: An ARN is none, or a filter is neither by prefix nor by suffix.
        MalformedXML: A part is missing.
    """
    asked = xmltodict.parse(body).get("NotificationConfiguration") or {}
    configuration: dict[str, Any] = {}
    if "EventBridgeConfiguration" in asked:
        configuration["EventBridgeConfiguration"] = {}
    for kind in _SERVICES:
        name = f"{kind}Configuration"
        try:
            rules = [_rule(kind, rule) for rule in _listed(asked.get(name))]
        except (KeyError, TypeError):
            raise MalformedXML from None
        if rules:
            configuration[name] = rules
    return configuration


def _rule(kind: str, asked: dict[str, Any]) -> dict[str, Any]:
    arn = asked[kind]
    parts = arn.split(":")
    if len(parts) < 6 or parts[0] != "arn" or parts[2] != _SERVICES[kind]:
        raise InvalidArgumentError("The ARN could not be parsed", kind, arn)
    rule = {**asked, "Event": _listed(asked["Event"])}
    if asked.get("Filter"):
        filters = _listed((asked["Filter"]["S3Key"] or {}).get("FilterRule"))
        rule["Filter"] = {"S3Key": {"FilterRule": [_filter(part) for part in filters]}}
    return rule


def _filter(asked: dict[str, Any]) -> dict[str, str]:
    name = asked["Name"].lower()
    if name not in _FILTERS:
        raise InvalidArgumentError(
            "filter rule name must be either prefix or suffix", "FilterRule.Name", asked["Name"]
        )
    return {"Name": name, "Value": asked.get("Value") or ""}


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
