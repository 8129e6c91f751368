"""A stream: which shard a record goes to, who waits for it, and how shards split and merge.

https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html
"""

from __future__ import annotations

import datetime
import hashlib
import threading
from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow
from moto.kinesis.exceptions import InvalidArgumentError
from moto.kinesis.models import Record, Stream

from millpond.kinesis.shards import OrderedShard


class OrderedStream(Stream):
    """Takes moto's place: safe for many writers, readers can wait, and a closed shard keeps its records."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._changed = threading.Condition()

    def put_record(self, partition_key: str, explicit_hash_key: str, data: str) -> tuple[str, str]:
        """Append a record to the shard of its key; returns its sequence number and the shard's id."""
        with self._changed:
            shard = self._open_shard(partition_key, explicit_hash_key)
            shard.forget_before(utcnow() - datetime.timedelta(hours=self.retention_period_hours))
            number = shard.put_record(partition_key, data, explicit_hash_key)
            self._changed.notify_all()
        return number, shard.shard_id

    def read(self, shard_id: str, after: int, limit: int) -> list[Record]:
        """The records of a shard after a sequence number."""
        with self._changed:
            return self._ordered(shard_id).get_records(after, limit)[0]

    def wait(self, until: Callable[[], bool], timeout: float) -> bool:
        """Wait until something is so; looked at after each put, split or `wake`."""
        with self._changed:
            return self._changed.wait_for(until, timeout)

    def wake(self) -> None:
        """Have all who wait look again."""
        with self._changed:
            self._changed.notify_all()

    def split_shard(self, shard_to_split: str, new_starting_hash_key: str) -> None:
        """Close a shard and open two in its place; what it holds is read from it to its end."""
        with self._changed:
            shard, begin = self._open(shard_to_split), int(new_starting_hash_key)
            if not shard.starting_hash < begin < shard.ending_hash:
                raise InvalidArgumentError(
                    f"NewStartingHashKey {begin} used in SplitShard() on shard {shard_to_split} in stream "
                    f"{self.stream_name} under account {self.account_id} is not both greater than one plus "
                    f"the shard's StartingHashKey {shard.starting_hash} and less than the shard's "
                    f"EndingHashKey {shard.ending_hash - 1}."
                )
            shard.is_open = False
            self._add(shard.starting_hash, begin - 1, shard.shard_id)
            self._add(begin, shard.ending_hash, shard.shard_id)
            self._changed.notify_all()

    def merge_shards(self, shard_to_merge: str, adjacent_shard_to_merge: str) -> None:
        """Close two neighbours and open one in their place."""
        with self._changed:
            first, second = self._open(shard_to_merge), self._open(adjacent_shard_to_merge)
            lower, upper = sorted((first, second), key=lambda shard: shard.starting_hash)
            if lower.ending_hash + 1 != upper.starting_hash:
                raise InvalidArgumentError(
                    f"Shards {shard_to_merge} and {adjacent_shard_to_merge} in stream {self.stream_name} "
                    f"under account {self.account_id} are not an adjacent pair of shards eligible for merging"
                )
            first.is_open = second.is_open = False
            self._add(lower.starting_hash, upper.ending_hash, first.shard_id, second.shard_id)
            self._changed.notify_all()

    def _add(self, begin: int, end: int, parent: str, adjacent_parent: str | None = None) -> None:
        shard = OrderedShard(len(self.shards), begin, end, parent, adjacent_parent)
        self.shards[shard.shard_id] = shard

    def _open(self, shard_id: str) -> OrderedShard:
        shard = self._ordered(shard_id)
        if not shard.is_open:
            raise InvalidArgumentError(
                f"Shard {shard_id} in stream {self.stream_name} under account {self.account_id} has already "
                "been merged or split, and thus is not eligible for merging or splitting."
            )
        return shard

    def _open_shard(self, partition_key: str, explicit_hash_key: str | None) -> OrderedShard:
        if not isinstance(partition_key, str) or not 1 <= len(partition_key) <= 256:
            raise InvalidArgumentError("partitionKey must have a length between 1 and 256")
        digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).hexdigest()
        key = int(explicit_hash_key) if explicit_hash_key else int(digest, 16)
        if not 0 <= key < 2**128:
            raise InvalidArgumentError(f"Invalid ExplicitHashKey {explicit_hash_key}")
        for shard in self.shards.values():
            if shard.is_open and shard.starting_hash <= key <= shard.ending_hash:
                return self._ordered(shard.shard_id)
        raise InvalidArgumentError(f"Invalid ExplicitHashKey {explicit_hash_key}")

    def _ordered(self, shard_id: str) -> OrderedShard:
        shard = self.get_shard(shard_id)
        assert isinstance(shard, OrderedShard)  # noqa: S101 - install() has moto make no others
        return shard
