"""What is said about asynchronous invocations of a function, a version or an alias.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.events.models import events_backends

from millpond.delivery import exists
from millpond.functions.exceptions import InvalidParameterValue, UnsupportedFeature
from millpond.functions.target import AsyncPolicy

LATEST = "$LATEST"

_MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
_KINDS = ("OnSuccess", "OnFailure")


@dataclass(frozen=True)
class EventInvokeConfig:
    """The settings for one qualifier.

    Attributes:
        settings: The members that PutFunctionEventInvokeConfig was given.
        last_modified: In seconds since 1970.
    """

    settings: Mapping[str, Any]
    last_modified: float = field(default_factory=time.time)

    @classmethod
    def of_request(cls, request: Mapping[str, Any], function_arn: str) -> EventInvokeConfig:
        """Read a request.

        Raises:
            InvalidParameterValue: It says nothing, or a destination is not valid.
            UnsupportedFeature: A destination is of a kind that gets no records here.
        """
        settings = {name: request[name] for name in _MEMBERS if request.get(name) is not None}
        if not settings:
            raise InvalidParameterValue(
                "You must specify at least one of error handling or destination setting."
            )
        destinations = settings.get("DestinationConfig") or {}
        for kind in _KINDS:
            _check_destination((destinations.get(kind) or {}).get("Destination"), function_arn, destinations)
        return cls(settings)

    def described(self, function_arn: str, qualifier: str) -> dict[str, Any]:
        """As the API shows it."""
        given = self.settings.get("DestinationConfig") or {}
        return {
            **self.settings,
            "DestinationConfig": {kind: given.get(kind) or {} for kind in _KINDS},
            "FunctionArn": f"{function_arn}:{qualifier}",
            "LastModified": self.last_modified,
        }

    def policy(self, dead_letter: str | None) -> AsyncPolicy:
        """What becomes of invocations; the dead-letter queue belongs to the function's configuration."""
        destinations = self.settings.get("DestinationConfig") or {}
        return AsyncPolicy(
            max_retries=self.settings.get("MaximumRetryAttempts", 2),
            max_age_seconds=self.settings.get("MaximumEventAgeInSeconds", 6 * 3600),
            on_success=(destinations.get("OnSuccess") or {}).get("Destination"),
            on_failure=(destinations.get("OnFailure") or {}).get("Destination"),
            dead_letter=dead_letter,
        )


NOTHING_SAID = EventInvokeConfig({})


def check_record_destination(arn: str) -> None:
    """Refuse destinations that AWS has and that get no records here.

    Raises:
        UnsupportedFeature: It is a bucket.
    """
    if arn.split(":")[2:3] == ["s3"]:
        raise UnsupportedFeature("buckets as destinations of invocation records; use a queue or a topic")


def _check_destination(arn: str | None, function_arn: str, given: Mapping[str, Any]) -> None:
    if not arn:
        return
    check_record_destination(arn)
    _, _, service, region, account_id, resource = (arn.split(":", 5) + [""] * 6)[:6]
    if service not in ("sqs", "sns", "lambda", "events"):
        shown = ", ".join(f"{kind[0].lower()}{kind[1:]}={_shown(kind, given.get(kind))}" for kind in _KINDS)
        raise InvalidParameterValue(f"The provided destination config DestinationConfig({shown}) is invalid.")
    if service == "lambda" and ":".join(arn.split(":")[:7]) == function_arn:
        raise InvalidParameterValue("You can't specify the function as a destination for itself.")
    known = (
        resource.rpartition("/")[2] in events_backends[account_id][region].event_buses
        if service == "events"
        else exists(arn)
    )
    if not known:
        raise InvalidParameterValue(f"The destination ARN {arn} is invalid.")


def _shown(kind: str, given: Mapping[str, Any] | None) -> str:
    return f"{kind}(destination={given.get('Destination')})" if given else "null"
