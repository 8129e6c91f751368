"""Events: as PutEvents takes them, and as targets see them.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from millpond.events.exceptions import InvalidParameter

_MOST_BYTES = 1_048_576

Event = dict[str, Any]


def new_event(
    account_id: str,
    region: str,
    source: str,
    detail_type: str,
    detail: Any,
    resources: list[str] | None = None,
    moment: datetime | None = None,
) -> Event:
    """An event as its targets see it.

    https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
    """
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account_id,
        "time": (moment or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": resources or [],
        "detail": detail,
    }


class EntryRefused(Exception):
    """One entry of PutEvents is not taken; the others may be.

    Attributes:
        answer: What stands in its place in the answer.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.answer = {"ErrorCode": code, "ErrorMessage": message}


def check_entries(entries: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a call as a whole.

    Raises:
        InvalidParameter: The entries are too long together.
    """
    if sum(_size(entry) for entry in entries) > _MOST_BYTES:
        raise InvalidParameter("Total size of the entries in the request is over the limit.")


def check_custom(entry: Mapping[str, Any]) -> None:
    """Refuse an entry that pretends to come from AWS.

    Raises:
        EntryRefused: Its source is one of AWS's.
    """
    if str(entry.get("Source") or "").startswith("aws."):
        raise EntryRefused("NotAuthorizedForSourceException", "Not authorized for the source.")


def event_of(entry: Mapping[str, Any], account_id: str, region: str) -> Event:
    """The event that an entry stands for.

    Raises:
        EntryRefused: A part is missing, or the detail is no JSON object.
    """
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            raise EntryRefused(
                "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
            )
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    if not isinstance(detail, dict):
        raise EntryRefused("MalformedDetail", "Detail is malformed.")
    return new_event(
        account_id,
        region,
        entry["Source"],
        entry["DetailType"],
        detail,
        list(entry.get("Resources") or ()),
        _moment(entry.get("Time")),
    )


def _moment(given: Any) -> datetime | None:
    if given is None or isinstance(given, datetime):
        return given
    if isinstance(given, int | float):
        return datetime.fromtimestamp(given, UTC)
    try:
        return datetime.fromisoformat(str(given))
    except ValueError:
        raise EntryRefused("InvalidArgument", f"Parameter Time is not valid: {given}") from None


def _size(entry: Mapping[str, Any]) -> int:
    """As EventBridge counts it: 14 bytes for a time, and the texts."""
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")]
    return sum(len(text.encode()) for text in [*texts, *(entry.get("Resources") or ())]) + (
        14 if entry.get("Time") else 0
    )
