"""A record on its way through a delivery stream."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class DeliveryRecord:
    """A record.

    Attributes:
        data: What it carries now.
        arrived_at: When Firehose got it.
        keys: Of dynamic partitioning: from queries and from the function, as prefixes name them.
        raw: What it carried at first; the same unless a processor changed it.
        id: What PutRecord answered, or shard and sequence number in a stream.
        sequence_number: Of a record that comes from a stream.
    """

    data: bytes
    arrived_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    keys: Mapping[str, str] = field(default_factory=dict)
    raw: bytes = b""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    sequence_number: str | None = None


@dataclass(frozen=True)
class FailedRecord:
    """A record that goes to the error prefix.

    Attributes:
        kind: The error output type, `processing-failed` or `format-conversion-failed`.
        source: What failed: a function's ARN or a table.
        attempts: How often it was tried.
    """

    record: DeliveryRecord
    kind: str
    code: str
    message: str
    source: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1
