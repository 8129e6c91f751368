"""Follows the shards of a stream: one thread for each, parents before children."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from moto.kinesis.models import Shard

from millpond.kinesis.service import find_stream
from millpond.kinesis.streams import OrderedStream

_MISSING_SECONDS = 0.5
_LONGEST_WAIT = 60.0
_BEGIN = 0

# Reads a shard after a record; says whether it has come to the end of it.
ReadShard = Callable[[OrderedStream, Shard, int], bool]


class ShardWatch:
    """Reads every shard of a stream until it is stopped.

    A shard that another was split or merged into is begun when its parents have been read to their ends.

    Args:
        stream_arn: The stream, which may come to be later, or again.
        begin: After which record reading begins, of a shard that is there now; of later ones all is read.
        read: Reads a shard, on a thread of its own, until its end or until `is_over`.
    """

    def __init__(self, stream_arn: str, begin: Callable[[Shard], int], read: ReadShard) -> None:
        self._stream_arn = stream_arn
        self._read = read
        self._stopped = threading.Event()
        self._finished: set[str] = set()
        self._started: set[str] = set()
        stream = find_stream(stream_arn)
        self._begin = {shard.shard_id: begin(shard) for shard in stream.shards.values()} if stream else {}
        self._thread = threading.Thread(target=self._look_for_shards, name="shard-watch", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Begin to end; what is being worked on comes to its end. Returns at once."""
        self._stopped.set()
        if (stream := find_stream(self._stream_arn)) is not None:
            stream.wake()

    def join(self, timeout: float) -> None:
        """Wait for the end."""
        self._thread.join(timeout)

    def is_stopped(self) -> bool:
        """Whether nothing more is to be read."""
        return self._stopped.is_set()

    def is_over(self, stream: OrderedStream) -> bool:
        """Whether nothing more is to be read of this stream, which may have been deleted."""
        return self._stopped.is_set() or find_stream(self._stream_arn) is not stream

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until `stop`."""
        self._stopped.wait(seconds)

    def await_records(
        self, stream: OrderedStream, shard: Shard, after: int, count: int, timeout: float = _LONGEST_WAIT
    ) -> None:
        """Wait for so many records of a shard; less if it is closed, or nothing is to be read any more."""

        def enough() -> bool:
            found = len(stream.read(shard.shard_id, after, count))
            return found >= count or not shard.is_open or self.is_over(stream)

        stream.wait(enough, timeout)

    def _look_for_shards(self) -> None:
        while not self._stopped.is_set():
            stream = find_stream(self._stream_arn)
            if stream is None:
                self._stopped.wait(_MISSING_SECONDS)
                continue
            for shard in list(stream.shards.values()):
                if shard.shard_id not in self._started and self._parents_are_read(shard):
                    self._started.add(shard.shard_id)
                    name = f"kinesis-{shard.shard_id}"
                    threading.Thread(
                        target=partial(self._follow, stream, shard), name=name, daemon=True
                    ).start()
            stream.wait(partial(self._may_go_on, stream), _LONGEST_WAIT)

    def _follow(self, stream: OrderedStream, shard: Shard) -> None:
        if self._read(stream, shard, self._begin.get(shard.shard_id, _BEGIN)):
            self._finished.add(shard.shard_id)
            stream.wake()

    def _parents_are_read(self, shard: Shard) -> bool:
        return {shard.parent, shard.adjacent_parent} - {None} <= self._finished

    def _may_go_on(self, stream: OrderedStream) -> bool:
        """Whether there is a shard to begin, or nothing to read any more."""
        return self.is_over(stream) or any(
            shard.shard_id not in self._started and self._parents_are_read(shard)
            for shard in stream.shards.values()
        )
