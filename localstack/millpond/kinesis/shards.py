"""A shard: records in the order of their arrival, each found by its sequence number at once."""

from __future__ import annotations

import datetime
from typing import Any

from moto.kinesis.models import Record, Shard

# As long as AWS's; clients treat sequence numbers as opaque texts that sort by their value.
_FIRST = 49_600_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000_000
# What GetRecords answers at most, in bytes.
_MOST_BYTES = 10 * 1024 * 1024


class OrderedShard(Shard):
    """Takes moto's place, which looks through every record at each put and read; its stream locks it."""

    def __init__(
        self,
        shard_id: int,
        starting_hash: int,
        ending_hash: int,
        parent: str | None = None,
        adjacent_parent: str | None = None,
    ) -> None:
        super().__init__(shard_id, starting_hash, ending_hash, parent, adjacent_parent)
        self._kept: list[Record] = []
        self._forgotten = 0

    def put_record(self, partition_key: str, data: str, explicit_hash_key: str) -> str:
        """Append a record; returns its sequence number."""
        number = _FIRST + self._forgotten + len(self._kept)
        self._kept.append(Record(partition_key, data, number, explicit_hash_key))
        return str(number)

    def forget_before(self, moment: datetime.datetime) -> None:
        """Let go of the records that are older than this."""
        stale = 0
        while stale < len(self._kept) and self._kept[stale].created_at_datetime < moment:
            stale += 1
        if stale:
            del self._kept[:stale]
            self._forgotten += stale

    def get_records(self, last_sequence_id: str | int, limit: int | None) -> tuple[list[Record], int, int]:
        """The records after a number, the last one's number, and by how many milliseconds it is behind."""
        after = int(last_sequence_id)
        begin = max(after - _FIRST - self._forgotten + 1, 0)
        found: list[Record] = []
        size = 0
        for record in self._kept[begin : begin + (limit or 10_000)]:
            size += len(record.data) * 3 // 4
            if found and size > _MOST_BYTES:
                break
            found.append(record)
        if not found:
            return [], after, 0
        newest = self._kept[-1]
        behind = int((newest.created_at - found[-1].created_at) * 1000)
        return found, found[-1].sequence_number, behind

    def has_more(self, after: int) -> bool:
        """Whether there is a record after a sequence number."""
        return bool(self._kept) and self._kept[-1].sequence_number > after

    def get_min_sequence_number(self) -> int:
        """The number that the oldest record has, or the first one will have."""
        return _FIRST + self._forgotten

    def get_max_sequence_number(self) -> int:
        """The newest record's number."""
        return _FIRST + self._forgotten + len(self._kept) - 1

    def get_sequence_number_at(self, at_timestamp: Any) -> int:
        """The number of the last record before a moment."""
        moment = at_timestamp.timestamp() if isinstance(at_timestamp, datetime.datetime) else at_timestamp
        earlier = sum(1 for record in self._kept if record.created_at < float(moment))
        return _FIRST + self._forgotten + earlier - 1
