"""Kinesis data streams: moto's API over shards that keep their order, however many records they have."""

from millpond.kinesis.service import StreamService, find_stream, install
from millpond.kinesis.shards import OrderedShard
from millpond.kinesis.streams import OrderedStream
from millpond.kinesis.watch import ShardWatch

__all__ = ["OrderedShard", "OrderedStream", "ShardWatch", "StreamService", "find_stream", "install"]
