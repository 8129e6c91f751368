"""Puts records into Kinesis, again and again those that it did not take.

PutRecords is no transaction: it answers for each record whether it was taken
(https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from collect_events.exceptions import StreamBusy

_ATTEMPTS: Final = 4
_FIRST_PAUSE_SECONDS: Final = 0.05
# What one call takes: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
_MOST_BYTES: Final = 5 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """A record of the stream.

    Attributes:
        at: The place in the request of the event that it holds.
        key: What keeps records in order that have it in common.
        data: The event.
    """

    at: int
    key: str
    data: bytes

    @property
    def size(self) -> int:
        """Its bytes, as Kinesis counts them."""
        return len(self.data) + len(self.key.encode())


class KinesisClient(Protocol):
    """What is used of boto3's client."""

    def put_records(self, *, StreamName: str, Records: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:  # noqa: N803  boto3's
        """Put up to 500 records; answers for each one, in their order."""


class EventStream:
    """A stream of Kinesis."""

    def __init__(self, kinesis: KinesisClient, name: str, pause: Callable[[float], None]) -> None:
        self._kinesis = kinesis
        self._name = name
        self._pause = pause

    def put(self, records: Sequence[Record]) -> None:
        """Put records into the stream.

        Raises:
            StreamBusy: It did not take some of them, however often they were sent.
        """
        left = list(records)
        for attempt in range(_ATTEMPTS):
            if attempt:
                self._pause(_FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311  no secret
            left = [record for batch in _batches(left) for record in self._put_batch(batch)]
            if not left:
                return
        raise StreamBusy(tuple(record.at for record in left))

    def _put_batch(self, batch: Sequence[Record]) -> list[Record]:
        """Put one batch; returns what was not taken."""
        entries = [{"Data": record.data, "PartitionKey": record.key} for record in batch]
        result = self._kinesis.put_records(StreamName=self._name, Records=entries)
        return [
            record for record, outcome in zip(batch, result["Records"], strict=True) if "ErrorCode" in outcome
        ]


def _batches(records: Sequence[Record]) -> list[list[Record]]:
    """Records in calls of a size that Kinesis takes."""
    batches: list[list[Record]] = []
    size = _MOST_BYTES
    for record in records:
        if size + record.size > _MOST_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(record)
        size += record.size
    return batches


def partition_key(values: Mapping[str, object], keys: Sequence[str]) -> str:
    """What spreads events over the stream, and keeps those of one visit in order."""
    found = values.get("session_id") or "/".join(str(values[key]) for key in keys)
    return str(found)[:256]
